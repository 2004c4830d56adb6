"""Nothing that was acknowledged is lost, however often the web server is killed (DESIGN 9)."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.utils import timezone
from standardwebhooks import Webhook

from integrations.models import Connection, InboundEvent
from tests.deliveries import PhoneCall
from tests.factories import SIGNING_SECRET, make_phone_system, make_workspace
from tests.harness.figures import Tell

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

KILLS = 50
SENDERS = 6
#: Acknowledged between two kills, so that every server was at work when it died.
_AT_WORK = 8
_DEADLINE_SECONDS = 150.0


class Senders:
    """Threads that send events, each again until it is acknowledged, as phone systems do."""

    def __init__(self, phone_system: Connection, url: str) -> None:
        self.acknowledged: dict[str, str] = {}
        self.repeated = 0
        self._call = PhoneCall(phone_system)
        self._url = f"{url}/hooks/calls/{phone_system.key}/"
        self._stop = threading.Event()

    def send(self, sender: int) -> None:
        """Send until ``stop``."""
        with requests.Session() as session:
            number = 0
            while not self._stop.is_set():
                number += 1
                event_id = f"{sender}-{number}"
                body = json.dumps(self._call.payload("ringing", number))
                while not self._stop.is_set() and not self._is_taken(session, event_id, body):
                    self.repeated += 1
                    self._stop.wait(0.02)

    def stop(self) -> None:
        self._stop.set()

    def _is_taken(self, session: requests.Session, event_id: str, body: str) -> bool:
        now = timezone.now()
        headers = {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(SIGNING_SECRET).sign(event_id, now, body),
        }
        try:
            answer = session.post(self._url, data=body, headers=headers, timeout=10)
        except requests.RequestException:
            return False
        assert answer.status_code == 202, answer.text
        self.acknowledged[event_id] = body
        return True


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def web_server(
    process_environment: Mapping[str, str], tmp_path: Path
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Its address, and the process that prints each new server's group."""
    port = _free_port()
    with (tmp_path / "output").open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.kill.web", str(port)],
            cwd=settings.BASE_DIR,
            env={
                **process_environment,
                "LOG_LEVEL": "ERROR",
                "INTAKE_RATE_LIMIT": "100000/second",
            },
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
        )
    with server:
        try:
            yield f"http://127.0.0.1:{port}", server
        finally:
            server.terminate()


def test_nothing_acknowledged_is_lost_in_fifty_kills(
    web_server: tuple[str, "subprocess.Popen[str]"], tell: Tell
) -> None:
    url, server = web_server
    senders = Senders(make_phone_system(make_workspace()), url)
    deadline = time.monotonic() + _DEADLINE_SECONDS
    with ThreadPoolExecutor(SENDERS) as threads:
        sending = [threads.submit(senders.send, number) for number in range(SENDERS)]
        try:
            _kill_again_and_again(server, senders, deadline)
        finally:
            senders.stop()
        for future in sending:
            future.result()

    stored = dict(InboundEvent.unscoped.values_list("dedupe_key", "body"))
    tell(
        f"{KILLS} kills: {len(senders.acknowledged)} events acknowledged, {len(stored)} stored, "
        f"{senders.repeated} times sent again"
    )
    assert {key: stored.get(key) for key in senders.acknowledged} == senders.acknowledged
    # What died between commit and answer is stored as well; each sender waits for one at a time.
    assert len(stored) <= len(senders.acknowledged) + SENDERS


def _kill_again_and_again(
    server: "subprocess.Popen[str]", senders: Senders, deadline: float
) -> None:
    assert server.stdout is not None
    ticks = threading.Event()
    for _ in range(KILLS):
        group = int(server.stdout.readline())
        enough = len(senders.acknowledged) + _AT_WORK
        while len(senders.acknowledged) < enough:
            assert time.monotonic() < deadline, "the server did not come back"
            ticks.wait(0.002)
        os.killpg(group, signal.SIGKILL)
