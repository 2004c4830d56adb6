"""A numbered log of what arrived at a simulator, for people and for tests.

Tests assert on it what an outside party would notice: how many requests a thing cost, which
query was asked, whether a dead token was presented.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from integrations.simulators.asgi import is_simulated, read_body, replay_body

ARRIVAL = "patchbay.arrival"
"""Key in the ASGI scope under which a request finds its own line of the log."""


@dataclass
class Arrival:
    """One request. `status` is what the caller saw (None: no answer); `carried_out` is what the
    application answered (None: it never ran), which a fault may have kept from the caller."""

    number: int
    at: str
    method: str
    path: str
    query: str
    status: int | None = None
    carried_out: int | None = None
    milliseconds: float | None = None
    api_requests: int = 0
    fault: str | None = None
    notes: dict[str, Any] = field(default_factory=dict)


class RequestLog:
    """The latest `capacity` arrivals; numbers start at 1 and are never used again."""

    def __init__(self, capacity: int = 20_000) -> None:
        self._arrivals: deque[Arrival] = deque(maxlen=capacity)
        self._numbers = itertools.count(1)

    def open(self, method: str, path: str, query: str) -> Arrival:
        """Begin the line of a request that just arrived."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        arrival = Arrival(next(self._numbers), at, method, path, query)
        self._arrivals.append(arrival)
        return arrival

    def after(self, number: int = 0) -> list[dict[str, Any]]:
        """Lines with a greater number, oldest first, ready for JSON."""
        return [asdict(arrival) for arrival in self._arrivals if arrival.number > number]

    def newest(self, wanted: Callable[[Arrival], bool], limit: int) -> list[Arrival]:
        """The latest lines that are wanted, newest first."""
        return list(itertools.islice(filter(wanted, reversed(self._arrivals)), limit))

    def clear(self) -> None:
        """Forget the lines; numbers go on."""
        self._arrivals.clear()


Annotate = Callable[[Scope, bytes], Mapping[str, Any]]
"""What is worth noting about a request, given its scope and body; the vendor decides."""


def no_notes(scope: Scope, body: bytes) -> Mapping[str, Any]:
    """Annotate nothing."""
    return {}


class RequestRecorder:
    """Middleware: opens a line, notes it, and closes it with what the caller saw."""

    def __init__(self, app: ASGIApp, log: RequestLog, annotate: Annotate = no_notes) -> None:
        self.app = app
        self.log = log
        self.annotate = annotate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_simulated(scope):
            await self.app(scope, receive, send)
            return
        body = await read_body(receive)
        query = scope["query_string"].decode("latin-1")
        arrival = self.log.open(scope["method"], scope["path"], query)
        arrival.notes.update(self.annotate(scope, body))
        scope[ARRIVAL] = arrival
        started = time.perf_counter()

        async def noting_status(message: Message) -> None:
            if message["type"] == "http.response.start":
                arrival.status = message["status"]
                if arrival.fault is None:
                    arrival.carried_out = arrival.status
            await send(message)

        try:
            await self.app(scope, replay_body(body, receive), noting_status)
        finally:
            arrival.milliseconds = round((time.perf_counter() - started) * 1000, 1)
