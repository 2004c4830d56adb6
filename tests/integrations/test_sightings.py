"""Events whose answer was lost: found by their mark, never written twice (RULES C2, C3)."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from django.db.models import F
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.jobs import deliver_crm_writes
from integrations.marks import mark_of
from integrations.models import Connection, CrmWrite, DrainLease, Notice, WriteState
from integrations.tenancy import workspace_scope
from tests.factories import make_workspace
from tests.harness.salesforce import COLLECTIONS, SalesforceOrg
from tests.outbox_cases import planned_event, record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection(salesforce_org: SalesforceOrg, settings: Settings) -> Iterator[Connection]:
    settings.SALESFORCE_DEADLINE_SECONDS = 1.0
    connection = salesforce_org.connect(make_workspace())
    with workspace_scope(connection.workspace_id):
        yield connection


def let_time_pass(connection: Connection, **by: float) -> None:
    age = timedelta(**by)
    sent = CrmWrite.objects.filter(last_sent_at__isnull=False)
    sent.update(first_sent_at=F("first_sent_at") - age, last_sent_at=F("last_sent_at") - age)
    past = timezone.now() - timedelta(seconds=1)
    CrmWrite.objects.exclude(state=WriteState.DONE).update(next_attempt_at=past)
    DrainLease.unscoped.update(drained_at=None)
    deliver_crm_writes(connection.pk)


def events(org: SalesforceOrg) -> list[dict[str, str]]:
    """The Events that stand in the org under our marks."""
    return [one for one in org.records("Event") if "[pb-" in (one["Description"] or "")]


def edit(org: SalesforceOrg, record_id: str, **fields: str) -> None:
    """The Sync User's flow changes an Event, as automations of the org do."""
    token = org.act("issue-tokens", username="sync@acme.test")["access_token"]
    answer = requests.patch(
        f"{org.url}/services/data/v60.0/sobjects/Event/{record_id}",
        json=fields,
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )
    assert answer.ok, answer.text


@pytest.mark.parametrize("fault", ["before", "after", "cut", "late"])
def test_lost_answers_neither_lose_nor_double_an_event(
    connection: Connection, salesforce_org: SalesforceOrg, fault: str
) -> None:
    """Ten of them alike in owner, start and subject: only the mark tells them apart."""
    salesforce_org.fault(COLLECTIONS, fault, times=3, seconds=0.05)
    for number in range(10):
        record(connection, planned_event(f"activity:{number}:event"), subject=number)
        let_time_pass(connection, seconds=120)
    for _ in range(10):
        let_time_pass(connection, seconds=120)
    writes = list(CrmWrite.objects.all())
    assert {write.state for write in writes} == {WriteState.DONE}
    standing = Counter((one["Id"], one["Description"]) for one in events(salesforce_org))
    assert standing == Counter(
        (write.salesforce_record_id, f"Booked by Ana.\n\n{mark_of(write.wire_key)}")
        for write in writes
    )
    assert not Notice.objects.filter(kind="written_twice").exists()


def test_nothing_is_sent_again_before_the_time_is_up(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(COLLECTIONS, "before", times=1)
    record(connection, planned_event())
    deliver_crm_writes(connection.pk)
    for _ in range(5):
        let_time_pass(connection, seconds=120)
    assert len(salesforce_org.requests("/composite/sobjects")) == 1
    asked = [request["notes"]["q"] for request in salesforce_org.requests("/queryAll")]
    # At its owner's start first, then among all that was created.
    assert "StartDateTime IN (2026-11-23T10:00:00Z)" in asked[0]
    assert "StartDateTime IN" not in asked[1]
    let_time_pass(connection, seconds=120)
    assert len(events(salesforce_org)) == 1


def lose_answer(connection: Connection, org: SalesforceOrg) -> str:
    """The one Event was written, and nobody heard of it; its id."""
    org.fault(COLLECTIONS, "after", times=1)
    org.fault("/queryAll$", "status", status=503, times=1)
    record(connection, planned_event())
    deliver_crm_writes(connection.pk)
    [event] = events(org)
    return event["Id"]


def test_an_event_that_the_org_moved_is_found_by_its_mark(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record_id = lose_answer(connection, salesforce_org)
    edit(salesforce_org, record_id, Subject="Demo", StartDateTime="2026-11-23T10:15:00Z")
    for _ in range(2):
        let_time_pass(connection, seconds=1)
    write = CrmWrite.objects.get()
    assert (write.state, write.salesforce_record_id) == (WriteState.DONE, record_id)


def test_an_event_that_was_deleted_meanwhile_is_not_made_again(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record_id = lose_answer(connection, salesforce_org)
    salesforce_org.act("delete-record", sobject="Event", id=record_id)
    for _ in range(8):
        let_time_pass(connection, seconds=120)
    assert CrmWrite.objects.get().state == WriteState.DONE
    assert len(salesforce_org.requests("/composite/sobjects")) == 1


def test_the_like_of_it_without_a_mark_is_left_to_a_person(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record_id = lose_answer(connection, salesforce_org)
    edit(salesforce_org, record_id, Description="Rewritten by a flow")
    for _ in range(8):
        let_time_pass(connection, seconds=120)
    write = CrmWrite.objects.get()
    assert (write.state, write.error_code) == (WriteState.NEEDS_ATTENTION, "LOOKS_WRITTEN")
    assert record_id in write.error_message
    assert len(salesforce_org.requests("/composite/sobjects")) == 1


def test_an_update_of_an_event_keeps_the_mark_and_is_recognised(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record(connection, planned_event())
    deliver_crm_writes(connection.pk)
    salesforce_org.fault(COLLECTIONS, "after", times=1)
    later = {"StartDateTime": "2026-11-23T11:00:00Z", "EndDateTime": "2026-11-23T11:30:00Z"}
    record(connection, planned_event(**later, Description="Later."))
    for _ in range(2):
        let_time_pass(connection, seconds=1)
    [event] = events(salesforce_org)
    assert event["StartDateTime"] == "2026-11-23T11:00:00.000+0000"
    update = CrmWrite.objects.get(operation=CrmWrite.Operation.UPDATE)
    assert event["Description"] == f"Later.\n\n{mark_of(update.wire_key)}"
    # The answer was lost, and the record itself says that it arrived.
    assert update.state == WriteState.DONE
    assert len(salesforce_org.requests("/composite/sobjects")) == 2


def test_two_under_one_mark_are_said_aloud_and_no_third_is_made(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    """Somebody copied the event, as the user whom Patchbay writes as, before Patchbay asked."""
    record_id = lose_answer(connection, salesforce_org)
    [event] = events(salesforce_org)
    names = ("Subject", "StartDateTime", "EndDateTime", "Description")
    token = salesforce_org.act("issue-tokens", username="sync@acme.test")["access_token"]
    answer = requests.post(
        f"{salesforce_org.url}/services/data/v60.0/sobjects/Event",
        json={name: event[name] for name in names},
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )
    copy_id = answer.json()["id"]
    for _ in range(8):
        let_time_pass(connection, seconds=120)
    write = CrmWrite.objects.get()
    assert (write.state, write.salesforce_record_id) == (WriteState.DONE, record_id)
    notice = Notice.objects.get(kind="written_twice")
    assert record_id in notice.body
    assert copy_id in notice.body
    assert len(events(salesforce_org)) == 2
