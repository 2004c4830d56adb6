"""Sending events as a real sender does: signed, in order, again until they are taken."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

from .config import PhoneSystemConfig
from .signing import build_headers

LANES = 8
"""Calls that are sent side by side; the events of one call always share a lane."""
TIMEOUT_SECONDS = (2, 10)
"""For the connection and for the answer."""
SHOWN_ANSWER = 300


@dataclass(frozen=True)
class Habits:
    """How badly this sender behaves; each share is a probability for one event.

    `duplicate`: sent twice under one id. `reorder`: held back for up to `reorder_seconds`, so
    that later events overtake it. `late`: held back for `late_seconds`.
    """

    duplicate: float = 0
    reorder: float = 0
    reorder_seconds: float = 1
    late: float = 0
    late_seconds: float = 5


@dataclass
class Attempt:
    """One try; `status` is None when no answer came and `answer` says why."""

    at: str
    status: int | None
    answer: str


@dataclass
class Delivery:
    """One event on its way. `headers` replace what the sender would set (for bad input)."""

    number: int
    webhook_id: str
    body: bytes
    type: str = ""
    call_key: str = ""
    state: str = "waiting"
    headers: Mapping[str, str] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As `GET /_sim/records/deliveries` shows it."""
        return {**asdict(self), "body": self.body.decode(errors="replace")}


class Deliverer:
    """Sends to one address. Every method runs on the event loop; requests run in threads."""

    def __init__(self, config: PhoneSystemConfig) -> None:
        self.hook_url = config.hook_url
        self.secret = config.secret
        self.habits = Habits()
        self.deliveries: list[Delivery] = []
        self._seed = config.seed
        self._delays = config.retry_delays
        self._session = requests.Session()
        self._session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=LANES))
        self._threads = ThreadPoolExecutor(LANES, thread_name_prefix="delivery")
        self._tasks: set[asyncio.Task[None]] = set()
        self._start_over()

    def _start_over(self) -> None:
        self._dice = random.Random(self._seed)  # noqa: S311 - repeatable, not secret
        self._event_numbers = itertools.count(1)
        self._lanes = [asyncio.Lock() for _ in range(LANES)]

    def reset(self) -> None:
        """Forget everything, also what is still to be sent. Ids begin anew."""
        for task in self._tasks:
            task.cancel()
        self.deliveries.clear()
        self.habits = Habits()
        self._start_over()

    def submit_event(self, event: Mapping[str, Any]) -> Delivery:
        """Send an event of a call under the next id."""
        webhook_id = f"evt-{self._seed}-{next(self._event_numbers):06}"
        delivery = self._remember(
            webhook_id,
            json.dumps(event, separators=(",", ":")).encode(),
            type=str(event["type"]),
            call_key=str(event["call_key"]),
        )
        self._start(delivery, self._roll_delay())
        if self._dice.random() < self.habits.duplicate:
            self.repeat(delivery)
        return delivery

    def submit_raw(
        self, body: bytes, *, webhook_id: str | None, headers: Mapping[str, str]
    ) -> Delivery:
        """Send anything at all, once; `headers` replace the signed ones, empty ones leave out."""
        identity = webhook_id or f"raw-{self._seed}-{len(self.deliveries) + 1:06}"
        delivery = self._remember(identity, body, type="raw", headers=headers)
        self._start(delivery, 0, retry=False)
        return delivery

    def repeat(self, delivery: Delivery) -> Delivery:
        """Send an earlier event once more, same id and body, signed anew."""
        again = self._remember(
            delivery.webhook_id,
            delivery.body,
            type=delivery.type,
            call_key=delivery.call_key,
            headers=delivery.headers,
        )
        self._start(again, self._roll_delay())
        return again

    def _remember(self, webhook_id: str, body: bytes, **facts: Any) -> Delivery:
        delivery = Delivery(len(self.deliveries) + 1, webhook_id, body, **facts)
        self.deliveries.append(delivery)
        return delivery

    def _roll_delay(self) -> float:
        if self._dice.random() < self.habits.late:
            return self.habits.late_seconds
        if self._dice.random() < self.habits.reorder:
            return self._dice.uniform(0, self.habits.reorder_seconds)
        return 0

    def _start(self, delivery: Delivery, delay: float, *, retry: bool = True) -> None:
        if not self.hook_url:
            delivery.state = "not sent: no address"
            return
        delays = self._delays if retry else ()
        task = asyncio.get_running_loop().create_task(self._deliver(delivery, delay, delays))
        self._tasks.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self._tasks.discard)

    async def _deliver(
        self, delivery: Delivery, delay: float, retry_delays: Sequence[float]
    ) -> None:
        if delay:
            await asyncio.sleep(delay)
        # Only first attempts queue up: a refused event must not hold back the rest of its call.
        async with self._lanes[zlib.crc32(delivery.call_key.encode()) % LANES]:
            taken = await self._attempt(delivery)
        for pause in retry_delays:
            if taken:
                return
            await asyncio.sleep(pause)
            taken = await self._attempt(delivery)
        if not taken:
            delivery.state = "given up"

    async def _attempt(self, delivery: Delivery) -> bool:
        loop = asyncio.get_running_loop()
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        status, answer = await loop.run_in_executor(self._threads, self._post, delivery)
        delivery.attempts.append(Attempt(at, status, answer))
        if status is None or not 200 <= status < 300:
            return False
        delivery.state = "delivered"
        return True

    def _post(self, delivery: Delivery) -> tuple[int | None, str]:
        signed = build_headers(
            self.secret,
            webhook_id=delivery.webhook_id,
            timestamp=int(time.time()),
            body=delivery.body,
        )
        headers = {name: value for name, value in {**signed, **delivery.headers}.items() if value}
        try:
            answer = self._session.post(
                self.hook_url,
                data=delivery.body,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return None, str(error)[:SHOWN_ANSWER]
        return answer.status_code, answer.text[:SHOWN_ANSWER]
