"""One leg as its own events tell it, before transfers tie legs together. Pure.

A value that the phone system states (in any snapshot) beats one that only follows from the kind of
an event; of several stated values the latest `occurred_at` wins, at the same moment the higher
event id (RULES A1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from calls.events import CallEventData, EventType, LegSnapshot


@dataclass(frozen=True, slots=True)
class LegDraft:
    """A leg while it is folded. `known` merges all snapshots, `holds` are (from, until) pairs of
    which the last may be open."""

    leg_key: str
    known: LegSnapshot
    ring_started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    holds: tuple[tuple[datetime, datetime | None], ...]
    transferred_at: datetime | None = None
    is_consult: bool = False
    transferred_to_leg_key: str | None = None
    transferred_to_extension: str | None = None
    transferred_from_leg_key: str | None = None

    def is_live_at(self, moment: datetime) -> bool:
        """Whether somebody talked on this leg at `moment`."""
        if self.answered_at is None or self.answered_at > moment:
            return False
        return self.ended_at is None or self.ended_at >= moment

    def is_same_member_as(self, other: LegDraft) -> bool:
        """Whether both legs are those of one user, by extension or mail address."""
        mine, theirs = self.known, other.known
        if mine.extension and mine.extension == theirs.extension:
            return True
        return bool(mine.user_email and theirs.user_email) and (
            str(mine.user_email).casefold() == str(theirs.user_email).casefold()
        )


def order_events(events: Iterable[CallEventData]) -> tuple[CallEventData, ...]:
    """Each event once, by time; the order in which they arrived leaves no mark."""
    by_id = {event.event_id: event for event in events}
    return tuple(sorted(by_id.values(), key=lambda event: (event.occurred_at, event.event_id)))


def merge_snapshots(events: Sequence[CallEventData]) -> LegSnapshot:
    """What is known after all of `events`, which must be in order: the latest stated values."""
    known: dict[str, Any] = {}
    for event in events:
        stated = _stated_values(event.snapshot)
        if "caller_name" in stated:
            # A name and who says so go together.
            known.pop("caller_name_source", None)
        known.update(stated)
    return LegSnapshot(**known)


def draft_leg(leg_key: str, events: Sequence[CallEventData]) -> LegDraft:
    """The leg that its own `events` (in order, at least one) describe."""
    known = merge_snapshots(events)
    transferred_at = _last(events, "call.transferred")
    answered_at = (
        known.answered_at
        or _first(events, "call.answered")
        or _first(events, "call.held", "call.resumed")  # only what was answered can be held
    )
    rang_at = known.started_at or _first(events, "call.ringing")
    return LegDraft(
        leg_key=leg_key,
        known=known,
        ring_started_at=rang_at or min(answered_at or events[0].occurred_at, events[0].occurred_at),
        answered_at=answered_at,
        # Whoever transfers is out of the call, even where no end is reported (CRC-56).
        ended_at=known.ended_at or _last(events, "call.ended") or transferred_at,
        holds=_holds(events),
        transferred_at=transferred_at,
    )


def _stated_values(snapshot: LegSnapshot) -> dict[str, Any]:
    values = ((field.name, getattr(snapshot, field.name)) for field in fields(snapshot))
    return {name: value for name, value in values if value is not None}


def _first(events: Sequence[CallEventData], *types: EventType) -> datetime | None:
    return next((event.occurred_at for event in events if event.type in types), None)


def _last(events: Sequence[CallEventData], event_type: EventType) -> datetime | None:
    return _first(tuple(reversed(events)), event_type)


def _holds(events: Sequence[CallEventData]) -> tuple[tuple[datetime, datetime | None], ...]:
    holds: list[tuple[datetime, datetime | None]] = []
    held_since: datetime | None = None
    for event in events:
        if event.type == "call.held":
            held_since = held_since or event.occurred_at
        elif event.type in ("call.resumed", "call.answered") and held_since:
            holds.append((held_since, event.occurred_at))
            held_since = None
    return (*holds, (held_since, None)) if held_since else tuple(holds)
