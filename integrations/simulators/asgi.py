"""The few ASGI gestures that the request log and the faults share."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send

CONTROL_PREFIX = "/_sim/"
"""Addresses of the controls themselves: never logged, never broken."""

HANG_UP = "patchbay.hang_up"
"""Key in `scope["extensions"]`: a function that closes the TCP connection (set by `server`)."""


def is_simulated(scope: Scope) -> bool:
    """Whether this is a request to the simulated party, not to its controls."""
    return scope["type"] == "http" and not scope["path"].startswith(CONTROL_PREFIX)


async def read_body(receive: Receive) -> bytes:
    """The whole request body, chunked or not."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(parts)


def replay_body(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands out a body read earlier, then whatever really comes."""
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection without (the rest of) an answer, and wait until it is closed.

    Raises `RuntimeError` under a server that cannot do it: run simulators with `server`.
    """
    close = scope.get("extensions", {}).get(HANG_UP)
    if close is None:
        raise RuntimeError("this ASGI server cannot drop connections; use simulators.server")
    close()
    while (await receive())["type"] != "http.disconnect":
        pass


@dataclass
class CapturedAnswer:
    """A `send` that keeps the answer instead of sending it."""

    start: Message | None = None
    body: bytearray = field(default_factory=bytearray)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    @property
    def status(self) -> int | None:
        """The status that the application answered, if it did."""
        return None if self.start is None else int(self.start["status"])

    async def send_on(self, send: Send) -> None:
        """Send the kept answer after all."""
        if self.start is not None:
            await send(self.start)
            await send({"type": "http.response.body", "body": bytes(self.body)})
