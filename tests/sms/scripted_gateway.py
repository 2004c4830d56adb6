"""A gateway that answers as a test says, for what no vendor's wire is needed to show."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from integrations.models import Connection, Workspace
from sms import backends
from sms.backends.base import Accepted, Callback, InboundText, OutboundText
from sms.models import Message, Sender
from sms.statuses import MessageStatus


class ScriptedGateway:
    """Accepts every text, unless ``script`` has something else for its number."""

    key = "scripted"
    label = "Scripted"
    kept_headers = ()
    reports_each_part = False

    def __init__(self) -> None:
        self.sent: list[OutboundText] = []
        self.script: dict[str, list[Exception | Callable[[OutboundText], Accepted]]] = defaultdict(
            list
        )
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def send(self, text: OutboundText) -> Accepted:
        with self._lock:
            self.sent.append(text)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            step = self.script[text.to_e164].pop(0) if self.script[text.to_e164] else None
        try:
            if isinstance(step, Exception):
                raise step
            return step(text) if step else Accepted(f"gw-{text.reference}")
        finally:
            with self._lock:
                self.at_once -= 1

    def parse_inbound(self, callback: Callback) -> InboundText:
        """Every callback is a text from the same handset; its body is what it says."""
        return InboundText("in-1", "+447700900123", "+442079460000", callback.body)

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def scripted_gateway() -> Iterator[ScriptedGateway]:
    """The gateway of every connection whose backend is ``scripted``."""
    gateway = ScriptedGateway()
    backends.BACKENDS["scripted"] = lambda connection: gateway  # type: ignore[assignment, return-value]
    try:
        yield gateway
    finally:
        del backends.BACKENDS["scripted"]


def make_gateway(workspace: Workspace) -> Connection:
    """A connection to the scripted gateway."""
    return Connection.unscoped.create(
        workspace=workspace, kind=Connection.Kind.SMS_GATEWAY, backend="scripted", name="Gateway"
    )


def make_sender(connection: Connection, value: str = "442079460000", **fields: Any) -> Sender:
    """The default sender, unless told otherwise."""
    return Sender.unscoped.create(
        **{
            "workspace": connection.workspace,
            "connection": connection,
            "kind": Sender.Kind.NUMERIC,
            "value": value,
            "is_default": True,
            "segments_per_second": 1000,
        }
        | fields
    )


def receive(sender: Sender, text: str = "", **fields: Any) -> Message:
    """A text from a handset that was kept and not acted on."""
    return Message.unscoped.create(
        **{
            "workspace": sender.workspace,
            "connection": sender.connection,
            "direction": Message.Direction.INBOUND,
            "purpose": Message.Purpose.CONVERSATION,
            "origin": Message.Origin.HANDSET,
            "phone_e164": "+447700900123",
            "text": text,
            "state": MessageStatus.RECEIVED,
        }
        | fields
    )
