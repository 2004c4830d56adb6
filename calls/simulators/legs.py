"""What the phone system knows of its calls, and how an event tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


def to_timestamp(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds, as the events spell times."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Leg:
    """One user's part of a call. `consulted_by` is the leg that asked for this talk, if one did."""

    key: str
    extension: str
    email: str
    direction: str
    external: str | None
    external_raw: str
    started_at: datetime
    state: str = "ringing"
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end_cause: str | None = None
    transfer: dict[str, Any] | None = None
    consulted_by: str | None = None

    @property
    def is_talking(self) -> bool:
        """Answered and not over; on hold counts."""
        return self.state in ("answered", "held")


@dataclass
class PhoneCall:
    """One conversation; the same key through transfers."""

    key: str
    direction: str
    did: str | None = None
    queue: str | None = None
    caller_name: str | None = None
    legs: list[Leg] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether every leg has ended."""
        return all(leg.state == "ended" for leg in self.legs)

    def in_state(self, *states: str) -> Iterator[Leg]:
        """The legs in one of these states, oldest first."""
        return (leg for leg in self.legs if leg.state in states)

    def to_json(self) -> dict[str, Any]:
        """As `GET /_sim/records/calls` shows it."""
        legs = [
            {**_snapshot(self, leg), "leg_key": leg.key, "state": leg.state} for leg in self.legs
        ]
        return {
            "call_key": self.key,
            "direction": self.direction,
            "is_over": self.is_over,
            "did": self.did,
            "legs": legs,
        }


def build_event(event_type: str, call: PhoneCall, leg: Leg, at: datetime) -> dict[str, Any]:
    """The event of RULES A1: envelope, and all that is known of the leg at that moment."""
    return {
        "type": event_type,
        "occurred_at": to_timestamp(at),
        "call_key": call.key,
        "leg_key": leg.key,
        "data": _snapshot(call, leg),
    }


def _snapshot(call: PhoneCall, leg: Leg) -> dict[str, Any]:
    return {
        "direction": leg.direction,
        "external": leg.external,
        "external_raw": leg.external_raw,
        "did": call.did,
        "extension": leg.extension,
        "user_email": leg.email or None,
        "started_at": to_timestamp(leg.started_at),
        "answered_at": to_timestamp(leg.answered_at),
        "ended_at": to_timestamp(leg.ended_at),
        "end_cause": leg.end_cause,
        "queue": call.queue,
        "caller_name": call.caller_name,
        "caller_name_source": "network" if call.caller_name else None,
        "transfer": leg.transfer,
    }
