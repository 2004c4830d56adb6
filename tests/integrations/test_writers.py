"""Who writes: a member's own account or the Sync User, and what changes hands (RULES C5, C4)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.connections import end_personal_account, mark_needs_reconnect, mark_working
from integrations.delivery import deliver_batch
from integrations.holding import hold_stranded
from integrations.jobs import renew_idle_account
from integrations.models import Connection, CrmWrite, Membership, Notice, WriteState
from integrations.outbox import retry
from integrations.planning import NewLead, PlannedWrite
from integrations.salesforce.client import SalesforceClient
from integrations.settling import mark_abandoned, settle_batch
from integrations.simulators.salesforce.seed import ONE_CONTACT_NAME
from integrations.sweeper import wake_idle_accounts
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace
from tests.harness.salesforce import COLLECTIONS, SalesforceOrg
from tests.outbox_cases import planned_task, record

pytestmark = pytest.mark.django_db(transaction=True)

AGENT = "agent@acme.test"
WEEK = timedelta(days=7)


@dataclass
class Writers:
    """A workspace with a Sync User, and a member with an own account."""

    org: SalesforceOrg
    sync_user: Connection
    member: Membership
    account: Connection

    def plan(self, subject: int = 1, **fields: Any) -> CrmWrite:
        """Plan one Task of the member's, for a call of its own."""
        planned = self.planned(f"call:{subject}", **fields)
        (write,) = record(self.sync_user, planned, subject=subject)
        return write

    def planned(self, key: str = "call:1", **fields: Any) -> PlannedWrite:
        return replace(planned_task(key, **fields), owner_membership_id=self.member.pk)

    def deliver(self) -> None:
        """Both connections send what is due."""
        for connection in (self.account, self.sync_user):
            deliver_batch(connection)

    def settle(self, *, after: float = 0) -> None:
        """Both ask, this many seconds after anything was sent."""
        for write in CrmWrite.objects.filter(last_sent_at__isnull=False):
            assert write.last_sent_at is not None
            sent_at = write.last_sent_at - timedelta(seconds=after)
            CrmWrite.objects.filter(pk=write.pk).update(last_sent_at=sent_at)
        CrmWrite.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
        for connection in (self.account, self.sync_user):
            settle_batch(connection)

    def tasks(self) -> list[dict[str, Any]]:
        """What stands in the org under our keys."""
        return [task for task in self.org.records("Task") if str(task["CallObject"])[:3] == "pb-"]

    def break_account(self) -> None:
        self.account.refresh_from_db()
        assert mark_needs_reconnect(self.account, "The user is frozen.")


@pytest.fixture
def writers(salesforce_org: SalesforceOrg, settings: Settings) -> Iterator[Writers]:
    settings.SALESFORCE_DEADLINE_SECONDS = 1.0
    workspace = make_workspace()
    member = make_member(workspace, ("call_agent",))
    sync_user = salesforce_org.connect(workspace)
    account = salesforce_org.connect(workspace, AGENT, membership=member, name="Ben's")
    with workspace_scope(workspace):
        yield Writers(salesforce_org, sync_user, member, account)


def test_a_member_with_an_own_account_writes_through_it_others_through_the_sync_user(
    writers: Writers,
) -> None:
    record(writers.sync_user, writers.planned("mine"), planned_task("nobodys"))
    writers.deliver()

    created_by = {task["CallObject"]: task["CreatedById"] for task in writers.tasks()}
    keys = dict(CrmWrite.objects.values_list("target_key", "wire_key"))
    assert created_by[keys["mine"]] == writers.account.salesforce_user_id
    assert created_by[keys["nobodys"]] == writers.sync_user.salesforce_user_id


def test_a_record_that_brings_a_lead_is_written_by_who_sees_all_leads(writers: Writers) -> None:
    """A member may not see a colleague's Lead, and would make a second one (C3)."""
    lead = NewLead("+14155550100", "Unknown", "Unknown", "+14155550100")
    (write,) = record(writers.sync_user, replace(writers.planned(), new_lead=lead))

    assert write.connection == writers.sync_user


@pytest.mark.parametrize(
    "change", [{"state": Connection.State.NEEDS_RECONNECT}, {"org_id": "00D000000000042EAA"}]
)
def test_an_account_that_is_broken_or_of_another_org_writes_nothing(
    writers: Writers, change: dict[str, str]
) -> None:
    Connection.objects.filter(pk=writers.account.pk).update(**change)

    assert writers.plan().connection == writers.sync_user


def test_an_update_waits_for_the_record_that_another_connection_writes(writers: Writers) -> None:
    """Generations of one key hold across connections (C4)."""
    first = writers.plan()
    deliver_batch(writers.account)
    writers.break_account()
    second = writers.plan(Subject="Corrected")
    assert (second.generation, second.connection) == (2, writers.sync_user)
    CrmWrite.objects.filter(pk=first.pk).update(state=WriteState.UNKNOWN)

    assert deliver_batch(writers.sync_user) == 0

    CrmWrite.objects.filter(pk=first.pk).update(state=WriteState.DONE)
    writers.deliver()
    (task,) = writers.tasks()
    assert task["Subject"] == "Corrected"


def test_what_was_never_attempted_goes_to_the_sync_user_when_the_account_breaks(
    writers: Writers,
) -> None:
    write = writers.plan()
    writers.break_account()

    write.refresh_from_db()
    assert (write.connection, write.state) == (writers.sync_user, WriteState.PLANNED)
    writers.deliver()
    (task,) = writers.tasks()
    assert task["CreatedById"] == writers.sync_user.salesforce_user_id
    assert str(writers.member) in Notice.objects.get().title


def test_what_was_attempted_stays_and_waits_for_its_account(writers: Writers) -> None:
    busy = [{"errorCode": "SERVER_UNAVAILABLE", "message": "server too busy"}]
    writers.org.fault(COLLECTIONS, "status", status=503, body=busy, times=1)
    write = writers.plan()
    deliver_batch(writers.account)
    writers.break_account()
    hold_stranded()

    write.refresh_from_db()
    assert (write.connection, write.state) == (writers.account, WriteState.HELD)

    writers.account.refresh_from_db()
    mark_working(writers.account)
    writers.deliver()
    (task,) = writers.tasks()
    assert task["CreatedById"] == writers.account.salesforce_user_id


def test_an_unknown_outcome_stays_with_its_connection_while_that_is_broken(
    writers: Writers,
) -> None:
    writers.org.fault(COLLECTIONS, "after", times=1)
    write = writers.plan()
    deliver_batch(writers.account)
    writers.break_account()
    hold_stranded()
    writers.settle(after=700)
    writers.deliver()

    write.refresh_from_db()
    assert (write.connection, write.state) == (writers.account, WriteState.UNKNOWN)
    assert len(writers.tasks()) == 1

    writers.account.refresh_from_db()
    mark_working(writers.account)
    writers.settle()
    write.refresh_from_db()
    assert write.state == WriteState.DONE
    assert len(writers.tasks()) == 1


def test_once_the_account_has_ended_the_sync_user_finds_what_arrived(writers: Writers) -> None:
    writers.org.fault(COLLECTIONS, "after", times=1)
    write = writers.plan()
    deliver_batch(writers.account)
    end_personal_account(writers.account, "Disconnected.")
    writers.settle()

    write.refresh_from_db()
    assert (write.state, write.salesforce_record_id) == (
        WriteState.DONE,
        writers.tasks()[0]["Id"],
    )


def test_what_the_sync_user_does_not_find_is_left_to_a_person_and_never_written_by_itself(
    writers: Writers,
) -> None:
    writers.org.fault(COLLECTIONS, "before", times=1)
    write = writers.plan()
    deliver_batch(writers.account)
    end_personal_account(writers.account, "Disconnected.")
    for age in (0, 300, 700):
        writers.settle(after=age)
        writers.deliver()

    write.refresh_from_db()
    assert (write.state, write.error_code) == (WriteState.NEEDS_ATTENTION, "SENDER_DISCONNECTED")
    assert writers.tasks() == []

    assert retry([write]) == 1
    writers.deliver()
    (task,) = writers.tasks()
    assert task["CreatedById"] == writers.sync_user.salesforce_user_id


def test_what_failed_for_certain_goes_over_when_the_account_has_ended(writers: Writers) -> None:
    busy = [{"errorCode": "SERVER_UNAVAILABLE", "message": "server too busy"}]
    writers.org.fault(COLLECTIONS, "status", status=503, body=busy, times=1)
    writers.plan(1)
    deliver_batch(writers.account)
    writers.plan(2, CallType="Sideways")
    deliver_batch(writers.account)
    end_personal_account(writers.account, "Disconnected.")

    assert set(CrmWrite.objects.values_list("connection", "state")) == {
        (writers.sync_user.pk, WriteState.PLANNED),
        (writers.sync_user.pk, WriteState.NEEDS_ATTENTION),
    }


def test_without_a_sync_user_that_works_it_waits_and_goes_on_with_it(writers: Writers) -> None:
    write = writers.plan()
    mark_needs_reconnect(writers.sync_user, "Revoked.")
    writers.break_account()
    write.refresh_from_db()
    assert (write.connection, write.state) == (writers.account, WriteState.HELD)

    writers.sync_user.refresh_from_db()
    mark_working(writers.sync_user)
    write.refresh_from_db()
    assert (write.connection, write.state) == (writers.sync_user, WriteState.PLANNED)


def test_a_mended_account_takes_nothing_of_the_sync_user(writers: Writers) -> None:
    (theirs,) = record(writers.sync_user, planned_task("theirs"), subject=2)
    mark_needs_reconnect(writers.sync_user, "Revoked.")
    end_personal_account(writers.sync_user, "Disconnected.")
    writers.break_account()
    writers.account.refresh_from_db()
    mark_working(writers.account)

    theirs.refresh_from_db()
    assert (theirs.connection, theirs.state) == (writers.sync_user, WriteState.HELD)


@pytest.mark.parametrize("state", [WriteState.CLAIMED, WriteState.SENDING])
def test_a_worker_that_dies_while_the_account_ends_loses_and_repeats_nothing(
    writers: Writers, state: WriteState
) -> None:
    """The kill-safe order holds across connections: claimed is written, sent is asked for."""
    write = writers.plan()
    past = timezone.now() - timedelta(seconds=1)
    sent = {} if state == WriteState.CLAIMED else {"first_sent_at": past, "last_sent_at": past}
    sent_as = writers.account.salesforce_user_id if sent else ""
    CrmWrite.objects.update(state=state, lease_expires_at=past, sent_as=sent_as, **sent)
    end_personal_account(writers.account, "Disconnected.")
    mark_abandoned()
    assert hold_stranded() == 0
    writers.deliver()
    writers.settle(after=700)

    write.refresh_from_db()
    assert write.connection == writers.sync_user
    expected = WriteState.DONE if state == WriteState.CLAIMED else WriteState.NEEDS_ATTENTION
    assert write.state == expected
    assert len(writers.tasks()) == (1 if state == WriteState.CLAIMED else 0)


def test_a_plan_that_read_the_account_before_it_broke_is_not_stranded(writers: Writers) -> None:
    write = writers.plan()
    Connection.objects.filter(pk=writers.account.pk).update(state=Connection.State.NEEDS_RECONNECT)

    hold_stranded()

    write.refresh_from_db()
    assert (write.connection, write.state) == (writers.sync_user, WriteState.PLANNED)


def test_no_access_is_tried_once_more_by_the_sync_user(writers: Writers) -> None:
    (contact,) = writers.org.records("Contact", Name=ONE_CONTACT_NAME)
    code = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    writers.org.act("refuse", sobject="Task", code=code, times=1)
    write = writers.plan(WhoId=contact["Id"])
    deliver_batch(writers.account)

    write.refresh_from_db()
    assert (write.state, write.connection) == (WriteState.RETRYING, writers.sync_user)
    writers.deliver()
    (task,) = writers.tasks()
    assert task["CreatedById"] == writers.sync_user.salesforce_user_id
    assert task["WhoId"] == contact["Id"]


def test_no_access_for_the_sync_user_either_is_not_tried_for_ever(writers: Writers) -> None:
    writers.org.act("refuse", sobject="Task", code="INSUFFICIENT_ACCESS_OR_READONLY")
    write = writers.plan()
    for _ in range(4):
        writers.deliver()

    write.refresh_from_db()
    assert (write.state, write.attempts) == (WriteState.NEEDS_ATTENTION, 2)


def test_an_idle_account_is_renewed_after_a_week_and_left_alone_before(
    writers: Writers, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(
        "integrations.sweeper.enqueue",
        lambda queue, job, connection_id: woken.append(connection_id),
    )
    now = timezone.now()
    accounts = Connection.objects.filter(pk=writers.account.pk)
    accounts.update(connected_at=now - 2 * WEEK, last_used_at=now - timedelta(days=6))
    wake_idle_accounts()
    assert woken == []

    accounts.update(last_used_at=now - WEEK - timedelta(minutes=1))
    wake_idle_accounts()
    assert woken == [writers.account.pk], "the Sync User has its daily check"

    before = len(writers.org.requests())
    renew_idle_account(writers.account.pk)
    arrived = writers.org.requests()[before:]
    assert [request["path"] for request in arrived] == ["/services/oauth2/token"]
    assert sum(request["api_requests"] for request in arrived) == 0
    wake_idle_accounts()
    assert woken == [writers.account.pk]
    SalesforceClient(accounts.get(), feature="tests").query("SELECT Id FROM Organization")
