"""Run a simulator: in the foreground as a process of the demo, or in a thread for a test."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from integrations.simulators.asgi import HANG_UP

GRACE_SECONDS = 2
"""How long a stopping simulator waits for answers that are still being written."""


class DroppingProtocol(H11Protocol):
    """HTTP/1.1 that lets the application close its connection; ASGI itself has no such word."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = self.app

        async def with_hang_up(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[HANG_UP] = transport.close
            await app(scope, receive, send)

        self.app = with_hang_up


class _Server(uvicorn.Server):
    """Tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _bind(host: str, port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where the protocol is named: 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=DroppingProtocol,
        lifespan="off",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"


def serve(
    app: ASGIApp,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C, then return; main thread only.

    `ready` is called once with the base address when connections are accepted. Port 0 takes a
    free one. Raises `OSError` when the port is taken.
    """
    listener = _bind(host, port)
    server = _Server(_config(app), lambda: ready(_address(listener)) if ready else None)

    def already_stopping(signum: int, frame: FrameType | None) -> None:
        """Uvicorn raises the signal once more after a graceful stop; that is not an error."""

    previous = {
        number: signal.signal(number, already_stopping)
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        for number, handler in previous.items():
            signal.signal(number, handler)


@dataclass(frozen=True)
class RunningServer:
    """A simulator that answers at `url` (no slash at the end)."""

    url: str


@contextlib.contextmanager
def run_in_thread(
    app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[RunningServer]:
    """Serve from a daemon thread on a free port while the block runs (for tests)."""
    listener = _bind(host, port)
    started = threading.Event()
    server = _Server(_config(app), started.set)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True
    )
    thread.start()
    try:
        if not started.wait(timeout=10):
            raise RuntimeError("the simulator did not start within 10 s")
        yield RunningServer(_address(listener))
    finally:
        server.should_exit = True
        thread.join(timeout=GRACE_SECONDS + 5)
        listener.close()
