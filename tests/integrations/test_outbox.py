"""Recording a plan is a difference to what is stored (RULES C4)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from integrations.claims import claim_batch, update_claimed
from integrations.delivery import eligible_writes, record_id_of
from integrations.generations import return_to_waiting
from integrations.holding import hold_writes, release_writes
from integrations.models import Connection, CrmWrite, WriteState
from integrations.models.outbox import (
    ACTIVITY_STATUS,
    DUE_STATES,
    IN_FLIGHT_STATES,
    WAITING_STATES,
)
from integrations.outbox import retry
from integrations.results import done_changes
from integrations.tenancy import workspace_scope
from integrations.wire_keys import wire_key
from tests.factories import make_salesforce_connection, make_workspace
from tests.outbox_cases import planned_task, record

TASK_ID = "00T000000000001AAA"


@pytest.fixture
def sync_user(db: None) -> Iterator[Connection]:
    connection = make_salesforce_connection(make_workspace())
    with workspace_scope(connection.workspace_id):
        yield connection


def settle(write: CrmWrite, state: WriteState) -> None:
    CrmWrite.objects.filter(pk=write.pk).update(
        state=state, salesforce_record_id=TASK_ID if state == WriteState.DONE else ""
    )


def test_a_new_write_waits_to_be_sent(sync_user: Connection) -> None:
    (write,) = record(sync_user, planned_task())

    assert (write.state, write.operation, write.generation) == ("planned", "create", 1)
    assert write.payload == write.fields


def test_the_same_plan_again_adds_nothing(sync_user: Connection) -> None:
    record(sync_user, planned_task())
    record(sync_user, planned_task())

    assert CrmWrite.objects.count() == 1


@pytest.mark.parametrize("state", WAITING_STATES)
def test_a_waiting_write_takes_the_new_fields(sync_user: Connection, state: WriteState) -> None:
    (write,) = record(sync_user, planned_task())
    settle(write, state)
    record(sync_user, planned_task(Subject="Corrected"))

    (only,) = CrmWrite.objects.all()
    assert only.payload["Subject"] == "Corrected"


@pytest.mark.parametrize("state", IN_FLIGHT_STATES)
def test_a_write_in_flight_gets_an_update_that_waits_for_it(
    sync_user: Connection, state: WriteState
) -> None:
    (write,) = record(sync_user, planned_task())
    settle(write, state)
    record(sync_user, planned_task(Subject="Corrected"))

    update = CrmWrite.objects.get(generation=2)
    assert (update.operation, update.depends_on) == ("update", write)
    assert update.payload == {"Subject": "Corrected"}


def test_a_finished_write_gets_an_update_of_what_changed(sync_user: Connection) -> None:
    (write,) = record(sync_user, planned_task())
    settle(write, WriteState.DONE)
    record(sync_user, planned_task(Subject="Corrected"))

    update = CrmWrite.objects.get(generation=2)
    assert (update.payload, update.salesforce_record_id) == ({"Subject": "Corrected"}, TASK_ID)


def test_an_update_that_came_to_nothing_is_cancelled(sync_user: Connection) -> None:
    (write,) = record(sync_user, planned_task())
    settle(write, WriteState.DONE)
    record(sync_user, planned_task(Subject="Corrected"))
    record(sync_user, planned_task())

    assert CrmWrite.objects.get(generation=2).state == WriteState.CANCELLED


def test_the_number_of_a_cancelled_update_is_not_given_again(sync_user: Connection) -> None:
    (write,) = record(sync_user, planned_task())
    settle(write, WriteState.DONE)
    for subject in ("Corrected", "Call", "Corrected"):
        record(sync_user, planned_task(Subject=subject))

    assert CrmWrite.objects.get(state=WriteState.PLANNED).generation == 3


def test_what_the_plan_no_longer_asks_for_is_cancelled_while_it_waits(
    sync_user: Connection,
) -> None:
    record(sync_user, planned_task("a"), planned_task("b"))
    record(sync_user, planned_task("a"))

    assert CrmWrite.objects.get(target_key="b").state == WriteState.CANCELLED


def test_a_cancelled_key_that_comes_back_is_a_new_generation(sync_user: Connection) -> None:
    record(sync_user, planned_task("a"), planned_task("b"))
    record(sync_user, planned_task("a"))
    record(sync_user, planned_task("a"), planned_task("b"))

    newest = CrmWrite.objects.get(target_key="b", generation=2)
    assert (newest.state, newest.operation) == ("planned", "create")


def test_changed_facts_take_a_refused_write_up_again(sync_user: Connection) -> None:
    (write,) = record(sync_user, planned_task())
    settle(write, WriteState.NEEDS_ATTENTION)
    record(sync_user, planned_task(Subject="Corrected"))

    assert CrmWrite.objects.get().state == WriteState.PLANNED


def test_the_database_allows_one_unsent_generation(sync_user: Connection) -> None:
    (write,) = record(sync_user, planned_task())
    write.pk = None
    write.generation = 2
    with pytest.raises(IntegrityError), transaction.atomic():
        write.save(force_insert=True)


def test_the_database_allows_no_finished_write_without_its_record(sync_user: Connection) -> None:
    (write,) = record(sync_user, planned_task())
    with pytest.raises(IntegrityError), transaction.atomic():
        CrmWrite.objects.filter(pk=write.pk).update(state=WriteState.DONE)


def test_writes_are_held_while_their_connection_is_broken_and_go_on_after(
    sync_user: Connection,
) -> None:
    record(sync_user, planned_task("a"))
    assert hold_writes(sync_user, "Salesforce needs to be reconnected.") == 1
    assert CrmWrite.objects.get().state == WriteState.HELD

    assert release_writes(sync_user) == 1
    write = CrmWrite.objects.get()
    assert (write.state, write.held_reason) == (WriteState.PLANNED, "")


def test_a_new_sync_user_of_the_same_org_takes_over_what_was_held(sync_user: Connection) -> None:
    record(sync_user, planned_task("a"))
    hold_writes(sync_user, "Disconnected.")
    Connection.objects.filter(pk=sync_user.pk).update(state=Connection.State.ARCHIVED)
    successor = make_salesforce_connection(sync_user.workspace)

    assert release_writes(successor) == 1
    assert CrmWrite.objects.get().connection == successor


def test_another_org_never_gets_what_was_held_for_the_first(sync_user: Connection) -> None:
    record(sync_user, planned_task("a"))
    hold_writes(sync_user, "Disconnected.")
    Connection.objects.filter(pk=sync_user.pk).update(state=Connection.State.ARCHIVED)
    stranger = make_salesforce_connection(sync_user.workspace, org_id="00D000000000009EAA")

    assert release_writes(stranger) == 0
    assert CrmWrite.objects.get().state == WriteState.HELD


def test_a_person_can_try_again(sync_user: Connection) -> None:
    (write,) = record(sync_user, planned_task())
    settle(write, WriteState.NEEDS_ATTENTION)

    assert retry([write]) == 1
    assert CrmWrite.objects.get().state == WriteState.PLANNED


def test_nobody_can_retry_what_is_done_or_on_its_way(sync_user: Connection) -> None:
    (write,) = record(sync_user, planned_task())
    for state in (*IN_FLIGHT_STATES, WriteState.DONE):
        settle(write, state)
        assert retry([write]) == 0


def test_every_state_has_a_word_in_the_activity_log() -> None:
    assert set(ACTIVITY_STATUS) == set(WriteState)
    assert set(ACTIVITY_STATUS.values()) == {"Not Synced", "Synced", "Errors"}
    assert not set(WAITING_STATES) & set(IN_FLIGHT_STATES)
    assert set(DUE_STATES) <= set(WAITING_STATES)


class WireKeyLaw(TestCase):
    """The key on the wire: 29 characters that SOQL needs no quoting for, different by workspace."""

    @settings(max_examples=50)
    @given(target_key=st.text(max_size=250))
    def test_it_is_short_plain_and_ours(self, target_key: str) -> None:
        key = wire_key(1, target_key)
        assert key.startswith("pb-")
        assert len(key) == 29
        assert key.removeprefix("pb-").isalnum()
        assert key == wire_key(1, target_key) != wire_key(2, target_key)


class AnyHistory(TestCase):
    """Whatever plans come and whatever becomes of their writes, the last plan stands in the end."""

    @settings(max_examples=100, deadline=None)
    @given(
        steps=st.lists(
            st.one_of(
                st.tuples(
                    st.just("plan"), st.dictionaries(st.sampled_from("ab"), st.integers(1, 3))
                ),
                st.tuples(st.just("deliver"), st.sampled_from(["done", "refused", "abandoned"])),
            ),
            max_size=12,
        ),
        last=st.dictionaries(st.sampled_from("ab"), st.integers(1, 3), min_size=1),
    )
    def test_it_converges(self, steps: list[tuple[str, Any]], last: dict[str, int]) -> None:
        connection = make_salesforce_connection(make_workspace())
        org: dict[str, dict[str, Any]] = {}
        with workspace_scope(connection.workspace_id):
            for kind, what in [*steps, ("plan", last)]:
                if kind == "plan":
                    writes = [
                        planned_task(key, CallDurationInSeconds=value)
                        for key, value in sorted(what.items())
                    ]
                    record(connection, *writes)
                else:
                    pretend_delivery(org, what)
            while retry(CrmWrite.objects.all()) or pretend_delivery(org, "done"):
                pretend_delivery(org, "done")
            standing = {
                write.target_key: org[write.salesforce_record_id]["CallDurationInSeconds"]
                for write in CrmWrite.objects.filter(state=WriteState.DONE).order_by("generation")
            }
        assert {key: standing[key] for key in last} == last
        assert len(org) <= 2


def pretend_delivery(org: dict[str, dict[str, Any]], outcome: str) -> int:
    """Claim what is eligible and let this become of it; returns how many were taken."""
    connection = Connection.objects.get()
    claim = claim_batch(
        eligible_writes(connection), to_state=WriteState.CLAIMED, limit=9, lease_seconds=9
    )
    for write in claim.rows:
        if outcome == "done":
            record_id = record_id_of(write) or f"00T00000000{write.pk:04}AAA"
            org.setdefault(record_id, {}).update(write.payload)
            update_claimed(write, claim.token, **done_changes(record_id))
        else:
            state = WriteState.RETRYING if outcome == "abandoned" else WriteState.NEEDS_ATTENTION
            return_to_waiting(write, expected={"claim_token": claim.token}, state=state)
    return len(claim.rows)


def test_a_key_whose_record_was_taken_over_comes_back_as_a_record_of_its_own(
    sync_user: Connection,
) -> None:
    (first,) = record(sync_user, planned_task("a"))
    settle(first, WriteState.DONE)
    (takeover,) = record(sync_user, planned_task("b"))
    assert (takeover.operation, takeover.depends_on) == ("update", first)

    record(sync_user, planned_task("a"), planned_task("b"))
    again = CrmWrite.objects.get(target_key="a", generation=2)
    assert again.operation == CrmWrite.Operation.CREATE
    assert again.wire_key != first.wire_key == takeover.wire_key


def test_a_takeover_of_what_never_reached_salesforce_creates_its_own_record(
    sync_user: Connection,
) -> None:
    (first,) = record(sync_user, planned_task("a"))
    settle(first, WriteState.UNKNOWN)
    (takeover,) = record(sync_user, planned_task("b"))
    return_to_waiting(first, expected={"state": WriteState.UNKNOWN}, state=WriteState.RETRYING)

    first.refresh_from_db()
    takeover.refresh_from_db()
    assert first.state == WriteState.CANCELLED
    assert (takeover.operation, takeover.payload) == ("create", takeover.fields)
    assert takeover.wire_key != first.wire_key


def test_a_takeover_that_is_called_off_gives_the_record_back(sync_user: Connection) -> None:
    (first,) = record(sync_user, planned_task("b"))
    settle(first, WriteState.DONE)
    record(sync_user, planned_task("a"))
    record(sync_user)
    record(sync_user, planned_task("b", Subject="Corrected"))

    update = CrmWrite.objects.get(target_key="b", generation=2)
    assert (update.operation, update.depends_on) == ("update", first)
