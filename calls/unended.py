"""Legs whose end nobody reported: closed as unknown at their last event. Pure.

A phone system that was switched off in mid-call never says how its calls ended. Late events still
count: an end that arrives after all takes the place of the one that was assumed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from calls.events import CallEventData, LegSnapshot
from calls.fold import fold_call

#: Stands as the cause of an end that we assumed; no phone system uses these words.
NO_END_REPORTED = "no end reported"


def open_legs(events: Sequence[CallEventData]) -> list[str]:
    """The keys of legs that have not ended."""
    return [leg.leg_key for leg in fold_call(events).legs if leg.state != "ended"]


def closing_events(
    events: Sequence[CallEventData], given_up: Collection[str]
) -> Iterator[CallEventData]:
    """An end for each leg of ``given_up`` that still has none, at the moment of its last event."""
    if not given_up:
        return
    for leg_key in open_legs(events):
        if leg_key in given_up:
            last = max(
                (one for one in events if one.leg_key == leg_key), key=lambda one: one.occurred_at
            )
            yield CallEventData(
                event_id=f"{last.event_id}/no-end",
                type="call.ended",
                occurred_at=last.occurred_at,
                call_key=last.call_key,
                leg_key=leg_key,
                snapshot=LegSnapshot(ended_at=last.occurred_at, end_cause=NO_END_REPORTED),
            )
