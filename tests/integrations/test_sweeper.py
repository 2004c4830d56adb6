"""The clock finds what is due even when every wake-up was lost (RULES F4, F13)."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from django.utils import timezone
from rq import Queue
from rq.serializers import JSONSerializer

from integrations import sweeper
from integrations.models import Connection, CrmWrite, InboundEvent, Notice, WriteState
from integrations.retention import prune
from integrations.tenancy import workspace_scope
from tests.deliveries import PhoneCall
from tests.factories import make_phone_system, make_salesforce_connection, make_workspace
from tests.outbox_cases import planned_task, record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sync_user() -> Iterator[Connection]:
    connection = make_salesforce_connection(make_workspace())
    with workspace_scope(connection.workspace_id):
        yield connection


def jobs(redis_client: redis.Redis, queue: str) -> list[str]:
    rows = Queue(queue, connection=redis_client, serializer=JSONSerializer)
    return [str(job.args[0]) for job in rows.jobs]


def test_a_tick_wakes_for_an_event_whose_wake_up_was_lost(redis_client: redis.Redis) -> None:
    phone_system = make_phone_system(make_workspace())
    PhoneCall(phone_system).send("ringing", 0)
    redis_client.flushall()
    sweeper.tick()

    assert jobs(redis_client, "calls") == ["integrations.jobs.drain_inbox"]


def test_a_tick_wakes_for_writes_that_came_due(
    sync_user: Connection, redis_client: redis.Redis
) -> None:
    record(sync_user, planned_task())
    redis_client.flushall()
    sweeper.tick()
    assert jobs(redis_client, "crm") == ["integrations.jobs.deliver_crm_writes"]

    redis_client.flushall()
    CrmWrite.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=1))
    sweeper.tick()
    assert jobs(redis_client, "crm") == []


def test_a_tick_wakes_for_unknown_outcomes(
    sync_user: Connection, redis_client: redis.Redis
) -> None:
    record(sync_user, planned_task())
    CrmWrite.objects.update(state=WriteState.UNKNOWN)
    redis_client.flushall()
    sweeper.tick()

    assert jobs(redis_client, "crm") == ["integrations.jobs.deliver_crm_writes"]


def test_repair_gives_back_what_a_dead_worker_held() -> None:
    phone_system = make_phone_system(make_workspace())
    PhoneCall(phone_system).send("ringing", 0)
    InboundEvent.unscoped.update(
        state=InboundEvent.State.CLAIMED, lease_expires_at=timezone.now() - timedelta(seconds=1)
    )
    sweeper.repair()

    assert InboundEvent.unscoped.get().state == InboundEvent.State.RECEIVED


def test_a_write_that_waits_over_five_minutes_is_told_once_and_taken_back(
    sync_user: Connection,
) -> None:
    record(sync_user, planned_task())
    CrmWrite.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    sweeper.repair()
    sweeper.repair()
    assert Notice.objects.get(kind="writes_late").resolved_at is None

    CrmWrite.objects.update(state=WriteState.CANCELLED)
    sweeper.repair()
    assert Notice.objects.get(kind="writes_late").resolved_at is not None


def test_old_bodies_are_blanked_and_keys_are_kept() -> None:
    phone_system = make_phone_system(make_workspace())
    PhoneCall(phone_system).send("ringing", 0)
    InboundEvent.unscoped.update(received_at=timezone.now() - timedelta(days=31))
    prune()
    event = InboundEvent.unscoped.get()
    assert event.body == ""
    assert event.dedupe_key
    assert event.body_digest

    InboundEvent.unscoped.update(received_at=timezone.now() - timedelta(days=401))
    prune()
    assert not InboundEvent.unscoped.exists()


def test_the_loop_survives_a_failing_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    ticks: list[int] = []

    def failing_tick() -> None:
        ticks.append(1)
        if len(ticks) == 3:
            stop.set()
        raise RuntimeError("the database restarts")

    monkeypatch.setattr(sweeper, "tick", failing_tick)
    monkeypatch.setattr(sweeper, "TICK_SECONDS", 0.0)
    sweeper.run_loop(stop)

    assert len(ticks) == 3
