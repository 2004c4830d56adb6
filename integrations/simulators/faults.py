"""Faults as data: what goes wrong with which requests, how often.

    {"method": "POST", "path": "^/services/data/.*/composite/sobjects$",
     "fault": "after", "times": 2}

| fault    | carried out              | what the caller sees                              |
| -------- | ------------------------ | ------------------------------------------------- |
| `before` | no                       | the connection closes without an answer           |
| `after`  | yes                      | the connection closes without an answer           |
| `late`   | yes, `seconds` later     | the connection closes at once, without an answer  |
| `delay`  | yes, at once             | the answer, `seconds` later                       |
| `cut`    | yes                      | the headers and half of the body, then the end    |
| `status` | no                       | `status` with `body` (text, or anything as JSON)  |

`method` and `path` (a regular expression, searched in the path) default to everything. `times`
uses the fault up; `share` is the probability (0 to 1) with which it strikes; with neither it
strikes until it is deleted. The first fault that matches a request wins.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from integrations.simulators.asgi import (
    CapturedAnswer,
    hang_up,
    is_simulated,
    read_body,
    replay_body,
)
from integrations.simulators.requestlog import ARRIVAL, Arrival

KINDS = ("before", "after", "late", "delay", "cut", "status")
KEYS = frozenset(
    {"method", "path", "fault", "status", "body", "headers", "seconds", "times", "share"}
)


class FaultError(ValueError):
    """A fault that cannot be understood; the message says why."""


@dataclass
class Fault:
    """One rule of what goes wrong; `hits` counts how often it struck."""

    number: int
    fault: str
    method: str | None
    path: str
    status: int
    body: Any
    headers: Mapping[str, str]
    seconds: float
    times: int | None
    share: float | None
    hits: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule is about this request and not used up."""
        if self.times is not None and self.hits >= self.times:
            return False
        return self.method in (None, method) and re.search(self.path, path) is not None

    def to_json(self) -> dict[str, Any]:
        """As `GET /_sim/faults` shows it."""
        return {**vars(self), "headers": dict(self.headers)}


def parse_fault(number: int, data: Mapping[str, Any]) -> Fault:
    """Read a fault from JSON. Raises `FaultError`."""
    if unknown := sorted(set(data) - KEYS):
        raise FaultError(f"unknown keys: {', '.join(unknown)}")
    if data.get("fault") not in KINDS:
        raise FaultError(f"fault must be one of {', '.join(KINDS)}")
    if "times" in data and "share" in data:
        raise FaultError("times and share exclude each other")
    try:
        re.compile(data.get("path", ""))
        return Fault(
            number=number,
            fault=data["fault"],
            method=data["method"].upper() if data.get("method") else None,
            path=data.get("path", ""),
            status=int(data.get("status", 503)),
            body=data.get("body", ""),
            headers=dict(data.get("headers", {})),
            seconds=float(data.get("seconds", 0)),
            times=int(data["times"]) if "times" in data else None,
            share=float(data["share"]) if "share" in data else None,
        )
    except (re.error, AttributeError, TypeError, ValueError) as error:
        raise FaultError(str(error)) from error


class Faults:
    """The faults in force. `seed` makes the shares repeatable."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self.pending: set[asyncio.Task[None]] = set()
        self.clear()

    def add(self, data: Mapping[str, Any]) -> Fault:
        """Put a fault in force. Raises `FaultError`."""
        fault = parse_fault(next(self._numbers), data)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Lift every fault and start the dice anew."""
        self._faults: list[Fault] = []
        self._numbers = itertools.count(1)
        self._dice = random.Random(self._seed)  # noqa: S311 - repeatable, not secret

    def cancel_pending(self) -> None:
        """Forget `late` requests that were not carried out yet."""
        for task in self.pending:
            task.cancel()

    def to_json(self) -> list[dict[str, Any]]:
        """Every fault with its hits, used-up ones included."""
        return [fault.to_json() for fault in self._faults]

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, counted; None lets it pass."""
        for fault in self._faults:
            if not fault.matches(method, path):
                continue
            if fault.share is None or self._dice.random() < fault.share:
                fault.hits += 1
                return fault
        return None


Strike = Callable[[Fault, Scope, Receive, Send], Awaitable[None]]


class FaultInjector:
    """Middleware that carries faults out. Stands inside `RequestRecorder`."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self.app = app
        self.faults = faults
        self._strikes: dict[str, Strike] = {
            "before": self._before,
            "after": self._after,
            "late": self._carry_out_late,
            "delay": self._delay,
            "cut": self._cut,
            "status": self._status,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = None
        if is_simulated(scope):
            fault = self.faults.strike(scope["method"], scope["path"])
        if fault is None:
            await self.app(scope, receive, send)
            return
        _arrival(scope).fault = fault.fault
        await self._strikes[fault.fault](fault, scope, receive, send)

    async def _carry_out(self, scope: Scope, receive: Receive) -> CapturedAnswer:
        answer = CapturedAnswer()
        await self.app(scope, receive, answer)
        _arrival(scope).carried_out = answer.status
        return answer

    async def _before(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await hang_up(scope, receive)

    async def _after(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await self._carry_out(scope, receive)
        await hang_up(scope, receive)

    async def _carry_out_late(
        self, fault: Fault, scope: Scope, receive: Receive, send: Send
    ) -> None:
        body = await read_body(receive)
        await hang_up(scope, receive)

        async def later() -> None:
            await asyncio.sleep(fault.seconds)
            await self._carry_out(scope, replay_body(body, receive))

        task = asyncio.create_task(later())
        self.faults.pending.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self.faults.pending.discard)

    async def _delay(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._carry_out(scope, receive)
        await asyncio.sleep(fault.seconds)
        await answer.send_on(send)

    async def _cut(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._carry_out(scope, receive)
        if answer.start is not None and answer.body:
            half = bytes(answer.body[: len(answer.body) // 2])
            await send(answer.start)
            await send({"type": "http.response.body", "body": half, "more_body": True})
        await hang_up(scope, receive)

    async def _status(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        is_text = isinstance(fault.body, str)
        body = fault.body if is_text else json.dumps(fault.body)
        media_type = "text/html" if is_text else "application/json"
        answer = Response(body, fault.status, headers=fault.headers, media_type=media_type)
        await answer(scope, receive, send)


def _arrival(scope: Scope) -> Arrival:
    arrival: Arrival = scope[ARRIVAL]
    return arrival
