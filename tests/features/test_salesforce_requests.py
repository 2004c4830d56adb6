"""Requests to Salesforce: by REST alone, of a known version, and how many a call costs."""

import re

import pytest

from integrations.jobs import check_connection
from integrations.models import CrmWrite
from integrations.simulators.salesforce import seed
from tests.factories import make_member, make_workspace
from tests.features.company import Company
from tests.features.salesforce_admin import Admin
from tests.harness.salesforce import COLLECTIONS
from tests.harness.soql import asked_of, unreadable


@pytest.fixture
def admin(company: Company) -> Admin:
    """Who connects another workspace."""
    return Admin(company.org, make_member(make_workspace()))


@pytest.mark.feature("MII-12")
def test_salesforce_is_spoken_to_by_its_rest_interface_alone(company: Company) -> None:
    company.org.act("expire-access-tokens", username=company.connection.salesforce_username)
    company.take(seed.ONE_CONTACT_NUMBER)
    company.take(seed.NOBODY_NUMBER)
    assert len(company.tasks()) == 2
    paths = {request["path"] for request in company.org.requests()}
    ours = {path for path in paths if "/v60.0/" not in path}
    assert ours == {
        "/services/oauth2/token",
        "/services/data/v51.0/search",
        "/services/data/v51.0/composite/sobjects",
    }


@pytest.mark.feature("MII-12")
def test_what_is_asked_can_be_read_by_a_parser_that_is_not_ours(
    company: Company, admin: Admin, node: str
) -> None:
    admin.connect()
    check_connection(company.connection.pk)
    company.org.fault(COLLECTIONS, "after", times=1)  # the answer is lost, and asked for
    company.take("+14155550101")
    company.take("020 7946 0018")
    company.file()

    questions = asked_of(company.org.requests())
    asked_about = {name for text in questions for name in re.findall(r"FROM (\w+)", text)}
    assert {"Organization", "User", "TaskStatus", "Task"} <= asked_about
    assert any(text.startswith("FIND") for text in questions)
    assert unreadable(node, questions) == {}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT FROM Task",
        "SELECT Id FROM Task WHERE Subject = 'O'Neill'",
        "FIND {+34910} IN PHONE FIELDS RETURNING Contact(Id)",
        "FIND {34910} IN PHONE FIELDS RETURNING Contact(Id",
        "FIND {34910} IN PHONE FIELDS RETURNING Lead(Id WHERE IsConverted is false)",
    ],
)
def test_that_parser_would_complain(node: str, text: str) -> None:
    assert list(unreadable(node, [text])) == [text]


@pytest.mark.feature("MII-13")
def test_a_connection_may_name_another_version_of_the_api(company: Company) -> None:
    company.connection.api_version = "58.0"
    company.connection.save()
    company.take(seed.ONE_CONTACT_NUMBER)
    assert [request["path"] for request in company.org.requests("/search")] == [
        "/services/data/v58.0/search"
    ]
    assert company.task()["Status"] == "Completed"
    assert "58.0" in company.page("salesforce/connection/")


@pytest.mark.feature("MII-13")
def test_a_version_that_salesforce_has_retired_is_reported_by_name(company: Company) -> None:
    company.connection.api_version = "30.0"
    company.connection.save()
    call = company.take(seed.ONE_CONTACT_NUMBER)
    assert {request["status"] for request in company.org.requests("/search")} == {410}
    assert company.tasks() == []
    reason = "Salesforce has retired API version 30.0"
    assert reason in company.page_of(call)
    write = CrmWrite.unscoped.get()
    assert reason in company.page(f"integrations/crmwrite/{write.pk}/change/")


@pytest.mark.feature("MII-31")
@pytest.mark.parametrize(
    "number",
    [
        seed.ONE_CONTACT_NUMBER,
        seed.TWO_CONTACTS_NUMBER,
        seed.CONTACT_ACCOUNT_LEAD_NUMBER,
        seed.PERSON_ACCOUNT_NUMBER,
        seed.NOBODY_NUMBER,
    ],
)
def test_a_call_costs_one_request_and_the_next_one_none(company: Company, number: str) -> None:
    company.take(number)
    assert company.spent() == 1
    company.take(number)
    assert company.spent() == 1
    assert len(company.tasks()) == 2


@pytest.mark.feature("MII-31")
@pytest.mark.parametrize("number", ["anonymous", "204", "", "sip:nobody"])
def test_a_call_without_a_number_to_look_for_costs_none(company: Company, number: str) -> None:
    company.take(number)
    assert company.spent() == 0
    assert len(company.tasks()) == 1


@pytest.mark.feature("MII-31")
def test_a_long_call_is_searched_for_at_its_beginning_and_at_its_end(company: Company) -> None:
    call = company.call(seed.ONE_CONTACT_NUMBER)
    call.send("ringing", 0)
    company.work(call)
    for minute in (20, 40, 60):
        company.let_answers_age(minutes=20)
        call.send("held", minute * 60, answered_at=5)
        company.work(call)
        call.send("resumed", minute * 60 + 30, answered_at=5)
        company.work(call)
    assert len(company.searches()) == 1
    call.send("ended", 4000, answered_at=5, ended_at=4000)
    assert company.record(call)["WhoId"]
    assert len(company.searches()) == 2


@pytest.mark.feature("MII-31")
@pytest.mark.parametrize("hidden", [1, 2, 3, 4])
def test_hidden_fields_do_not_make_a_call_cost_more_than_three(
    company: Company, hidden: int
) -> None:
    for field in ("HomePhone", "OtherPhone", "AssistantPhone", "MobilePhone")[:hidden]:
        error = {
            "errorCode": "INVALID_FIELD",
            "message": f"No such column '{field}' on entity 'Contact'. If you are attempting",
        }
        company.org.fault("/search$", "status", status=400, body=[error], times=1)
    company.take(seed.ONE_CONTACT_NUMBER)
    company.wait_for_answers()
    assert len(company.searches()) == min(hidden + 1, 3)
    assert bool(company.task()["WhoId"]) is (hidden < 3)
    company.take(seed.ONE_LEAD_NUMBER)
    assert company.tasks()[-1]["WhoId"], "what was learnt is remembered"


@pytest.mark.feature("MII-31")
@pytest.mark.parametrize("fault", ["before", "after", "cut", "status"])
def test_salesforce_in_trouble_is_not_asked_more_than_three_times_for_a_call(
    company: Company, fault: str
) -> None:
    company.org.fault("/search$", fault, status=503)
    call = company.take(seed.ONE_CONTACT_NUMBER)
    company.wait_for_answers()
    assert len(company.searches()) == 3
    assert company.task()["WhoId"] is None
    assert "The search in Salesforce failed" in company.page_of(call)
