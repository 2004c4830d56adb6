"""Storing many deliveries at once keeps the meaning of storing each: new, repeated, conflict."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import redis
from django.db import OperationalError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from integrations import inbox
from integrations.arrivals import Delivery, Received, WriterConnection, insert_new
from integrations.models import Connection, InboundEvent
from tests.factories import make_phone_system, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)

STORED, REPEATED, CONFLICT = Received.STORED, Received.REPEATED, Received.CONFLICT
#: What JSON, SQL and two databases might each misunderstand.
AWKWARD = "\"quotes\" 'ticks' %s \\ \\u0000 \u2028 ünï😀 \ufffd"


@pytest.fixture
def phone_system() -> Connection:
    return make_phone_system(make_workspace())


def receive(phone_system: Connection, key: str, body: str = "{}") -> Received:
    return inbox.receive(phone_system, handler="calls", dedupe_key=key, body=body.encode())


def delivery(phone_system: Connection, key: str, body: str) -> Delivery:
    return Delivery(phone_system.workspace_id, phone_system.pk, "calls", key, body, f"of {body}")


def test_a_batch_tells_new_repeated_and_conflicting_apart(phone_system: Connection) -> None:
    receive(phone_system, "old", "a")
    stored = InboundEvent.unscoped.get()
    batch = [
        delivery(phone_system, "new", "a"),
        Delivery(*[getattr(stored, name) for name in Delivery.__dataclass_fields__]),
        delivery(phone_system, "old", "b"),
        delivery(phone_system, "new", "a"),
        delivery(phone_system, "new", "b"),
    ]

    assert inbox._store(connection, batch) == [STORED, REPEATED, CONFLICT, REPEATED, CONFLICT]
    bodies = dict(InboundEvent.unscoped.values_list("dedupe_key", "body"))
    assert bodies == {"old": "a", "new": "a"}


def test_a_row_is_as_the_model_would_have_made_it(phone_system: Connection) -> None:
    receive(phone_system, AWKWARD, AWKWARD)
    row = InboundEvent.unscoped.get()
    made = InboundEvent(workspace_id=row.workspace_id, connection=phone_system, handler="calls")

    assert (row.dedupe_key, row.body) == (AWKWARD, AWKWARD)
    given = {"id", "dedupe_key", "body", "body_digest", "received_at", "next_attempt_at"}
    columns = [f.attname for f in InboundEvent._meta.concrete_fields if f.attname not in given]
    assert {name: getattr(row, name) for name in columns} == {
        name: getattr(made, name) for name in columns
    }
    assert row.next_attempt_at == row.received_at


def test_what_is_no_text_is_kept_as_far_as_it_is_one(phone_system: Connection) -> None:
    inbox.receive(phone_system, handler="calls", dedupe_key="k", body=b"\xff\x00text")

    assert InboundEvent.unscoped.get().body == "\ufffd\ufffdtext"


def test_threads_with_the_same_deliveries_store_each_once(
    phone_system: Connection, redis_client: redis.Redis
) -> None:
    together = Barrier(6)

    def deliver(thread: int) -> list[Received]:
        together.wait()
        keys = range(20) if thread % 2 else reversed(range(20))
        try:
            return [receive(phone_system, f"event-{key}") for key in keys]
        finally:
            connections.close_all()  # of this thread

    with ThreadPoolExecutor(6) as threads:
        told = [result for results in threads.map(deliver, range(6)) for result in results]

    assert InboundEvent.unscoped.count() == 20
    assert (told.count(STORED), told.count(REPEATED)) == (20, 100)
    assert redis_client.llen("rq:queue:calls") == 1  # one wake-up serves them all


def test_a_delivery_inside_a_transaction_shares_its_fate(
    phone_system: Connection, redis_client: redis.Redis
) -> None:
    with transaction.atomic():
        assert receive(phone_system, "k") is STORED
        transaction.set_rollback(True)

    assert not InboundEvent.unscoped.exists()
    assert not redis_client.exists("rq:queue:calls")


def test_a_session_that_died_is_replaced(phone_system: Connection) -> None:
    used: list[BaseDatabaseWrapper] = []
    writer = WriterConnection()

    def insert(database: BaseDatabaseWrapper, key: str) -> int:
        used.append(database)
        if len(used) == 2:
            raise OperationalError("server closed the connection unexpectedly")
        return len(insert_new(database, [delivery(phone_system, key, "{}")]))

    assert writer.run(lambda database: insert(database, "a")) == 1
    assert writer.run(lambda database: insert(database, "b")) == 1
    writer.close()
    assert used[0] is used[1] is not used[2]
    assert InboundEvent.unscoped.count() == 2


def test_a_database_that_stays_away_is_an_error(phone_system: Connection) -> None:
    def fail(database: BaseDatabaseWrapper) -> None:
        raise OperationalError("no route to host")

    writer = WriterConnection()
    with pytest.raises(OperationalError):
        writer.run(fail)
    writer.close()
