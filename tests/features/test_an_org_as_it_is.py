"""An org that nobody has prepared, the numbers in it, whose the records are, and what it costs."""

import pytest

from calls.models import Call
from integrations.simulators.salesforce import seed
from tests.features.company import Company
from tests.harness.salesforce import COLLECTIONS
from tests.harness.soql import asked_of


@pytest.mark.feature("MIX-06")
def test_everything_works_in_an_org_that_nobody_has_customised(company: Company) -> None:
    company.org.fault(COLLECTIONS, "after", times=1)  # so that the record is asked for, too
    company.take(seed.ONE_CONTACT_NUMBER)
    company.file()

    assert company.task()["WhoId"] == company.find("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    questions = asked_of(company.org.requests())
    assert len(questions) >= 2
    assert not any("__c" in text for text in questions)
    assert not any(name.endswith("__c") for name in company.task())


@pytest.mark.feature("K-07")
@pytest.mark.parametrize("dialled", ["415 555 0101", "(415) 555-0101", "+1-415-555-0101"])
def test_a_number_is_kept_as_it_came_and_matched_by_its_international_form(
    company: Company, dialled: str
) -> None:
    company.dial(dialled)

    call = Call.unscoped.get()
    assert (call.external_raw, call.external_e164) == (dialled, seed.ONE_CONTACT_NUMBER)
    task = company.task()
    assert task["WhoId"] == company.find("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    assert f" to {dialled} (" in task["Subject"]


@pytest.mark.feature("K-11")
def test_members_without_a_user_of_their_own_are_listed(company: Company) -> None:
    colleague = company.hire("202")
    page = company.page("salesforce/connection/people/")

    assert company.agent.user.email in page
    assert colleague.user.email in page
    assert "Not linked" in page
    company.take(seed.ONE_CONTACT_NUMBER)
    assert company.task()["OwnerId"] == company.user("agent@acme.test")["Id"]


@pytest.mark.feature("K-12")
def test_calls_that_end_together_cost_one_search_and_one_request(company: Company) -> None:
    reported = [company.report(seed.ONE_CONTACT_NUMBER) for _ in range(3)]
    company.work(reported[0])

    assert len(company.tasks()) == 3
    assert len(company.searches()) == 1
    writes = [one for one in company.org.requests() if "records" in one["notes"]]
    assert [one["notes"]["records"] for one in writes] == [3]
    assert [one["api_requests"] for one in writes] == [1]
