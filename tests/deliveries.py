"""Posting signed call events to the door, as a phone system does."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from integrations.models import Connection
from integrations.phone_systems import signing_secrets

_ids = count(1)


def post_event(
    phone_system: Connection,
    payload: Any,
    *,
    event_id: str | None = None,
    secret: str | None = None,
    at: datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """Sign ``payload`` (JSON-able, or a raw text) and post it; returns the answer."""
    body = payload if isinstance(payload, str) else json.dumps(payload)
    message_id = event_id or f"event-{next(_ids)}"
    sent_at = at or timezone.now()
    signature = Webhook(secret or signing_secrets(phone_system)[0]).sign(message_id, sent_at, body)
    signed = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": signature,
    } | dict(headers or {})
    return Client().post(
        f"/hooks/calls/{phone_system.key}/",
        data=body,
        content_type="application/json",
        headers=signed,
    )


class PhoneCall:
    """One call as its phone system reports it: events with full snapshots, times in seconds."""

    def __init__(
        self,
        phone_system: Connection,
        *,
        key: str = "",
        external: str = "+14155550123",
        direction: str = "inbound",
        started_at: datetime | None = None,
    ) -> None:
        self.phone_system = phone_system
        self.key = key or f"call-{next(_ids)}"
        self.common = {
            "direction": direction,
            "external": external,
            "external_raw": external,
            "did": "+18005550100",
        }
        self.started_at = started_at or datetime.now(UTC) - timedelta(minutes=5)

    def at(self, seconds: float) -> str:
        return (self.started_at + timedelta(seconds=seconds)).isoformat()

    def payload(
        self, kind: str, seconds: float, *, leg: str = "leg-1", extension: str = "201", **data: Any
    ) -> dict[str, Any]:
        for name in ("answered_at", "ended_at"):
            if name in data:
                data[name] = self.at(data[name])
        return {
            "type": f"call.{kind}",
            "occurred_at": self.at(seconds),
            "call_key": self.key,
            "leg_key": leg,
            "data": self.common | {"extension": extension, "started_at": self.at(0)} | data,
        }

    def send(self, kind: str, seconds: float, **data: Any) -> Any:
        """Post one event; the answer must be 202."""
        answer = post_event(self.phone_system, self.payload(kind, seconds, **data))
        assert answer.status_code == 202, answer.content
        return answer

    def play(self, *, talk_seconds: float = 60, **data: Any) -> None:
        """A whole answered call: rings, is answered after five seconds, ends."""
        ended = 5 + talk_seconds
        self.send("ringing", 0, **data)
        self.send("answered", 5, answered_at=5, **data)
        self.send("ended", ended, answered_at=5, ended_at=ended, end_cause="normal", **data)
