"""Call events in a few words: times are seconds after noon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from calls.events import CallEventData, EventType, LegSnapshot, Transfer

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_ids = count(1)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def event(
    kind: str, leg: str, seconds: float, event_id: str = "", **snapshot: Any
) -> CallEventData:
    """`kind` without "call."; snapshot values that end in `_at` may be seconds too."""
    for name, value in snapshot.items():
        if name.endswith("_at") and isinstance(value, int | float):
            snapshot[name] = at(value)
    event_type: EventType = f"call.{kind}"  # type: ignore[assignment]
    return CallEventData(
        event_id=event_id or f"e-{next(_ids):04}",
        type=event_type,
        occurred_at=at(seconds),
        call_key="c1",
        leg_key=leg,
        snapshot=LegSnapshot(**snapshot),
    )


def inbound(kind: str, leg: str, seconds: float, **more: Any) -> CallEventData:
    caller = {"direction": "inbound", "external": "+442079460123", "external_raw": "02079460123"}
    return event(kind, leg, seconds, **{**caller, **more})


def consult(kind: str, leg: str, seconds: float, **more: Any) -> CallEventData:
    colleague = {"direction": "internal", "external_raw": "201"}
    return event(kind, leg, seconds, **{**colleague, **more})


def attended(to_leg: str | None = None, to_extension: str | None = None) -> Transfer:
    return Transfer("attended", to_leg, to_extension)


def blind(to_leg: str | None = None, to_extension: str | None = None) -> Transfer:
    return Transfer("blind", to_leg, to_extension)
