"""Other programs report activities over the API; they stand in Salesforce and in the log."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.api_keys import make_key
from integrations.api_scopes import ApiScope
from integrations.jobs import answer_lookups, file_due_activities
from integrations.models import CrmWrite, Membership, PersonalRecording, ReportedActivity
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from tests.factories import make_member
from tests.features.company import AGENT, Company

pytestmark = pytest.mark.django_db(transaction=True)

#: The analytics and messages of MIX-23, with the word of the log for each.
WORDS = {
    "message_sent": "Sent",
    "message_delivered": "Delivered",
    "message_received": "Received",
    "message_replied": "Replied",
    "message_opened": "Opened",
    "link_clicked": "Clicked",
    "file_downloaded": "Downloaded",
}
MEETING = {
    "kind": "meeting_confirmed",
    "subject": "Demo",
    "startsAt": "2026-11-23T10:00:00+01:00",
    "endsAt": "2026-11-23T10:30:00+01:00",
    "location": "Room 4",
}


class Program:
    """Another program with a key of the company."""

    def __init__(self, company: Company) -> None:
        self.company = company
        with workspace_scope(company.workspace):
            _, self.key = make_key(make_member(company.workspace), "Mailer", list(ApiScope))

    def post(self, body: Mapping[str, Any], **headers: str) -> tuple[int, dict[str, Any]]:
        response = Client().post(
            "/api/v1/activities/",
            dict(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.key}", **headers},
        )
        return response.status_code, response.json()

    def read(self, activity_id: int) -> dict[str, Any]:
        address = f"/api/v1/activities/{activity_id}/"
        response = Client().get(address, headers={"Authorization": f"Bearer {self.key}"})
        assert response.status_code == 200
        activity: dict[str, Any] = response.json()
        return activity

    def report(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Report it, let the workers do what they do, and read what became of it."""
        status, receipt = self.post(body)
        assert (status, receipt["state"]) == (201, "waiting")
        self.work()
        return self.read(receipt["id"])

    def work(self) -> None:
        file_due_activities()
        answer_lookups(self.company.connection.pk)
        past = timezone.now() - timedelta(seconds=1)
        ReportedActivity.unscoped.filter(plan_due_at__isnull=False).update(plan_due_at=past)
        file_due_activities()
        self.company.file()


@pytest.fixture
def program(company: Company) -> Program:
    return Program(company)


@pytest.fixture
def ana(company: Company) -> str:
    """A contact with a mail address."""
    return company.add_record("Contact", LastName="Fern", FirstName="Ana", Email="Ana@Fern.test")


def log(member: Membership, **query: str) -> str:
    client = Client()
    client.force_login(member.user)
    address = f"/w/{member.workspace.slug}/integrations/crmwrite/"
    return " ".join(client.get(address, query).content.decode().split())


@pytest.mark.feature("MIX-23", "MIX-15")
def test_every_kind_of_message_and_analytics_becomes_a_completed_task_of_its_person(
    company: Company, program: Program, ana: str
) -> None:
    for kind in WORDS:
        report = {"kind": kind, "subject": kind, "email": "ana@fern.test"}
        activity = program.report(report | {"memberEmail": company.agent.user.email})
        assert activity["state"] == "synced", activity
        [record] = activity["records"]
        task = company.find("Task", Id=record["salesforceId"])
        assert (task["WhoId"], task["IsClosed"]) == (ana, True)
        assert task["OwnerId"] == company.user(AGENT)["Id"]
    assert len(company.org.requests("/search")) == 1, "an address is searched once"
    for kind, word in WORDS.items():
        page = log(company.agent, activity=kind)
        assert f'<div class="pb-filed">{word}<div' in page
        assert page.count(f"{kind} (Ana Fern)") == 1


@pytest.mark.feature("MIX-24")
def test_a_meeting_becomes_an_event_that_the_log_finds_by_its_type(
    company: Company, program: Program, ana: str
) -> None:
    program.report({"kind": "message_opened", "subject": "Spring", "email": "ana@fern.test"})
    meeting = program.report({**MEETING, "email": "ana@fern.test"})
    [record] = meeting["records"]
    assert (record["type"], record["status"], meeting["state"]) == ("Event", "Synced", "synced")
    event = company.find("Event", Id=record["salesforceId"])
    assert event["WhoId"] == ana
    assert event["StartDateTime"] == "2026-11-23T09:00:00.000+0000"
    assert (event["EndDateTime"], event["Location"]) == ("2026-11-23T09:30:00.000+0000", "Room 4")
    admin = make_member(company.workspace)
    assert "Meeting: Demo" in log(admin, type="Event")
    assert "Meeting: Demo" not in log(admin, type="Task")
    assert "Message opened: Spring" in log(admin, type="Task", q="Ana Fern")
    write = CrmWrite.unscoped.get(sobject="Event")
    page = company.page(f"integrations/crmwrite/{write.pk}/change/")
    for text in ("Meeting Confirmed", "Mailer reported it.", "Try 1", "Room 4", "Ana Fern"):
        assert text in page


@pytest.mark.feature("MIX-15", "MIX-16")
def test_what_a_member_leaves_out_is_not_written_and_the_answer_says_who_decided(
    company: Company, program: Program, ana: str
) -> None:
    PersonalRecording.unscoped.create(
        workspace=company.workspace, membership=company.agent, left_out=["link_clicked"]
    )
    report = {"kind": "link_clicked", "email": "ana@fern.test"}
    activity = program.report(report | {"memberEmail": company.agent.user.email})
    assert (activity["state"], activity["records"]) == ("not_recorded", [])
    [line] = activity["trace"]
    assert line["text"] == f"{company.agent} chose not to record clicked links in Salesforce."
    assert company.org.requests("/search") == [], "nobody is looked for in vain"
    assert program.report(report)["state"] == "synced", "it was theirs to leave out, not others'"


@pytest.mark.feature("MIX-15")
def test_people_are_found_by_number_and_by_record_and_nobody_is_guessed(
    company: Company, program: Program, ana: str
) -> None:
    contact = company.find("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    opportunity = company.add_record(
        "Opportunity", Name="Big", StageName="Prospecting", CloseDate="2026-12-24"
    )
    company.add_record("Contact", LastName="Twin", Email="twin@fern.test")
    company.add_record("Lead", LastName="Twin", Company="Fern", Email="twin@fern.test")
    found = {
        "by number": ({"phone": "(415) 555-0101"}, contact, None),
        "by record": ({"recordId": ana, "relatedToId": opportunity}, ana, opportunity),
        "an opportunity": ({"relatedToId": opportunity}, None, opportunity),
        "two of them": ({"email": "twin@fern.test"}, None, None),
        "nobody": ({"email": "nobody@fern.test"}, None, None),
        "nobody, but a number": (
            {"email": "nobody@fern.test", "phone": seed.ONE_CONTACT_NUMBER},
            contact,
            None,
        ),
    }
    for what, (report, who, related) in found.items():
        activity = program.report({"kind": "message_received", **report})
        [record] = activity["records"]
        task = company.find("Task", Id=record["salesforceId"])
        assert (task["WhoId"], task["WhatId"]) == (who, related), what
        assert (activity["person"] == seed.ONE_CONTACT_NAME) == (who == contact), what
        assert any(line["outcome"] == "flagged" for line in activity["trace"]) == (
            who is related is None
        )


@pytest.mark.feature("MIX-23")
def test_while_salesforce_is_away_an_activity_waits_and_says_so(
    company: Company, program: Program, ana: str
) -> None:
    company.org.fault("/search$", "status", status=503, times=1)
    status, receipt = program.post({"kind": "message_sent", "email": "ana@fern.test"})
    assert status == 201
    file_due_activities()
    waiting = program.read(receipt["id"])
    assert (waiting["state"], waiting["records"]) == ("waiting", [])
    assert waiting["reason"]
    past = timezone.now() - timedelta(seconds=1)
    ReportedActivity.unscoped.update(plan_due_at=past)
    program.work()
    activity = program.read(receipt["id"])
    assert (activity["state"], activity["reason"]) == ("synced", "")
    [attempt] = activity["attempts"]
    assert (attempt["number"], attempt["outcome"]) == (1, "Succeeded")


@pytest.mark.feature("MIX-23", "MIX-27")
def test_a_repeat_writes_nothing_twice_and_a_refusal_is_told(
    company: Company, program: Program, ana: str
) -> None:
    company.org.act("refuse", sobject="Task", code="REQUIRED_FIELD_MISSING")
    report = {"kind": "message_sent", "subject": "Hello", "email": "ana@fern.test"}
    key = {"Idempotency-Key": "message-1"}
    first, again = program.post(report, **key), program.post(report, **key)
    assert first == again
    assert program.post({**report, "subject": "Other"}, **key)[0] == 409
    program.work()
    activity = program.read(first[1]["id"])
    assert activity["state"] == "errors"
    assert activity["records"][0]["error"]
    company.org.act("allow")
    assert ReportedActivity.unscoped.count() == CrmWrite.unscoped.count() == 1
