"""A load generator in one thread: cheap, so that it takes little from the server beside it."""

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_IDLE_SECONDS = 10.0


@dataclass
class Load:
    """What a server answered: HTTP status codes, and seconds from the request to its answer."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(self.statuses.values()) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the requests was answered."""
        return sorted(self.latencies)[int(len(self.latencies) * share)]

    def require(self, status: int) -> "Load":
        """Itself, if every answer was this one: another would measure something else."""
        if set(self.statuses) != {status}:
            raise RuntimeError(f"The server answered {dict(self.statuses)} instead of {status}.")
        return self


def build_request(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """A POST as bytes."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Caller:
    """One connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self.asked_at = 0.0

    def ask(self, request: bytes, at: float) -> None:
        self.asked_at = at
        self.socket.sendall(request)

    def read(self) -> int | None:
        """The status once the answer is complete."""
        chunk = self.socket.recv(65_536)
        if not chunk:
            raise ConnectionError("The server closed the connection.")
        self._received += chunk
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return None
        self._received = b""
        return int(head[9:12])


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    if not found:
        raise RuntimeError(f"An answer without a length: {head!r}")
    return int(rest.partition(b"\r\n")[0])


def drive(
    port: int,
    requests: Iterator[bytes],
    *,
    connections: int,
    seconds: float,
    rate: float | None = None,
) -> Load:
    """Ask for a while; each connection asks again as soon as it is answered.

    With a ``rate`` requests leave at even distances instead, and their latency counts from when
    they should have left, so that a server that stalls cannot hide it.
    """
    callers = [_Caller(port) for _ in range(connections)]
    selector = selectors.DefaultSelector()
    for caller in callers:
        selector.register(caller.socket, selectors.EVENT_READ, caller)
    try:
        if rate is None:
            return _drive_closed(selector, callers, requests, seconds)
        return _drive_paced(selector, callers, requests, seconds, rate)
    finally:
        selector.close()
        for caller in callers:
            caller.socket.close()


def _drive_closed(
    selector: selectors.BaseSelector,
    callers: list[_Caller],
    requests: Iterator[bytes],
    seconds: float,
) -> Load:
    load, started = Load(), time.perf_counter()
    for caller in callers:
        caller.ask(next(requests), time.perf_counter())
    while time.perf_counter() - started < seconds:
        for caller in _answered(selector, load):
            caller.ask(next(requests), time.perf_counter())
    load.seconds = time.perf_counter() - started
    return load


def _drive_paced(
    selector: selectors.BaseSelector,
    callers: list[_Caller],
    requests: Iterator[bytes],
    seconds: float,
    rate: float,
) -> Load:
    load, started = Load(), time.perf_counter()
    idle, sent, wanted = list(callers), 0, int(seconds * rate)
    while sum(load.statuses.values()) < wanted:
        now = time.perf_counter()
        while idle and sent < wanted and started + sent / rate <= now:
            idle.pop().ask(next(requests), started + sent / rate)
            sent += 1
        until_next = started + sent / rate - now if idle and sent < wanted else _IDLE_SECONDS
        idle.extend(_answered(selector, load, max(0.0, until_next)))
    load.seconds = time.perf_counter() - started
    return load


def _answered(
    selector: selectors.BaseSelector, load: Load, patience: float = _IDLE_SECONDS
) -> Iterator[_Caller]:
    ready = selector.select(patience)
    if not ready and patience == _IDLE_SECONDS:
        raise TimeoutError(f"The server did not answer for {_IDLE_SECONDS:.0f} s.")
    for key, _ in ready:
        caller: _Caller = key.data
        status = caller.read()
        if status is not None:
            load.statuses[status] += 1
            load.latencies.append(time.perf_counter() - caller.asked_at)
            yield caller
