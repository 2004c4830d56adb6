"""Events understood a second: from the stored body to the folded call."""

import itertools
import json
import time
from collections.abc import Iterable
from typing import Any

from integrations import inbox
from integrations.arrivals import Delivery, insert_new
from integrations.models import Connection, InboundEvent
from tests.bench.interleaved import interleave
from tests.bench.registry import Figure, benchmark
from tests.bench.stage import Stage
from tests.filed_calls import Desk

_CALLS = 100
_EVENTS_PER_CALL = 3


@benchmark("understanding", "events folded into calls, against a loop that parses and marks them")
def measure(stage: Stage) -> Iterable[Figure]:
    """Drains full inboxes, one after the other, in this process."""
    desk = Desk()
    bursts = itertools.count()
    rates = interleave(
        stage.rounds,
        {
            "drain": lambda: _rate(desk, next(bursts), _drain),
            "bare loop": lambda: _rate(desk, next(bursts), _parse_and_mark),
        },
    )
    yield Figure("understanding: events", "/s", rates["drain"], rates["bare loop"])


def _rate(desk: Desk, burst: int, work: Any) -> float:
    _fill(desk, burst)
    started = time.perf_counter()
    work(desk.phone_system)
    seconds = time.perf_counter() - started
    ours = InboundEvent.unscoped.filter(connection=desk.phone_system)
    left = ours.exclude(state=InboundEvent.State.PROCESSED).count()
    if left:
        raise RuntimeError(f"{left} events were not understood.")
    return _CALLS * _EVENTS_PER_CALL / seconds


def _fill(desk: Desk, burst: int) -> None:
    from django.db import connection

    deliveries = []
    for number in range(_CALLS):
        call = desk.call(f"+1415557{number:04d}", key=f"burst-{burst}-{number}")
        events = (
            call.payload("ringing", 0),
            call.payload("answered", 5, answered_at=5),
            call.payload("ended", 65, answered_at=5, ended_at=65, end_cause="normal"),
        )
        deliveries += [
            Delivery(
                desk.phone_system.workspace_id,
                desk.phone_system.pk,
                "calls",
                f"{call.key}-{place}",
                json.dumps(event),
                "",
            )
            for place, event in enumerate(events)
        ]
    insert_new(connection, deliveries)


def _drain(phone_system: Connection) -> None:
    while inbox.process_batch(phone_system):
        pass


def _parse_and_mark(phone_system: Connection) -> None:
    """The least that a correct consumer could do: read each row, parse it, mark it done."""
    waiting = InboundEvent.unscoped.filter(
        connection=phone_system, state=InboundEvent.State.RECEIVED
    )
    for event in waiting.order_by("id"):
        json.loads(event.body)
        InboundEvent.unscoped.filter(pk=event.pk).update(state=InboundEvent.State.PROCESSED)
