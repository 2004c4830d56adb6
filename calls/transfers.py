"""How transfers tie the legs of a call together (RULES A3). Pure; part of `calls.fold`.

Each transfer ends the transferor's leg and makes the target's leg a part of the outside call. The
talk of a consult that ended in the transfer is nobody's call record: the target's own consult leg
becomes its leg of the call, from take-over on, and every other leg of the consult is marked.
An abandoned consult is left alone; it stays an internal call.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from calls.events import Transfer
from calls.leg_history import LegDraft

Drafts = dict[str, LegDraft]

# Phone systems report the end of a consult and the transfer that ended it in either order.
CONSULT_END_TOLERANCE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class _Handover:
    """One transfer with the leg that reported it; `at` is the moment of take-over."""

    reported_by: LegDraft
    transfer: Transfer
    at: datetime


def apply_transfers(drafts: Drafts) -> Drafts:
    """The legs with their transfers carried out, earliest first."""
    linked = dict(drafts)
    for handover in _handovers(drafts):
        _carry_out(handover, linked)
    return linked


def _handovers(drafts: Drafts) -> list[_Handover]:
    handovers = []
    for leg in drafts.values():
        # A lost "transferred" event shows in the snapshot of the leg's end.
        at = leg.transferred_at or leg.ended_at
        if leg.known.transfer and at:
            handovers.append(_Handover(leg, leg.known.transfer, at))
    return sorted(handovers, key=lambda handover: (handover.at, handover.reported_by.leg_key))


def _carry_out(handover: _Handover, legs: Drafts) -> None:
    target_key = _find_target_key(handover, legs)
    origin = _find_origin(handover, target_key, legs)
    if origin.leg_key == target_key:
        return
    target = legs.get(target_key or "")
    legs[origin.leg_key] = replace(
        origin,
        ended_at=origin.ended_at or handover.at,
        transferred_to_leg_key=target_key,
        transferred_to_extension=handover.transfer.to_extension
        or (target.known.extension if target else None),
    )
    if handover.transfer.kind == "attended":
        for consult in _find_consults(handover, origin, target, legs):
            ended_at = consult.ended_at or handover.at
            legs[consult.leg_key] = replace(consult, is_consult=True, ended_at=ended_at)
    if target:
        legs[target.leg_key] = _take_over(target, origin, handover)


def _find_target_key(handover: _Handover, legs: Drafts) -> str | None:
    """The leg that takes over: the one named, else the first with the extension that was alive
    after the transfer."""
    transfer = handover.transfer
    if transfer.to_leg_key or not transfer.to_extension:
        return transfer.to_leg_key
    alive_later = [
        leg
        for leg in legs.values()
        if leg.known.extension == transfer.to_extension
        if leg.leg_key != handover.reported_by.leg_key
        if leg.ended_at is None or leg.ended_at > handover.at
    ]
    first = min(alive_later, key=lambda leg: (leg.ring_started_at, leg.leg_key), default=None)
    return first.leg_key if first else None


def _find_origin(handover: _Handover, target_key: str | None, legs: Drafts) -> LegDraft:
    """The transferor's leg with the outside party. Some phone systems report an attended transfer
    on the consult leg instead; then it is the outside leg of the same user, else any that talks."""
    reported = legs[handover.reported_by.leg_key]
    if reported.known.direction != "internal" and reported.leg_key != target_key:
        return reported
    outside = [
        leg
        for leg in legs.values()
        if leg.leg_key not in (reported.leg_key, target_key)
        if leg.known.direction != "internal"
        if _was_live(leg, handover.at)
    ]
    return min(
        outside,
        key=lambda leg: (not leg.is_same_member_as(reported), leg.ring_started_at, leg.leg_key),
        default=reported,
    )


def _find_consults(
    handover: _Handover, origin: LegDraft, target: LegDraft | None, legs: Drafts
) -> list[LegDraft]:
    """The other legs of the consult: internal, of either party, alive until the transfer."""
    own = {origin.leg_key, target.leg_key if target else None}
    parties = [leg for leg in (origin, target) if leg]
    return [
        leg
        for leg in list(legs.values())
        if leg.leg_key not in own
        if leg.known.direction == "internal"
        if leg.leg_key == handover.reported_by.leg_key
        or (any(leg.is_same_member_as(party) for party in parties) and _was_live(leg, handover.at))
    ]


def _was_live(leg: LegDraft, moment: datetime) -> bool:
    return leg.is_live_at(moment) or leg.is_live_at(moment - CONSULT_END_TOLERANCE)


def _take_over(target: LegDraft, origin: LegDraft, handover: _Handover) -> LegDraft:
    """The target's leg as a leg of the outside call: seen from the remote party, not from the
    colleague who dialled (telephony.md 3.3)."""
    seen = replace(
        target.known,
        direction=origin.known.direction or target.known.direction,
        external=origin.known.external,
        external_raw=origin.known.external_raw,
    )
    linked = replace(target, known=seen, transferred_from_leg_key=origin.leg_key)
    talked_before = target.answered_at is not None and target.answered_at < handover.at
    if handover.transfer.kind == "blind" or not talked_before:
        return linked
    return replace(linked, ring_started_at=handover.at, answered_at=handover.at)
