"""Outbound calls: how they were dialled, and from which record's page (RULES B3.4, B3.5)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from calls.models import Call, DialRequest, Interaction
from integrations.api_keys import make_key
from integrations.api_scopes import ApiScope
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from tests.factories import make_member
from tests.features.company import AGENT, SECOND_AGENT, Company


class Clicker:
    """A program that reports what the agent clicks, such as click-to-dial within Salesforce."""

    def __init__(self, company: Company) -> None:
        self.company = company
        with workspace_scope(company.workspace):
            maker = make_member(company.workspace)
            _, self.key = make_key(maker, "Click to dial", [ApiScope.REPORT_DIALS])

    def report(self, body: Mapping[str, Any]) -> Any:
        return Client().post(
            "/api/v1/dials/",
            dict(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.key}"},
        )

    def click(self, number: str, **more: str) -> str:
        """The agent of extension 201 dials; the id of the request."""
        agent = self.company.agent.user.email
        answer = self.report({"memberEmail": agent, "number": number, **more})
        assert answer.status_code == 201, answer.content
        return str(answer.json()["dialRequestId"])

    def dial(self, number: str, *, by: str = "201", **data: Any) -> Call:
        """The call that follows at once, all the way."""
        call = self.company.call(number, direction="outbound", started_at=datetime.now(UTC))
        call.play(extension=by, **data)
        return self.company.work(call)


@pytest.fixture
def clicker(company: Company) -> Clicker:
    return Clicker(company)


def lead_of_three(company: Company) -> str:
    """The Lead among the three records that hold one number."""
    [lead] = [
        one
        for one in company.org.records("Lead")
        if "Keane" in str(one["Name"]) or one["Phone"] == seed.CONTACT_ACCOUNT_LEAD_NUMBER
    ]
    return str(lead["Id"])


@pytest.mark.feature("MII-30", "CRC-63")
@pytest.mark.parametrize("carries_the_key", [True, False])
def test_the_clicked_record_takes_the_call_and_becomes_the_contact(
    company: Company, clicker: Clicker, carries_the_key: bool
) -> None:
    number = seed.CONTACT_ACCOUNT_LEAD_NUMBER
    lead = lead_of_three(company)
    page = f"{company.org.url}/lightning/r/Lead/{lead}/view"
    key = clicker.click(number, record=page)
    call = clicker.dial(number, **({"dial_request_id": key} if carries_the_key else {}))

    assert company.task()["WhoId"] == lead
    assert (call.contact_sobject, call.contact_record_id) == ("Lead", lead)
    assert [contact.record_id for contact in company.directory()] == [lead]
    assert not call.needs_review
    words = company.page_of(call)
    assert f"{company.agent} dialled from Lead" in words
    assert "It was dialled by a click on the number." in words


@pytest.mark.feature("MII-30")
def test_a_number_that_is_known_already_goes_to_the_clicked_record_too(
    company: Company, clicker: Clicker
) -> None:
    number, lead = seed.CONTACT_ACCOUNT_LEAD_NUMBER, lead_of_three(company)
    before = company.take(number)
    assert before.contact_sobject == "Contact"
    clicker.click(number, record=lead)

    assert clicker.dial(number).contact_record_id == lead
    assert lead in [contact.record_id for contact in company.directory()]


@pytest.mark.feature("CRC-71")
def test_a_typed_number_goes_to_the_record_that_was_open(
    company: Company, clicker: Clicker
) -> None:
    paula = str(company.find("Contact", Name="Paula March")["Id"])
    clicker.click(seed.TWO_CONTACTS_NUMBER, origin="dialField", record=paula)
    call = clicker.dial(seed.TWO_CONTACTS_NUMBER)

    assert company.task()["WhoId"] == paula
    assert call.dial_source == "dial field"


@pytest.mark.feature("CRC-70", "CRC-71")
@pytest.mark.parametrize(
    "place",
    [
        "",
        "https://acme.lightning.force.com/lightning/page/home",
        "https://acme.lightning.force.com/lightning/o/Contact/list?filterName=Recent",
        "https://acme.lightning.force.com/lightning/r/User/005000000000001AAA/view",
        "https://acme.lightning.force.com/lightning/r/Report/00O000000000001AAA/view",
    ],
)
def test_from_a_home_page_or_a_list_nothing_is_filed_by_the_page(
    company: Company, clicker: Clicker, place: str
) -> None:
    clicker.click(seed.TWO_CONTACTS_NUMBER, origin="dialField", record=place)
    call = clicker.dial(seed.TWO_CONTACTS_NUMBER)

    assert (company.task()["WhoId"], company.task()["WhatId"]) == (None, None)
    assert call.needs_review


@pytest.mark.feature("K-02")
@pytest.mark.parametrize(("reading", "is_filed"), [("associate", True), ("none", False)])
def test_a_typed_number_with_a_single_match_follows_the_workspaces_reading(
    company: Company, clicker: Clicker, reading: str, is_filed: bool
) -> None:
    company.choose(manual_dial_single_match=reading)
    clicker.click(seed.ONE_CONTACT_NUMBER, origin="dialField")
    clicker.dial(seed.ONE_CONTACT_NUMBER)

    assert bool(company.task()["WhoId"]) is is_filed


@pytest.mark.feature("CRC-65", "CRC-91")
@pytest.mark.parametrize(
    ("number", "is_filed"), [(seed.ONE_CONTACT_NUMBER, True), (seed.TWO_CONTACTS_NUMBER, False)]
)
def test_the_handset_follows_the_same_matching(
    company: Company, number: str, is_filed: bool
) -> None:
    call = company.dial(number)

    assert bool(company.task()["WhoId"]) is is_filed
    assert call.needs_review is not is_filed
    words = company.page_of(call)
    assert "On the telephone, or by another program" in words
    assert "even where the softphone says Not connected" in words


@pytest.mark.feature("CRC-91")
def test_another_programs_dial_is_told_apart(company: Company, clicker: Clicker) -> None:
    clicker.click(seed.ONE_LEAD_NUMBER, record=lead_of_three(company))
    call = company.dial(seed.ONE_CONTACT_NUMBER, dial_request_id="their-own-id")

    assert "Another program asked the phone system to dial it" in company.page_of(call)
    assert not Interaction.unscoped.exists()


def test_a_double_click_is_one_dial_and_the_next_call_is_another(
    company: Company, clicker: Clicker
) -> None:
    lead = lead_of_three(company)
    number = seed.CONTACT_ACCOUNT_LEAD_NUMBER
    assert clicker.click(number, record=lead) == clicker.click(number, record=lead)
    clicker.dial(number)
    second = clicker.dial(number)

    assert DialRequest.unscoped.count() == 1
    assert second.dial_source == "handset"
    assert [bool(task["WhoId"]) for task in company.tasks()] == [True, False]


def test_the_click_of_a_colleague_is_not_the_members_own(
    company: Company, clicker: Clicker
) -> None:
    company.hire_user("202", SECOND_AGENT)
    clicker.click(seed.CONTACT_ACCOUNT_LEAD_NUMBER, record=lead_of_three(company))
    clicker.dial(seed.CONTACT_ACCOUNT_LEAD_NUMBER, by="202")

    assert company.task()["WhoId"] is None


def test_who_was_reached_by_transfer_did_not_dial(company: Company, clicker: Clicker) -> None:
    company.hire_user("202", SECOND_AGENT)
    number, lead = seed.CONTACT_ACCOUNT_LEAD_NUMBER, lead_of_three(company)
    clicker.click(number, record=lead)
    call = company.call(number, direction="outbound", started_at=datetime.now(UTC))
    call.send("answered", 5, answered_at=5)
    call.send("transferred", 35, answered_at=5, transfer={"kind": "blind", "to_leg_key": "leg-2"})
    call.send("ended", 35, answered_at=5, ended_at=35, end_cause="transferred")
    call.send("answered", 40, leg="leg-2", extension="202", answered_at=40)
    call.send("ended", 90, leg="leg-2", extension="202", answered_at=40, ended_at=90)
    company.work(call)

    owners = (company.user(AGENT)["Id"], company.user(SECOND_AGENT)["Id"])
    records = {task["OwnerId"]: task["WhoId"] for task in company.tasks()}
    assert [records[owner] for owner in owners] == [lead, None]


@pytest.mark.parametrize(
    "body", [{"number": "1"}, {"memberEmail": "no@body.test", "number": "1"}, {"memberEmail": "x"}]
)
def test_a_dial_of_nobody_is_refused(clicker: Clicker, body: dict[str, str]) -> None:
    assert clicker.report(body).status_code == 400
    assert not DialRequest.unscoped.exists()


@pytest.mark.feature("CRC-80", "CRC-90")
def test_names_that_came_with_the_call_are_hints_and_never_a_match(company: Company) -> None:
    hints = (("network", "MARSH P"), ("Outlook", "Ana Ito"), ("network", "PAUL MARSH"))
    call = company.call(seed.NOBODY_NUMBER)
    for second, (source, name) in enumerate(hints):
        call.send("ringing", second, caller_name=name, caller_name_source=source)
    call.play()
    filed = company.work(call)

    assert (company.task()["WhoId"], company.task()["WhatId"]) == (None, None)
    assert (filed.contact_name, company.directory()) == ("", [])
    words = company.page_of(filed)
    for label, name in (("Hint from network", "PAUL MARSH"), ("Hint from Outlook", "Ana Ito")):
        assert f"<dt>{label}</dt><dd>{name}</dd>" in words


@pytest.mark.feature("CRC-80")
def test_our_own_answer_takes_the_place_of_the_hint(company: Company) -> None:
    call = company.take(
        seed.ONE_CONTACT_NUMBER, caller_name="Somebody Else", caller_name_source="Outlook"
    )

    assert call.contact_name == call.person == seed.ONE_CONTACT_NAME
    assert f"({seed.ONE_CONTACT_NAME})" in company.task()["Subject"]
    assert "<dt>Hint from Outlook</dt><dd>Somebody Else</dd>" in company.page_of(call)
