"""Claiming rows: each goes to one worker, whatever the number of workers (RULES F3)."""

import threading
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, models
from django.db.models.functions import Now
from django.utils import timezone

from integrations.claims import Claim, by_now, claim_batch, from_now, update_claimed
from integrations.models import Connection, InboundEvent
from tests.factories import make_phone_system, make_workspace

State = InboundEvent.State


def make_events(phone_system: Connection, count: int) -> None:
    InboundEvent.unscoped.bulk_create(
        InboundEvent(
            workspace_id=phone_system.workspace_id,
            connection=phone_system,
            handler="calls",
            dedupe_key=f"event-{number}",
            body_digest="",
        )
        for number in range(count)
    )


def due_events() -> "models.QuerySet[InboundEvent]":
    return InboundEvent.unscoped.filter(state=State.RECEIVED, next_attempt_at__lte=by_now())


def claim(limit: int = 10, lease_seconds: float = 60) -> Claim[InboundEvent]:
    return claim_batch(
        due_events(), to_state=State.CLAIMED, limit=limit, lease_seconds=lease_seconds
    )


@pytest.mark.django_db
def test_a_claim_takes_the_oldest_due_rows_and_marks_them() -> None:
    make_events(make_phone_system(make_workspace()), 5)

    taken = claim(limit=3)

    assert [event.dedupe_key for event in taken.rows] == ["event-0", "event-1", "event-2"]
    assert {event.state for event in taken.rows} == {State.CLAIMED}
    assert due_events().count() == 2


@pytest.mark.django_db
def test_rows_that_are_not_due_yet_stay() -> None:
    make_events(make_phone_system(make_workspace()), 1)
    InboundEvent.unscoped.update(next_attempt_at=timezone.now() + timedelta(hours=1))

    assert claim().rows == []


@pytest.mark.django_db
def test_a_worker_that_lost_its_claim_cannot_record() -> None:
    make_events(make_phone_system(make_workspace()), 1)
    first = claim()
    InboundEvent.unscoped.update(state=State.RECEIVED)
    second = claim()

    assert not update_claimed(first.rows[0], first.token, state=State.FAILED)
    assert update_claimed(second.rows[0], second.token, state=State.PROCESSED)
    assert InboundEvent.unscoped.get().state == State.PROCESSED


@pytest.mark.django_db
def test_leases_run_by_the_clock_of_the_database() -> None:
    make_events(make_phone_system(make_workspace()), 1)
    claim(lease_seconds=60)

    assert not InboundEvent.unscoped.filter(lease_expires_at__lt=Now()).exists()
    assert InboundEvent.unscoped.filter(
        lease_expires_at__gt=from_now(50), lease_expires_at__lt=from_now(70)
    ).exists()


@pytest.mark.django_db(transaction=True)
def test_eight_workers_never_take_the_same_row() -> None:
    make_events(make_phone_system(make_workspace()), 400)
    taken: list[str] = []
    tokens: list[uuid.UUID] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        while True:
            batch = claim(limit=7)
            if not batch.rows:
                break
            tokens.append(batch.token)
            taken.extend(event.dedupe_key for event in batch.rows)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    left_to_losers = due_events().count()
    assert max(Counter(taken).values()) == 1
    assert len(taken) + left_to_losers == 400
    assert len(set(tokens)) == len(tokens)
