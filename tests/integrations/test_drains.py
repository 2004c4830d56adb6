"""One worker drains a lane of a connection at a time, and looks again after letting go (F4)."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from integrations.drains import MAX_BATCHES, drain, drain_lease
from integrations.models import Connection, DrainLease
from tests.factories import make_phone_system, make_workspace

LANE = DrainLease.Lane.INBOX


@pytest.fixture
def phone_system(db: None) -> Connection:
    return make_phone_system(make_workspace())


def run(
    phone_system: Connection,
    batch: Callable[[], int],
    *,
    has_due: bool = False,
    woken: list[int] | None = None,
) -> int:
    wakes = woken if woken is not None else []
    return drain(
        phone_system,
        LANE,
        lease_seconds=60,
        batch=batch,
        has_due=lambda: has_due,
        wake=lambda: wakes.append(1),
    )


def test_it_goes_on_until_nothing_is_due(phone_system: Connection) -> None:
    batches = iter([5, 3, 0])
    assert run(phone_system, lambda: next(batches)) == 8


def test_it_stops_after_ten_batches_and_asks_for_another_turn(phone_system: Connection) -> None:
    woken: list[int] = []
    assert run(phone_system, lambda: 1, has_due=True, woken=woken) == MAX_BATCHES
    assert woken == [1]


def test_what_arrives_while_the_lease_is_given_back_is_seen(phone_system: Connection) -> None:
    lane_is_free: list[bool] = []

    def look() -> bool:
        lease = DrainLease.unscoped.get(connection=phone_system)
        lane_is_free.append(lease.lease_expires_at is None)
        return False

    drain(
        phone_system,
        LANE,
        lease_seconds=60,
        batch=lambda: 0,
        has_due=look,
        wake=lambda: None,
    )
    assert lane_is_free == [True]


def test_a_second_worker_finds_the_lane_taken(phone_system: Connection) -> None:
    with drain_lease(phone_system, LANE, seconds=60) as first:
        assert first is not None
        with drain_lease(phone_system, LANE, seconds=60) as second:
            assert second is None
        with drain_lease(phone_system, DrainLease.Lane.OUTBOX, seconds=60) as other_lane:
            assert other_lane is not None


def test_the_lane_of_a_dead_worker_is_free_when_its_lease_runs_out(
    phone_system: Connection,
) -> None:
    with drain_lease(phone_system, LANE, seconds=60):
        DrainLease.unscoped.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        with drain_lease(phone_system, LANE, seconds=60) as successor:
            assert successor is not None


def test_a_worker_that_lost_the_lane_does_not_free_it_for_others(
    phone_system: Connection,
) -> None:
    with drain_lease(phone_system, LANE, seconds=60):
        DrainLease.unscoped.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        successor = drain_lease(phone_system, LANE, seconds=60)
        successor.__enter__()
    with drain_lease(phone_system, LANE, seconds=60) as third:
        assert third is None
    successor.__exit__(None, None, None)


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_one_drains() -> None:
    phone_system = make_phone_system(make_workspace())
    start = threading.Barrier(8)
    at_once: list[int] = []
    inside = threading.Semaphore(1)

    def batch() -> int:
        at_once.append(inside.acquire(blocking=False))
        for _ in range(20):
            DrainLease.unscoped.count()
        inside.release()
        return 0

    def work() -> None:
        start.wait()
        run(phone_system, batch)
        database.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert at_once
    assert all(at_once)
