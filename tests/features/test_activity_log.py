"""The activity log over real calls and a simulated org: rows, filters, detail, causes, replay."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import Call
from integrations.jobs import drain_inbox
from integrations.models import AuditEntry, CrmWrite, InboundEvent, Membership, WriteState
from integrations.simulators.salesforce import seed
from tests.deliveries import post_event
from tests.factories import make_member
from tests.features.company import Company

pytestmark = pytest.mark.django_db(transaction=True)

LOG = "integrations/crmwrite/"
NO_TYPE = "Every call needs a type."


def read(member: Membership, rest: str, /, **query: str) -> str:
    """A page as this member reads it: its words alone."""
    client = Client()
    client.force_login(member.user)
    response = client.get(f"/w/{member.workspace.slug}/{rest}", query)
    assert response.status_code == 200
    _, _, body = response.content.decode().partition("<body")
    text = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", body, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(text))


def send(member: Membership, rest: str) -> int:
    client = Client()
    client.force_login(member.user)
    return client.post(f"/w/{member.workspace.slug}/{rest}").status_code


def line(write: CrmWrite) -> str:
    return f"{LOG}{write.pk}/change/"


@pytest.fixture
def admin(company: Company) -> Membership:
    return make_member(company.workspace)


@pytest.mark.feature("MIX-19", "MIX-20", "MIX-22")
def test_members_see_their_own_rows_of_fifteen_days_by_the_time_patchbay_made_them(
    company: Company, admin: Membership
) -> None:
    colleague = company.hire("202")
    company.take(seed.ONE_CONTACT_NUMBER)
    company.take(seed.ONE_LEAD_NUMBER, extension="202")
    mine, theirs = CrmWrite.unscoped.order_by("pk")
    number = "(415) 555-0101"

    assert number in read(company.agent, LOG)
    assert number not in read(colleague, LOG)
    assert number in read(admin, LOG)
    assert number not in read(admin, LOG, member=str(colleague.pk))

    now = timezone.now()
    made_at = now - timedelta(days=14, hours=23)
    CrmWrite.unscoped.filter(pk=mine.pk).update(created_at=made_at)
    CrmWrite.unscoped.filter(pk=theirs.pk).update(created_at=now - timedelta(days=15, hours=1))
    assert f"{made_at:%d %b %H:%M}" in read(company.agent, LOG)
    assert "Nothing to show of the last 15 days" in read(colleague, LOG)


@pytest.mark.feature("MIX-21", "MIX-23", "MIX-24")
def test_status_activity_and_type_are_shown_and_filtered(
    company: Company, admin: Membership
) -> None:
    company.take(seed.ONE_CONTACT_NUMBER)
    company.org.act("refuse", sobject="Task", code="REQUIRED_FIELD_MISSING")
    company.take(seed.ONE_LEAD_NUMBER)
    company.org.act("allow")
    written, refused = CrmWrite.unscoped.order_by("pk")
    CrmWrite.unscoped.filter(pk=refused.pk).update(sobject="Event", activity="meeting_confirmed")

    def shown(**query: str) -> list[bool]:
        text = read(admin, LOG, **query)
        return [number in text for number in ("(415) 555-0101", "(206) 555-0111")]

    assert shown() == [True, True]
    assert shown(status="Synced") == [True, False]
    assert shown(status="Errors") == [False, True]
    assert shown(status="Not Synced") == [False, False]
    assert shown(activity="call") == [True, False]
    assert shown(activity="meeting_confirmed") == [False, True]
    assert shown(type="Task") == [True, False]
    assert shown(type="Event") == [False, True]
    assert "Meeting Confirmed" in read(admin, line(refused))
    assert "Call" in read(admin, line(written))


@pytest.mark.feature("MIX-25")
@pytest.mark.parametrize("term", ["Ana Ito", "ana", "+1 (415) 555-0101", "4155550101", "415 555"])
def test_the_recipient_is_found_by_name_and_by_number_however_it_is_typed(
    company: Company, term: str
) -> None:
    company.take(seed.ONE_CONTACT_NUMBER)
    company.take(seed.ONE_LEAD_NUMBER)

    text = read(company.agent, LOG, q=term)

    assert "(415) 555-0101" in text
    assert "(206) 555-0111" not in text


@pytest.mark.feature("MIX-26", "PLUS-09")
def test_the_detail_shows_request_answer_and_tries_and_what_the_rule_wants(
    company: Company,
) -> None:
    company.org.act(
        "add-validation-rule", sobject="Task", when="Type = null", message=NO_TYPE, field="Type"
    )
    company.take(seed.ONE_CONTACT_NUMBER)
    (write,) = CrmWrite.unscoped.all()

    text = read(company.agent, line(write))

    assert f"A validation rule of the org refused the record. Salesforce said: {NO_TYPE}" in text
    assert "Patchbay does not try again by itself" in text
    assert "What you can do:" in text
    assert "Field: Type" in text
    assert "Try 1" in text
    assert f'"CallObject": "{write.wire_key}"' in text
    assert '"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION"' in text
    assert "B3.5 Exactly one record holds the number" in text


@pytest.mark.feature("PLUS-08")
def test_what_a_rule_blocked_is_counted_first_and_healed_by_one_act(
    company: Company, admin: Membership
) -> None:
    company.org.act("add-validation-rule", sobject="Task", when="Type = null", message=NO_TYPE)
    for number in (seed.ONE_CONTACT_NUMBER, seed.ONE_LEAD_NUMBER, seed.NOBODY_NUMBER):
        company.take(number)
    company.org.act("allow")
    company.org.act("refuse", sobject="Task", code="REQUIRED_FIELD_MISSING")
    company.take(seed.TWO_CONTACTS_NUMBER)
    company.org.act("allow")
    assert company.tasks() == []
    sample = CrmWrite.unscoped.filter(error_message=NO_TYPE).latest("pk")
    address = f"salesforce/failures/writes/{sample.pk}/"

    assert f"{NO_TYPE}" in read(admin, "salesforce/failures/")
    assert "Retry all 3…" in read(admin, "salesforce/failures/")
    assert "Retry all 3 like this…" in read(admin, line(sample))
    assert "3 records failed for this cause" in read(admin, address)
    assert CrmWrite.unscoped.filter(state=WriteState.NEEDS_ATTENTION).count() == 4

    assert send(admin, address) == 302
    assert send(admin, address) == 404, "a second time there is nothing to do"
    company.file()

    assert len(company.tasks()) == 3
    (left,) = CrmWrite.unscoped.filter(state=WriteState.NEEDS_ATTENTION)
    assert left.error_code == "REQUIRED_FIELD_MISSING"
    entry = AuditEntry.unscoped.get(action="crm_write.retried_by_cause")
    assert (entry.actor, entry.after) == (admin.user, {"records": 3})


@pytest.mark.feature("PLUS-08")
def test_members_heal_their_own_records_only(company: Company) -> None:
    colleague = company.hire("202")
    company.org.act("add-validation-rule", sobject="Task", when="Type = null", message=NO_TYPE)
    company.take(seed.ONE_CONTACT_NUMBER)
    company.take(seed.ONE_LEAD_NUMBER, extension="202")
    company.org.act("allow")
    mine, theirs = CrmWrite.unscoped.order_by("pk")

    assert "Retry it…" in read(company.agent, "salesforce/failures/")
    assert send(colleague, f"salesforce/failures/writes/{mine.pk}/") == 404
    assert send(company.agent, f"salesforce/failures/writes/{mine.pk}/") == 302

    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert (mine.state, theirs.state) == (WriteState.PLANNED, WriteState.NEEDS_ATTENTION)


@pytest.mark.feature("PLUS-08")
def test_events_are_rehearsed_and_then_understood_again_by_cause(
    company: Company, admin: Membership
) -> None:
    for number in range(2):
        call = company.call(f"+1415555016{number}")
        call.play()
    odd = company.call("+14155550169").payload("answered", 5) | {"type": "call.exploded"}
    post_event(company.phone_system, odd)
    drain_inbox(company.phone_system.pk)
    Call.unscoped.all().delete()
    ours = InboundEvent.unscoped.exclude(body__contains="exploded")
    ours.update(state=InboundEvent.State.FAILED, error="database is locked: row 17")
    InboundEvent.unscoped.filter(pk=ours.earliest("pk").pk).update(
        error="database is locked: row 4"
    )
    sample = ours.latest("pk")
    address = f"salesforce/failures/events/{sample.pk}/"

    assert "Understand all 6 again…" in read(admin, "salesforce/failures/")
    assert "6 would be understood now." in read(admin, address)
    assert "would fail again" not in read(admin, address)
    assert ours.filter(state=InboundEvent.State.FAILED).count() == 6, "nothing is done by looking"
    strange = InboundEvent.unscoped.get(body__contains="exploded")
    assert "1 would fail again" in read(admin, f"salesforce/failures/events/{strange.pk}/")

    assert send(admin, address) == 302
    drain_inbox(company.phone_system.pk)

    assert Call.unscoped.count() == 2
    assert send(admin, address) == 404
    assert AuditEntry.unscoped.get(action="inbound_event.replayed_by_cause").after == {"events": 6}


@pytest.mark.feature("MIX-06")
def test_a_fresh_org_needs_no_field_and_no_object_of_ours(company: Company) -> None:
    company.take(seed.ONE_CONTACT_NUMBER)

    assert company.task()["WhoId"] == company.find("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    (write,) = CrmWrite.unscoped.all()
    asked = json.dumps([request["notes"] for request in company.org.requests()])
    assert "__c" not in json.dumps(write.payload) + asked
