"""A call, folded from all of its events (RULES A1, A3). Pure.

The result depends on the *set* of events only: any order of arrival and any repetition give the
same call. A further event may fill gaps and correct times, but never moves a leg back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from calls.events import CallEventData, Direction, LegSnapshot
from calls.leg_history import LegDraft, draft_leg, merge_snapshots, order_events
from calls.transfers import apply_transfers

State = Literal["ringing", "answered", "held", "ended"]
Outcome = Literal[
    "answered",
    "missed",
    "busy",
    "rejected",
    "abandoned",
    "failed",
    "voicemail",
    "transferred",
]

# The phone systems' words for the end of a leg that nobody answered (telephony.md 2.7); numbers are
# Q.850 causes. Every other word, no answer and a cancelled ring included, is *missed*.
_OUTCOME_OF_CAUSE: dict[str, Outcome] = {
    "17": "busy",
    "busy": "busy",
    "user_busy": "busy",
    "21": "rejected",
    "call_rejected": "rejected",
    "declined": "rejected",
    "rejected": "rejected",
    "abandoned": "abandoned",
    "1": "failed",
    "34": "failed",
    "38": "failed",
    "congestion": "failed",
    "failed": "failed",
    "network_out_of_order": "failed",
    "unallocated_number": "failed",
    "voicemail": "voicemail",
}
# A caller who hangs up leaves a queue (abandoned) or a ringing phone (missed): different facts.
_CALLER_GAVE_UP = frozenset({"canceled", "cancelled", "caller_hangup", "originator_cancel"})


@dataclass(frozen=True, slots=True)
class FoldedLeg:
    """One user's part of a call.

    `talk_seconds` is answered to ended, holds included, and 0 while the leg is open or if it only
    rang. `external` and `external_raw` are the other party as this leg sees it. `is_consult` marks
    talk that went into an attended transfer and is nobody's call record.
    """

    leg_key: str
    extension: str | None
    user_email: str | None
    direction: Direction
    state: State
    ring_started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    held_seconds: int
    talk_seconds: int
    end_cause: str | None
    transferred_to_leg_key: str | None
    transferred_to_extension: str | None
    transferred_from_leg_key: str | None
    is_consult: bool
    recording_url: str | None
    voicemail_url: str | None
    external: str | None
    external_raw: str | None


@dataclass(frozen=True, slots=True)
class NameHint:
    """A name that came with the call and who says so, empty for the phone system itself. It is for
    reading and never a match (CRC-80)."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class FoldedCall:
    """The whole conversation; `legs` by ring time, then key. `ended_at` and `outcome` are None
    until every leg has ended. `name_hints` are the latest of each source (CRC-90). Datetimes are
    aware UTC."""

    call_key: str
    direction: Direction
    external_raw: str | None
    external: str | None
    did: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    state: State
    outcome: Outcome | None
    queue: str | None
    caller_name: str | None
    caller_name_source: str | None
    dial_request_id: str | None
    legs: tuple[FoldedLeg, ...]
    name_hints: tuple[NameHint, ...] = ()


def fold_call(events: Iterable[CallEventData]) -> FoldedCall:
    """The call that `events`, all of one call key, describe.

    Raises ValueError where there are no events or those of several calls.
    """
    ordered = order_events(events)
    call_keys = {event.call_key for event in ordered}
    if len(call_keys) != 1:
        raise ValueError(f"A call is folded from the events of one call, not of {len(call_keys)}.")
    drafts = apply_transfers(_draft_legs(ordered))
    in_order = sorted(drafts.values(), key=lambda leg: (leg.ring_started_at, leg.leg_key))
    return _build_call(ordered, in_order)


def _draft_legs(ordered: Sequence[CallEventData]) -> dict[str, LegDraft]:
    by_leg: dict[str, list[CallEventData]] = {}
    for event in ordered:
        by_leg.setdefault(event.leg_key, []).append(event)
    return {leg_key: draft_leg(leg_key, by_leg[leg_key]) for leg_key in sorted(by_leg)}


def _build_call(ordered: Sequence[CallEventData], drafts: Sequence[LegDraft]) -> FoldedCall:
    roots = _root_legs(drafts)
    root_keys = {leg.leg_key for leg in roots}
    known = merge_snapshots([event for event in ordered if event.leg_key in root_keys])
    direction = known.direction or _likely_direction(known)
    legs = tuple(_build_leg(draft, direction) for draft in drafts)
    own_legs = [leg for leg in legs if not leg.is_consult]
    ended_at = max(leg.ended_at or leg.ring_started_at for leg in legs)
    answers = [leg.answered_at for leg in roots if leg.answered_at]
    state = _call_state(own_legs or legs)
    return FoldedCall(
        call_key=ordered[0].call_key,
        direction=direction,
        external_raw=known.external_raw,
        external=known.external,
        did=known.did,
        started_at=min(leg.ring_started_at for leg in roots),
        answered_at=min(answers, default=None),
        ended_at=ended_at if state == "ended" else None,
        state=state,
        outcome=_outcome(own_legs or legs, known) if state == "ended" else None,
        queue=known.queue,
        caller_name=known.caller_name,
        caller_name_source=known.caller_name_source,
        dial_request_id=known.dial_request_id,
        legs=legs,
        name_hints=_name_hints(event for event in ordered if event.leg_key in root_keys),
    )


def _name_hints(ordered: Iterable[CallEventData]) -> tuple[NameHint, ...]:
    """The latest name of each source; the sources in their own order, not in that of arrival."""
    said = {
        event.snapshot.caller_name_source or "": event.snapshot.caller_name
        for event in ordered
        if event.snapshot.caller_name
    }
    return tuple(NameHint(name, source) for source, name in sorted(said.items()))


def _root_legs(drafts: Sequence[LegDraft]) -> list[LegDraft]:
    """The legs that tell what call this is: not those reached by transfer, and in an outside call
    not the talk among colleagues."""
    roots = [leg for leg in drafts if not leg.is_consult and not leg.transferred_from_leg_key]
    outside = [leg for leg in roots if leg.known.direction != "internal"]
    return outside or roots or list(drafts)


def _likely_direction(known: LegSnapshot) -> Direction:
    """For phone systems that do not say: what was asked for by click-to-dial goes out."""
    return "outbound" if known.dial_request_id else "inbound"


def _build_leg(draft: LegDraft, call_direction: Direction) -> FoldedLeg:
    known = draft.known
    return FoldedLeg(
        leg_key=draft.leg_key,
        extension=known.extension,
        user_email=known.user_email,
        direction=known.direction or call_direction,
        state=_leg_state(draft),
        ring_started_at=draft.ring_started_at,
        answered_at=draft.answered_at,
        ended_at=draft.ended_at,
        held_seconds=_held_seconds(draft),
        talk_seconds=_seconds_between(draft.answered_at, draft.ended_at),
        end_cause=known.end_cause,
        transferred_to_leg_key=draft.transferred_to_leg_key,
        transferred_to_extension=draft.transferred_to_extension,
        transferred_from_leg_key=draft.transferred_from_leg_key,
        is_consult=draft.is_consult,
        recording_url=known.recording_url,
        voicemail_url=known.voicemail_url,
        external=known.external,
        external_raw=known.external_raw,
    )


def _leg_state(draft: LegDraft) -> State:
    if draft.ended_at:
        return "ended"
    if not draft.answered_at:
        return "ringing"
    is_on_hold = bool(draft.holds) and draft.holds[-1][1] is None
    return "held" if is_on_hold else "answered"


def _held_seconds(draft: LegDraft) -> int:
    """Whole seconds on hold; a hold that is still open counts once the leg has ended."""
    if draft.answered_at is None:
        return 0
    total = 0
    for held_at, resumed_at in draft.holds:
        until = min(filter(None, (resumed_at, draft.ended_at)), default=None)
        total += _seconds_between(max(held_at, draft.answered_at), until)
    return total


def _seconds_between(start: datetime | None, end: datetime | None) -> int:
    if start is None or end is None:
        return 0
    return max(0, int((end - start).total_seconds()))


def _call_state(legs: Sequence[FoldedLeg]) -> State:
    """Answered once anybody talked, even while a transfer rings; held if all who talk hold."""
    if all(leg.state == "ended" for leg in legs):
        return "ended"
    talking = {leg.state for leg in legs if leg.state in ("answered", "held")}
    if talking == {"held"}:
        return "held"
    return "answered" if any(leg.answered_at for leg in legs) else "ringing"


def _outcome(legs: Sequence[FoldedLeg], known: LegSnapshot) -> Outcome:
    if any(leg.answered_at for leg in legs):
        was_transferred = any(leg.transferred_from_leg_key for leg in legs) or any(
            leg.transferred_to_leg_key or leg.transferred_to_extension for leg in legs
        )
        return "transferred" if was_transferred else "answered"
    outcomes = {_unanswered_outcome(leg, known.queue) for leg in legs}
    for outcome in ("voicemail", "abandoned"):
        if outcome in outcomes:
            return outcome
    # One colleague was busy and another did not answer: together they missed the call.
    return outcomes.pop() if len(outcomes) == 1 else "missed"


def _unanswered_outcome(leg: FoldedLeg, queue: str | None) -> Outcome:
    if leg.voicemail_url:
        return "voicemail"
    cause = (leg.end_cause or "").strip().casefold().replace(" ", "_").replace("-", "_")
    if cause in _CALLER_GAVE_UP and queue:
        return "abandoned"
    return _OUTCOME_OF_CAUSE.get(cause, "missed")
