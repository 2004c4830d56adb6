"""Callbacks of the simulated gateways: starting over leaves nothing on its way."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sms.simulators.callbacks import Caller


class SlowConsole:
    """Takes its time over each callback."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.answered = 0
        console = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                console.begun.set()
                time.sleep(0.3)
                console.answered += 1
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def console() -> Iterator[SlowConsole]:
    slow = SlowConsole()
    thread = threading.Thread(target=slow.server.serve_forever)
    thread.start()
    yield slow
    slow.server.shutdown()
    slow.server.server_close()
    thread.join()


def test_what_is_on_its_way_has_arrived_when_the_gateway_starts_over(console: SlowConsole) -> None:
    async def call_and_start_over() -> None:
        caller = Caller()

        async def call() -> None:
            await caller.call("mitto", "report", console.url, {"status": "Delivered"}, {})

        caller.spawn(call())
        assert await asyncio.to_thread(console.begun.wait, 5)
        caller.reset()
        assert console.answered == 1
        assert caller.deliveries == []

    # A loop wants a thread of its own: the test browser keeps one running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, call_and_start_over()).result()
