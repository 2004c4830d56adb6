"""What an event of a call says about the other party (RULES C8). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What an event may still say: enough to fold the call as before, and nothing of the other party.
_KEPT = frozenset(
    {
        "direction",
        "did",
        "extension",
        "user_email",
        "started_at",
        "answered_at",
        "ended_at",
        "end_cause",
        "queue",
        "transfer",
    }
)


def without_person(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of a call event without the other party and the recordings."""
    data = payload.get("data") or {}
    return {**payload, "data": {name: data[name] for name in data if name in _KEPT}}
