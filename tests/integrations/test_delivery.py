"""Delivering writes to a simulated org over real HTTP (RULES C2, C4, C6, F4)."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations import failpoints, settling
from integrations.delivery import deliver_batch
from integrations.jobs import deliver_crm_writes
from integrations.models import (
    Connection,
    CrmWrite,
    CrmWriteAttempt,
    DrainLease,
    Notice,
    WriteState,
)
from integrations.outbox import retry
from integrations.results import record_success
from integrations.settling import mark_abandoned, settle_batch
from integrations.simulators.salesforce.seed import INACTIVE_USERNAME, ONE_CONTACT_NAME
from integrations.tenancy import workspace_scope
from tests.factories import make_workspace
from tests.harness.salesforce import COLLECTIONS, SalesforceOrg
from tests.outbox_cases import planned_task, record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection(salesforce_org: SalesforceOrg, settings: Settings) -> Iterator[Connection]:
    settings.SALESFORCE_DEADLINE_SECONDS = 1.0
    connection = salesforce_org.connect(make_workspace())
    with workspace_scope(connection.workspace_id):
        yield connection


def tasks(org: SalesforceOrg) -> list[dict[str, object]]:
    """The Tasks that stand in the org under our keys."""
    return [task for task in org.records("Task") if str(task["CallObject"]).startswith("pb-")]


def make_due() -> None:
    CrmWrite.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def pass_time(seconds: float) -> None:
    """Let this much time have passed since anything was sent."""
    for write in CrmWrite.objects.filter(last_sent_at__isnull=False):
        assert write.last_sent_at is not None
        CrmWrite.objects.filter(pk=write.pk).update(
            last_sent_at=write.last_sent_at - timedelta(seconds=seconds)
        )
    make_due()


def test_a_planned_write_stands_in_the_org_once(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    (write,) = record(connection, planned_task())
    deliver_crm_writes(connection.pk)

    (task,) = tasks(salesforce_org)
    write.refresh_from_db()
    assert write.state == WriteState.DONE
    assert (task["Id"], task["CallObject"]) == (write.salesforce_record_id, write.wire_key)
    assert task["IsClosed"] is True


def test_two_hundred_writes_leave_in_one_request(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record(connection, *[planned_task(f"call:{n}") for n in range(201)])
    deliver_crm_writes(connection.pk)

    assert len(salesforce_org.requests("/composite/sobjects")) == 2
    assert len(tasks(salesforce_org)) == 201


def test_every_attempt_is_kept_with_request_and_answer(connection: Connection) -> None:
    (write,) = record(connection, planned_task())
    deliver_batch(connection)

    attempt = CrmWriteAttempt.objects.get()
    assert attempt.request["CallObject"] == write.wire_key
    assert attempt.answer == {"id": attempt.salesforce_record_id, "success": True}
    assert attempt.outcome == CrmWriteAttempt.Outcome.SUCCEEDED


def test_an_update_changes_the_record_and_adds_none(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record(connection, planned_task())
    deliver_batch(connection)
    record(connection, planned_task(CallDurationInSeconds=75))
    deliver_batch(connection)

    (task,) = tasks(salesforce_org)
    assert task["CallDurationInSeconds"] == 75


def test_an_update_waits_until_the_record_exists(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record(connection, planned_task())
    CrmWrite.objects.update(state=WriteState.UNKNOWN, last_sent_at=timezone.now())
    record(connection, planned_task(Subject="Corrected"))

    assert deliver_batch(connection) == 0
    assert not tasks(salesforce_org)


def test_one_refused_record_does_not_stop_the_others(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record(connection, planned_task("good"), planned_task("bad", CallType="Sideways"))
    deliver_batch(connection)

    bad = CrmWrite.objects.get(target_key="bad")
    assert bad.state == WriteState.NEEDS_ATTENTION
    assert bad.error_code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert "Sideways" in bad.error_message
    assert CrmWrite.objects.get(target_key="good").state == WriteState.DONE


def test_an_answer_lost_after_the_write_is_found_and_never_written_again(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(COLLECTIONS, "after", times=1)
    record(connection, planned_task())
    deliver_batch(connection)
    assert CrmWrite.objects.get().state == WriteState.UNKNOWN

    assert settle_batch(connection) == 1
    (task,) = tasks(salesforce_org)
    write = CrmWrite.objects.get()
    assert (write.state, write.salesforce_record_id) == (WriteState.DONE, task["Id"])


def test_what_cannot_be_found_is_not_written_again_before_the_wait_is_over(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(COLLECTIONS, "before", times=1)
    record(connection, planned_task())
    deliver_batch(connection)
    for age in (0, 100, 500):
        pass_time(age)
        settle_batch(connection)
        deliver_batch(connection)
        assert CrmWrite.objects.get().state == WriteState.UNKNOWN
    assert not tasks(salesforce_org)

    pass_time(100)
    settle_batch(connection)
    deliver_batch(connection)
    assert len(tasks(salesforce_org)) == 1
    write = CrmWrite.objects.get()
    assert write.state == WriteState.DONE
    assert write.verify_at is not None


def test_a_request_that_is_carried_out_late_is_found(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(COLLECTIONS, "late", seconds=0.2, times=1)
    record(connection, planned_task())
    deliver_batch(connection)
    settle_batch(connection)
    while not tasks(salesforce_org):
        time.sleep(0.05)
    make_due()
    settle_batch(connection)

    assert CrmWrite.objects.get().state == WriteState.DONE
    assert len(tasks(salesforce_org)) == 1


def test_a_task_that_somebody_deleted_is_not_created_again(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(COLLECTIONS, "after", times=1)
    record(connection, planned_task())
    deliver_batch(connection)
    (task,) = tasks(salesforce_org)
    salesforce_org.act("delete-record", sobject="Task", id=task["Id"])
    settle_batch(connection)

    assert CrmWrite.objects.get().state == WriteState.DONE


def test_a_lost_update_is_done_when_the_record_shows_it(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record(connection, planned_task())
    deliver_batch(connection)
    salesforce_org.fault(COLLECTIONS, "after", times=1)
    record(connection, planned_task(CallDurationInSeconds=75))
    deliver_batch(connection)
    settle_batch(connection)

    assert CrmWrite.objects.get(generation=2).state == WriteState.DONE


def test_a_lost_update_that_did_not_happen_is_sent_again_after_the_wait(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record(connection, planned_task())
    deliver_batch(connection)
    salesforce_org.fault(COLLECTIONS, "before", times=1)
    record(connection, planned_task(CallDurationInSeconds=75))
    deliver_batch(connection)
    pass_time(700)
    settle_batch(connection)
    deliver_batch(connection)

    (task,) = tasks(salesforce_org)
    assert task["CallDurationInSeconds"] == 75


def test_when_nobody_listens_nothing_was_sent_and_it_is_tried_again(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    Connection.objects.update(instance_url="http://127.0.0.1:9")
    connection.refresh_from_db()
    record(connection, planned_task())
    deliver_batch(connection)

    write = CrmWrite.objects.get()
    assert write.state == WriteState.RETRYING
    assert CrmWriteAttempt.objects.get().outcome == CrmWriteAttempt.Outcome.NOT_SENT


def test_a_spent_request_limit_is_waited_out(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    body = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    salesforce_org.fault(COLLECTIONS, "status", status=403, body=body, times=1)
    record(connection, planned_task())
    deliver_batch(connection)

    write = CrmWrite.objects.get()
    assert write.state == WriteState.RETRYING
    assert write.error_code == "REQUEST_LIMIT_EXCEEDED"
    assert write.next_attempt_at > timezone.now() + timedelta(minutes=10)


def test_a_worker_that_died_before_sending_costs_nothing(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record(connection, planned_task())
    CrmWrite.objects.update(
        state=WriteState.CLAIMED, lease_expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert mark_abandoned() == 1
    deliver_batch(connection)

    assert len(tasks(salesforce_org)) == 1


def test_a_worker_whose_claim_ran_out_before_it_sent_anything_sends_nothing(
    connection: Connection, salesforce_org: SalesforceOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(name: str) -> None:
        if name == "outbox.after_claim" and not monkeypatched:
            monkeypatched.append(name)
            CrmWrite.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
            mark_abandoned()
            deliver_batch(connection)

    monkeypatched: list[str] = []
    monkeypatch.setattr(failpoints, "hit", slow)
    record(connection, planned_task())
    deliver_batch(connection)

    assert len(tasks(salesforce_org)) == 1
    assert CrmWriteAttempt.objects.count() == 1


def test_a_worker_that_died_while_sending_leaves_an_unknown_outcome(
    connection: Connection,
) -> None:
    record(connection, planned_task())
    past = timezone.now() - timedelta(seconds=1)
    CrmWrite.objects.update(state=WriteState.SENDING, lease_expires_at=past, last_sent_at=past)
    assert mark_abandoned() == 1
    assert CrmWrite.objects.get().state == WriteState.UNKNOWN


def test_an_abandoned_claim_takes_over_what_its_successor_wants(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record(connection, planned_task())
    CrmWrite.objects.update(
        state=WriteState.CLAIMED, lease_expires_at=timezone.now() - timedelta(seconds=1)
    )
    record(connection, planned_task(Subject="Corrected"))
    mark_abandoned()
    deliver_batch(connection)

    (task,) = tasks(salesforce_org)
    assert task["Subject"] == "Corrected"
    assert set(CrmWrite.objects.values_list("generation", "state")) == {
        (1, "done"),
        (2, "cancelled"),
    }


def test_a_slow_worker_that_lost_its_lease_keeps_its_answer_and_two_ids_are_told(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    (write,) = record(connection, planned_task())
    deliver_batch(connection)
    attempt = CrmWriteAttempt.objects.get()
    attempt.write = write
    record_success(attempt, "00T000000000009AAA")

    attempt.refresh_from_db()
    write.refresh_from_db()
    assert attempt.salesforce_record_id == "00T000000000009AAA"
    assert write.salesforce_record_id != "00T000000000009AAA"
    assert Notice.objects.get().kind == "written_twice"


def test_a_second_record_under_one_key_is_told_when_it_is_asked_for_once_more(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record(connection, planned_task())
    deliver_batch(connection)
    CrmWrite.objects.update(state=WriteState.PLANNED, salesforce_record_id="")
    make_due()
    deliver_batch(connection)
    assert len(tasks(salesforce_org)) == 2

    CrmWrite.objects.update(verify_at=timezone.now() - timedelta(seconds=1))
    settle_batch(connection)

    assert Notice.objects.get().kind == "written_twice"
    assert CrmWrite.objects.get().verify_at is None


def test_an_inactive_owner_is_left_out_and_the_task_is_not_lost(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    (left,) = salesforce_org.records("User", Username=INACTIVE_USERNAME)
    record(connection, planned_task(OwnerId=left["Id"]))
    deliver_batch(connection)
    deliver_batch(connection)

    (task,) = tasks(salesforce_org)
    assert task["OwnerId"] == connection.salesforce_user_id


def test_a_deleted_contact_is_left_out_and_the_task_is_not_lost(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    (contact,) = salesforce_org.records("Contact", Name=ONE_CONTACT_NAME)
    salesforce_org.act("delete-record", sobject="Contact", id=contact["Id"])
    record(connection, planned_task(WhoId=contact["Id"]))
    deliver_batch(connection)
    deliver_batch(connection)

    (task,) = tasks(salesforce_org)
    assert task["WhoId"] is None


def test_a_refused_connection_holds_its_writes(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("revoke-grant", username=connection.salesforce_username)
    record(connection, planned_task("a"), planned_task("b"))
    deliver_batch(connection)

    connection.refresh_from_db()
    assert connection.state == Connection.State.NEEDS_RECONNECT
    assert set(CrmWrite.objects.values_list("state", flat=True)) == {WriteState.HELD}
    assert Notice.objects.count() == 1


def test_an_expired_session_is_renewed_on_the_way(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("expire-access-tokens")
    record(connection, planned_task())
    deliver_batch(connection)

    assert CrmWrite.objects.get().state == WriteState.DONE
    assert len(salesforce_org.requests("/services/oauth2/token")) == 1


def test_a_busy_connection_sends_what_gathers_every_two_seconds(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    record(connection, planned_task("first"))
    deliver_crm_writes(connection.pk)
    record(connection, planned_task("second"), subject=2)
    deliver_crm_writes(connection.pk)
    assert len(tasks(salesforce_org)) == 1

    DrainLease.objects.update(drained_at=timezone.now() - timedelta(seconds=3))
    deliver_crm_writes(connection.pk)
    assert len(tasks(salesforce_org)) == 2


def test_a_connection_that_may_not_ask_tells_a_person_and_writes_nothing_twice(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(COLLECTIONS, "after", times=1)
    body = [{"errorCode": "INVALID_FIELD", "message": "No such column 'CallObject'"}]
    salesforce_org.fault("/queryAll", "status", status=400, body=body)
    (write,) = record(connection, planned_task())
    deliver_batch(connection)
    record(connection, planned_task(Subject="Corrected"))
    pass_time(700)
    settle_batch(connection)
    write.refresh_from_db()
    assert write.state == WriteState.UNKNOWN
    assert "asking for the record failed" in write.error_message
    assert Notice.objects.get(kind="outcome_unsettled").resolved_at is None
    assert retry([write]) == 0

    salesforce_org.lift_faults()
    make_due()
    settle_batch(connection)
    deliver_batch(connection)
    (task,) = tasks(salesforce_org)
    assert task["Subject"] == "Corrected"
    assert Notice.objects.get(kind="outcome_unsettled").resolved_at is not None


def test_a_connection_that_breaks_while_asking_keeps_the_question_until_it_is_mended(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(COLLECTIONS, "after", times=1)
    record(connection, planned_task())
    deliver_batch(connection)
    salesforce_org.act("revoke-grant", username=connection.salesforce_username)
    settle_batch(connection)
    make_due()
    settle_batch(connection)

    connection.refresh_from_db()
    assert connection.state == Connection.State.NEEDS_RECONNECT
    assert CrmWrite.objects.get().state == WriteState.UNKNOWN


def test_salesforce_away_while_asking_only_delays_the_question(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(COLLECTIONS, "after", times=1)
    salesforce_org.fault("/queryAll", "status", status=503, times=1)
    record(connection, planned_task())
    deliver_batch(connection)
    settle_batch(connection)
    assert CrmWrite.objects.get().state == WriteState.UNKNOWN

    make_due()
    assert settling.has_due(connection.pk)
    settle_batch(connection)
    assert CrmWrite.objects.get().state == WriteState.DONE
