"""Which legs of a call get a call record (RULES A2 to A6). Pure.

One for each member who talked, or one for a call that nobody answered; every leg without one is
explained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from calls.facts import LegFacts, PlanFacts
from calls.ownership import Owner, owner_of_talk, owner_of_unanswered
from calls.plan_options import PlanOptions
from integrations.planning import TraceLine


@dataclass(frozen=True, slots=True)
class RecordDue:
    """A leg that gets a record, and whose it is."""

    leg: LegFacts
    owner: Owner


def select_records(facts: PlanFacts, options: PlanOptions) -> Iterator[RecordDue | TraceLine]:
    """The records due, and a *skipped* line for each leg that has none."""
    talked: list[LegFacts] = []
    rung: list[LegFacts] = []
    for leg in facts.legs:
        if leg.is_consult:
            yield _skip("A3", f"{_who(leg)}: talk before an attended transfer, no record.", leg)
        elif leg.has_talked:
            yield _decide_talk(leg, talked, facts, options)
            talked.append(leg)
        else:
            rung.append(leg)
    # A colleague who talked inside an outside call has not answered that call.
    is_answered = any(_is_internal(leg, facts) == facts.call.is_internal for leg in talked)
    rung_for_call = [leg for leg in rung if _is_internal(leg, facts) == facts.call.is_internal]
    if not is_answered and rung_for_call:
        yield _decide_unanswered(rung_for_call, facts, options)
        return
    for leg in rung:
        yield _skip("A2", f"{_who(leg)} was only rung; that stays in the call history.", leg)


def _decide_talk(
    leg: LegFacts, earlier: Sequence[LegFacts], facts: PlanFacts, options: PlanOptions
) -> RecordDue | TraceLine:
    if _is_internal(leg, facts) and not options.save_internal_calls:
        return _skip("A6", "Internal calls are not saved (save_internal_calls is off).", leg)
    if leg.ended_at is None:
        return _skip("A4", f"{_who(leg)} is still talking; the record follows.", leg)
    if not options.log_without_panel and not leg.had_panel:
        return _skip("A5", f"{_who(leg)} had no live panel during the call.", leg)
    if any(_is_same_talk(leg, other, facts) for other in earlier):
        text = f"{_who(leg)} talked on two legs at once; that is one record."
        return _skip("A2", text, leg)
    return RecordDue(leg, owner_of_talk(leg, facts))


def _decide_unanswered(
    rung: Sequence[LegFacts], facts: PlanFacts, options: PlanOptions
) -> RecordDue | TraceLine:
    first = rung[0]
    if facts.call.is_internal and not options.save_internal_calls:
        return _skip("A6", "Internal calls are not saved (save_internal_calls is off).", first)
    if facts.call.ended_at is None:
        return _skip("A4", "Nobody has answered yet; the call is not over.", first)
    if options.record_unanswered == "none":
        return _skip("A2", "Nobody answered, and such calls get no record.", first)
    if not options.log_without_panel and not any(leg.had_panel for leg in rung):
        return _skip("A5", "Nobody who was rung had a live panel during the call.", first)
    owner = owner_of_unanswered(rung, facts)
    voicemail_url = next((leg.voicemail_url for leg in rung if leg.voicemail_url), None)
    as_call = replace(
        first,
        member=owner.member,
        ring_started_at=facts.call.started_at,
        voicemail_url=voicemail_url,
    )
    return RecordDue(as_call, owner)


def _is_same_talk(leg: LegFacts, other: LegFacts, facts: PlanFacts) -> bool:
    """Whether both legs are one member's one talk: two devices, or a call system that shows both
    halves of a channel. Coming back by a later transfer is a talk of its own (A3)."""
    if leg.member is None or other.member is None or leg.answered_at is None:
        return False
    if leg.member.membership_id != other.member.membership_id:
        return False
    if _is_internal(leg, facts) != _is_internal(other, facts) or other.answered_at is None:
        return False
    ends = [end for end in (leg.ended_at, other.ended_at) if end]
    return not ends or max(leg.answered_at, other.answered_at) < min(ends)


def _is_internal(leg: LegFacts, facts: PlanFacts) -> bool:
    return leg.is_internal or facts.call.is_internal


def _who(leg: LegFacts) -> str:
    return leg.member.name if leg.member else leg.extension or f"Leg {leg.leg_key}"


def _skip(rule: str, text: str, leg: LegFacts) -> TraceLine:
    return TraceLine(rule, text, "skipped", about=leg.leg_key)
