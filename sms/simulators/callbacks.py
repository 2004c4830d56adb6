"""Calling the console back, in each vendor's format."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

import requests

TIMEOUT_SECONDS = (2, 15)
_RETRY_SECONDS = (0.2, 1.0, 5.0)
_SHOWN = 300


@dataclass
class Delivery:
    """One callback and how it was answered; `status` is None while no answer came."""

    number: int
    gateway: str
    kind: str
    url: str
    fields: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    answer: str = ""
    attempts: int = 0

    def to_json(self) -> dict[str, Any]:
        """As `GET /_sim/records/deliveries` shows it."""
        return asdict(self)


def sign(url: str, fields: Mapping[str, str], auth_token: str) -> str:
    """Twilio's signature: the address, then every field with its value, by name."""
    words = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    digest = hmac.new(auth_token.encode(), words.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _make_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(8, thread_name_prefix="callback")


class Caller:
    """Sends callbacks from threads; everything else runs on the event loop."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self._threads = _make_threads()
        self._session = requests.Session()
        self._tasks: set[asyncio.Task[None]] = set()

    def reset(self) -> None:
        """Forget what was sent, and what is still to be. What is on its way arrives before this
        returns: nothing calls whoever starts over."""
        for task in self._tasks:
            task.cancel()
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._threads = _make_threads()
        self.deliveries.clear()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something happen beside the requests."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self._tasks.discard)

    def call(
        self,
        gateway: str,
        kind: str,
        url: str,
        fields: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> Awaitable[None]:
        """Post a form, again after a pause while nobody takes it."""
        delivery = Delivery(
            len(self.deliveries) + 1, gateway, kind, url, dict(fields), dict(headers)
        )
        self.deliveries.append(delivery)
        return self._deliver(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        loop = asyncio.get_running_loop()
        for pause in (*_RETRY_SECONDS, None):
            delivery.attempts += 1
            outcome = await loop.run_in_executor(self._threads, self._post, delivery)
            delivery.status, delivery.answer = outcome
            status = delivery.status
            if pause is None or (status is not None and status < 500 and status != 429):
                return
            await asyncio.sleep(pause)

    def _post(self, delivery: Delivery) -> tuple[int | None, str]:
        if not delivery.url:
            return 0, "nobody has told this gateway where to"
        try:
            answer = self._session.post(
                delivery.url,
                data=delivery.fields,
                headers=delivery.headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return None, str(error)[:_SHOWN]
        return answer.status_code, answer.text[:_SHOWN]
