"""Call history, a call's page with "Why?", and the activity log, as people read them."""

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import Call
from integrations.holding import hold_writes
from integrations.models import CrmWrite, Membership
from tests.filed_calls import Desk
from tests.harness.salesforce import COLLECTIONS, SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(salesforce_org: SalesforceOrg) -> Desk:
    return Desk(salesforce_org)


def read(member: Membership, path: str, **query: str) -> str:
    """A page of the console as a member sees it, on one line."""
    client = Client()
    client.force_login(member.user)
    response = client.get(f"/w/{member.workspace.slug}/{path}", query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def words(page: str) -> str:
    """The texts alone, entities resolved as far as these pages use them."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("&quot;", '"')


def call_page(member: Membership, call: Call) -> str:
    return read(member, f"calls/call/{call.pk}/change/")


def history(member: Membership, **query: str) -> str:
    return read(member, "calls/call/", **query)


def log(member: Membership, **query: str) -> str:
    return read(member, "integrations/crmwrite/", **query)


def log_line(member: Membership, call: Call) -> str:
    write = CrmWrite.unscoped.filter(subject_kind="call", subject_id=call.pk).latest("id")
    return read(member, f"integrations/crmwrite/{write.pk}/change/")


@pytest.mark.feature("MII-05", "MII-06")
def test_a_call_keeps_the_name_and_account_of_its_time_in_list_and_page(
    desk: Desk, salesforce_org: SalesforceOrg
) -> None:
    call = desk.take("+14155550101")
    [contact] = salesforce_org.records("Contact", Name="Ana Ito")
    salesforce_org.act(
        "edit-record", sobject="Contact", id=contact["Id"], fields={"LastName": "Married"}
    )
    desk.forget_numbers()
    later = desk.take("+14155550101")

    for page in (history(desk.agent), call_page(desk.agent, call)):
        assert "Ana Ito" in page
        assert "Northwind Robotics" in page
    assert "Ana Married" in call_page(desk.agent, later)
    assert "Ana Married" not in call_page(desk.agent, call)


@pytest.mark.feature("CRC-93")
def test_the_length_of_the_talk_is_on_the_record_and_on_the_page(
    desk: Desk, salesforce_org: SalesforceOrg
) -> None:
    call = desk.take(talk_seconds=95)

    [task] = [task for task in salesforce_org.records("Task") if task["CallObject"]]
    assert task["CallDurationInSeconds"] == 95
    assert "1:35" in call_page(desk.agent, call)
    assert "1:35" in history(desk.agent)
    assert '"CallDurationInSeconds": 95' in words(log_line(desk.agent, call))


@pytest.mark.feature("PLUS-04")
def test_why_shows_rule_match_write_and_answer(desk: Desk) -> None:
    text = words(call_page(desk.hire(roles=("admin",)), desk.take("+14155550101")))

    assert "C1 Activity history is on. applied" in text
    assert "B3.5 Exactly one record holds the number: Contact Ana Ito. applied" in text
    assert "Task under Ana Ito" in text
    assert "filed under this" in text
    assert "1 try" in text
    assert "call.ended" in text
    assert "There is no call record" not in text


def test_a_transfer_is_drawn_and_told_leg_by_leg(desk: Desk) -> None:
    second = desk.hire("202")
    call = desk.call("+14155550100")
    call.send("ringing", 0)
    call.send("answered", 5, answered_at=5)
    call.send("held", 15, answered_at=5)
    call.send("resumed", 25, answered_at=5)
    call.send("transferred", 35, answered_at=5, transfer={"kind": "blind", "to_leg_key": "leg-2"})
    call.send("ended", 35, answered_at=5, ended_at=35)
    call.send("answered", 40, leg="leg-2", extension="202", answered_at=40)
    call.send("ended", 100, leg="leg-2", extension="202", answered_at=40, ended_at=100)
    page = call_page(second, desk.work(call))

    assert f"transferred to {second}" in page
    assert "talked 0:30 · of that on hold 0:10" in page
    assert page.count('class="pb-bar-talk"') == 2
    assert page.count('class="pb-bar-hold"') == 1
    assert "Transferred" in page


def ringing(desk: Desk) -> Call:
    call = desk.call()
    call.send("ringing", 0)
    return desk.work(call)


def unanswered(desk: Desk) -> Call:
    call = desk.call()
    call.send("ringing", 0)
    call.send("ended", 20, ended_at=20, end_cause="no_answer")
    return desk.work(call)


def internal(desk: Desk) -> Call:
    desk.hire("202")
    call = desk.call("202", direction="internal")
    call.play()
    return desk.work(call)


@pytest.mark.feature("PLUS-04")
@pytest.mark.parametrize(
    ("options", "happen", "cause"),
    [
        ({"activity_history": False}, Desk.take, "Activity history is off"),
        (
            {"record_unanswered": "none"},
            unanswered,
            "Nobody answered, and such calls get no record",
        ),
        ({"save_internal_calls": False}, internal, "Internal calls are not saved"),
        ({"log_without_panel": False}, Desk.take, "had no live panel during the call"),
        ({}, ringing, "The call goes on."),
    ],
)
def test_without_a_record_the_first_failed_precondition_stands_on_top(
    salesforce_org: SalesforceOrg,
    options: dict[str, object],
    happen: Callable[[Desk], Call],
    cause: str,
) -> None:
    desk = Desk(salesforce_org, **options)
    text = words(call_page(desk.hire(roles=("admin",)), happen(desk)))

    top = text[: text.index("Time line")]
    assert "There is no call record in Salesforce" in top
    assert cause in top


@pytest.mark.feature("PLUS-04")
def test_without_an_org_the_page_says_whom_to_ask(db: None) -> None:
    desk = Desk()
    text = words(call_page(desk.agent, desk.take()))

    assert "No Salesforce org is connected. E3" in text
    assert "An admin can connect Salesforce" in text


def refuses(org: SalesforceOrg, desk: Desk) -> None:
    org.act(
        "refuse", sobject="Task", code="REQUIRED_FIELD_MISSING", message="Missing: [Purpose__c]"
    )


def is_away(org: SalesforceOrg, desk: Desk) -> None:
    body = [{"errorCode": "SERVER_UNAVAILABLE", "message": "Down for a moment."}]
    org.fault(COLLECTIONS, "status", status=503, body=body)


def loses_answers(org: SalesforceOrg, desk: Desk) -> None:
    org.fault(COLLECTIONS, "after")


def is_disconnected(org: SalesforceOrg, desk: Desk) -> None:
    assert desk.sync_user is not None
    desk.sync_user.state, desk.sync_user.state_reason = "needs_reconnect", "The grant was revoked."
    desk.sync_user.save()
    hold_writes(desk.sync_user, desk.sync_user.state_reason)


@pytest.mark.feature("PLUS-04")
@pytest.mark.parametrize(
    ("trouble", "cause", "advice"),
    [
        (refuses, "Missing: [Purpose__c]", "give it a default in Salesforce"),
        (is_away, "Down for a moment.", "Patchbay tries again by itself"),
        (loses_answers, "the answer was lost", "asks Salesforce whether the record is there"),
        (is_disconnected, "The grant was revoked.", "once the connection works again"),
    ],
)
def test_a_write_that_did_not_arrive_says_what_happened_and_what_follows(
    desk: Desk,
    salesforce_org: SalesforceOrg,
    trouble: Callable[[SalesforceOrg, Desk], None],
    cause: str,
    advice: str,
) -> None:
    trouble(salesforce_org, desk)
    text = words(call_page(desk.agent, desk.take()))

    top = text[: text.index("Time line")]
    assert cause in top
    assert advice in top


@pytest.mark.feature("MIX-19")
def test_each_member_has_a_log_of_their_own_records(desk: Desk) -> None:
    colleague, admin = desk.hire("202"), desk.hire(roles=("admin",))
    desk.take("+14155550101")
    desk.take("+12125550140", extension="202")

    assert "Ana Ito" in log(desk.agent)
    assert "Bluebird Logistics" not in log(desk.agent)
    assert "Bluebird Logistics" in log(colleague)
    assert "Ana Ito" not in log(colleague)
    assert "Ana Ito" in log(admin)
    assert "Bluebird Logistics" in log(admin)


@pytest.mark.feature("MIX-20")
@pytest.mark.parametrize(
    ("age", "is_shown"),
    [(timedelta(days=14, hours=23), True), (timedelta(days=15, hours=1), False)],
)
def test_the_log_reaches_back_fifteen_days(desk: Desk, age: timedelta, is_shown: bool) -> None:
    desk.take("+14155550101")
    CrmWrite.unscoped.update(created_at=timezone.now() - age)

    assert ("Ana Ito" in log(desk.agent)) == is_shown


@pytest.mark.feature("MIX-21", "MIX-24")
def test_the_log_is_filtered_by_status_and_type(desk: Desk, salesforce_org: SalesforceOrg) -> None:
    desk.take("+14155550101")
    refuses(salesforce_org, desk)
    desk.take("+12125550140")
    salesforce_org.act("allow")
    is_disconnected(salesforce_org, desk)
    desk.take("+12065550111")

    names = {"Synced": "Ana Ito", "Errors": "Bluebird Logistics", "Not Synced": "+12065550111"}
    for status, name in names.items():
        page = log(desk.agent, status=status)
        assert name in page
        assert all(other not in page for other in set(names.values()) - {name})
    assert "Ana Ito" in log(desk.agent, type="Task")
    assert "Ana Ito" not in log(desk.agent, type="Event")


@pytest.mark.feature("MIX-22")
def test_the_time_of_a_line_is_when_patchbay_made_it_where_the_member_is(desk: Desk) -> None:
    desk.agent.time_zone = "Asia/Tokyo"
    desk.agent.save()
    desk.take("+14155550101")
    CrmWrite.unscoped.update(created_at=timezone.now() - timedelta(days=1))
    made_at = CrmWrite.unscoped.get().created_at.astimezone(ZoneInfo("Asia/Tokyo"))

    page = log(desk.agent)

    assert f"{made_at:%d %b %H:%M}" in page
    assert "Asia/Tokyo" in page


@pytest.mark.feature("MIX-25")
@pytest.mark.parametrize("term", ["Ito", "(415) 555-0101", "+1 415 555 01", "415555"])
def test_the_log_is_searched_by_name_and_by_number(desk: Desk, term: str) -> None:
    desk.take("+14155550101")
    desk.take("+12125550140")

    page = log(desk.agent, q=term)

    assert "Ana Ito" in page
    assert "Bluebird Logistics" not in page


@pytest.mark.feature("MIX-26")
def test_a_line_opens_to_the_whole_request_and_the_answer(desk: Desk) -> None:
    text = words(log_line(desk.agent, desk.take("+14155550101")))

    for part in ('"Subject": "Inbound Call', '"CallType": "Inbound"', '"CallObject": "pb-'):
        assert part in text
    assert '"success": true' in text
    assert "Try 1" in text
    assert "Succeeded" in text


@pytest.mark.feature("MIX-26")
def test_after_the_cause_is_gone_a_retry_writes_the_record(
    desk: Desk, salesforce_org: SalesforceOrg
) -> None:
    refuses(salesforce_org, desk)
    call = desk.take("+14155550101")
    salesforce_org.act("allow")
    write = CrmWrite.unscoped.get()
    client = Client()
    client.force_login(desk.agent.user)
    client.post(f"/w/{desk.workspace.slug}/integrations/crmwrite/{write.pk}/retry/")
    desk.file()

    text = words(log_line(desk.agent, call))
    assert "The record stands in Salesforce." in text
    assert "Try 2" in text
    assert "Missing: [Purpose__c]" in text
    assert len([task for task in salesforce_org.records("Task") if task["CallObject"]]) == 1
