"""The live stream over real HTTP: the state first, then what happens, until it ends (RULES F9)."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
import redis
import requests
import uvicorn
from django.conf import settings

from calls.live import make_live_app
from calls.live_hub import Hub
from calls.panel_feed import CHANNEL
from calls.panel_sessions import end_sessions_of
from integrations.jobs import drain_inbox
from integrations.models import Connection, Membership
from tests.calls.panel_client import PanelClient
from tests.deliveries import PhoneCall


class Stream:
    """What a panel hears."""

    def __init__(self, url: str, token: str, **query: Any) -> None:
        self.answer = requests.get(
            f"{url}/live/",
            params=query,
            headers={"Authorization": f"Bearer {token}", "Origin": "https://elsewhere.test"},
            stream=True,
            timeout=10,
        )
        self._lines = self.answer.iter_lines(chunk_size=1, decode_unicode=True)

    def next(self) -> tuple[str, dict[str, Any]]:
        """The next event: its name and what it says."""
        name = ""
        for line in self._lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
        raise AssertionError("the stream ended without a word")


def _serve(**limits: float) -> Iterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        make_live_app(**limits), log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def live_url(transactional_db: None, redis_client: redis.Redis) -> Iterator[str]:
    """Looks so seldom that only a nudge can be in time."""
    for url in _serve(poll_seconds=60):
        while not cast("list[tuple[bytes, int]]", redis_client.pubsub_numsub(CHANNEL))[0][1]:
            time.sleep(0.01)
        yield url


@pytest.fixture
def patient_url(transactional_db: None) -> Iterator[str]:
    """Looks often, and ends streams after a second."""
    yield from _serve(poll_seconds=0.1, longest_seconds=1)


def test_a_stream_tells_the_state_and_then_each_change_as_it_happens(
    live_url: str, phone_system: Connection, agent: Membership
) -> None:
    stream = Stream(live_url, PanelClient(agent).token)
    assert stream.answer.headers["content-type"].startswith("text/event-stream")
    assert "access-control-allow-origin" not in stream.answer.headers
    name, first = stream.next()
    assert (name, first["is_whole"], first["calls"]) == ("panel", True, [])

    call = PhoneCall(phone_system)
    for kind, phase in (("ringing", "ringing"), ("answered", "talking")):
        call.send(kind, 1)
        drain_inbox(phone_system.pk)
        name, told = stream.next()
        assert (told["is_whole"], [one["phase"] for one in told["calls"]]) == (False, [phase])

    again = Stream(live_url, PanelClient(agent).token, after=told["sequence"] - 1)
    assert [one["phase"] for one in again.next()[1]["calls"]] == ["talking"]


def test_a_stream_ends_with_the_membership_and_after_its_time(
    patient_url: str, phone_system: Connection, agent: Membership
) -> None:
    ended = Stream(patient_url, PanelClient(agent).token)
    ended.next()
    end_sessions_of(agent)
    assert ended.next() == ("end", {"reason": "signed_out"})

    timed = Stream(patient_url, PanelClient(agent).token)
    timed.next()
    assert timed.next() == ("end", {"reason": "come_again"})


def test_only_a_token_opens_a_stream(
    live_url: str, phone_system: Connection, agent: Membership
) -> None:
    token = PanelClient(agent).token
    assert Stream(live_url, "x" * 43).answer.status_code == 401
    assert requests.get(f"{live_url}/live/", timeout=5).status_code == 401
    assert Stream(live_url, token, after="soon").answer.status_code == 400


def test_of_other_origins_only_the_console_may_read(live_url: str) -> None:
    allowed = {
        origin: requests.options(
            f"{live_url}/live/",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "authorization",
            },
            timeout=5,
        ).headers.get("access-control-allow-origin")
        for origin in (settings.PUBLIC_URL, "https://elsewhere.test")
    }
    assert allowed == {settings.PUBLIC_URL: settings.PUBLIC_URL, "https://elsewhere.test": None}


def test_one_question_serves_all_streams_and_a_lost_nudge_costs_one_look() -> None:
    asked: list[set[int]] = []
    sequences = {1: 0, 2: 0}

    async def read(session_ids: Collection[int]) -> Mapping[int, int]:
        asked.append(set(session_ids))
        return dict(sequences)

    async def play() -> None:
        hub = Hub(read)
        await hub.look()
        assert asked == []
        with hub.watching(1, 10) as first, hub.watching(2, 20) as second:
            first.sequence = second.sequence = 0
            sequences[2] = 1
            await hub.look()
            assert asked == [{1, 2}]
            assert (first.news.is_set(), second.news.is_set()) == (False, True)
            hub.nudge({10})
            assert first.news.is_set()

            first.news.clear()
            second.news.clear()
            second.sequence = 1
            await hub.look()
            assert (first.news.is_set(), second.news.is_set()) == (False, False)
            del sequences[1]
            await hub.look()
            assert first.news.is_set(), "a panel that ended has news, too"

    with ThreadPoolExecutor(1) as a_thread_without_a_loop:
        a_thread_without_a_loop.submit(asyncio.run, play()).result()
