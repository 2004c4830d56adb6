"""Whether a member's panel is Available, and if not why (RULES A8; CRC-12, CRC-13, CRC-19 to 22).

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

#: The oldest version of the panel's script that this release works with.
OLDEST_SCRIPT = 1


class Check(StrEnum):
    """A precondition of being Available, in the order in which people can see to them."""

    PANEL_LIVE = "panel_live"
    PANEL_VERSION = "panel_version"
    PHONE_SYSTEM = "phone_system"
    PHONE_SYSTEM_ENABLED = "phone_system_enabled"
    PHONE_SYSTEM_HEALTHY = "phone_system_healthy"
    EXTENSION = "extension"
    LICENCE = "licence"


@dataclass(frozen=True, slots=True)
class PresenceFacts:
    """What decides. `script_version` is that of the panel that asks, None where none is live.

    `last_event_failed` of the phone system; silence is not a fault. `licence` is none, client or
    db.
    """

    script_version: int | None
    has_phone_system: bool
    is_phone_system_enabled: bool
    last_event_failed: bool
    extension: str
    licence: str


@dataclass(frozen=True, slots=True)
class Presence:
    """`reason` is the first check that failed; `checks` are all of them, for diagnostics."""

    state: Literal["available", "not_connected"]
    reason: Check | None
    checks: tuple[tuple[Check, bool], ...]


def judge_presence(facts: PresenceFacts) -> Presence:
    """Available where every precondition holds. What cannot be judged yet counts as failed."""
    is_live = facts.script_version is not None
    is_enabled = facts.has_phone_system and facts.is_phone_system_enabled
    checks = (
        (Check.PANEL_LIVE, is_live),
        (Check.PANEL_VERSION, is_live and (facts.script_version or 0) >= OLDEST_SCRIPT),
        (Check.PHONE_SYSTEM, facts.has_phone_system),
        (Check.PHONE_SYSTEM_ENABLED, is_enabled),
        (Check.PHONE_SYSTEM_HEALTHY, is_enabled and not facts.last_event_failed),
        (Check.EXTENSION, bool(facts.extension)),
        (Check.LICENCE, facts.licence != "none"),
    )
    reason = next((check for check, holds in checks if not holds), None)
    return Presence("not_connected" if reason else "available", reason, checks)
