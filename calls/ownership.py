"""Who owns a call record (RULES A2, K-11, CRC-73). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calls.facts import LegFacts, MemberFacts, PlanFacts
from integrations.planning import Outcome, TraceLine


@dataclass(frozen=True, slots=True)
class Owner:
    """The Salesforce user or queue (None: the connection's own user), the member for whom the
    record is written, and why."""

    user_id: str | None
    member: MemberFacts | None
    trace: TraceLine


def owner_of_talk(leg: LegFacts, facts: PlanFacts) -> Owner:
    """The member who talked; an unknown or unlinked one is replaced by the default owner."""
    if leg.member is None:
        number = leg.extension or "The leg"
        text = f"{number} belongs to no member that we know"
        return _default_owner(facts, None, leg, text, "flagged")
    return _owner_of_member(leg.member, leg, facts, f"{leg.member.name} talked")


def owner_of_unanswered(rung: Sequence[LegFacts], facts: PlanFacts) -> Owner:
    """The only member rung, else the default owner."""
    members = {leg.member.membership_id if leg.member else None: leg.member for leg in rung}
    only = next(iter(members.values())) if len(members) == 1 else None
    if only is None:
        text = "Nobody answered, and it was not one member alone who was rung"
        return _default_owner(facts, None, rung[0], text, "applied")
    return _owner_of_member(only, rung[0], facts, f"Nobody answered; only {only.name} was rung")


def _owner_of_member(member: MemberFacts, leg: LegFacts, facts: PlanFacts, why: str) -> Owner:
    if member.salesforce_user_id:
        text = f"{why}: the record is theirs."
        return Owner(member.salesforce_user_id, member, TraceLine("A2", text, about=leg.leg_key))
    text = f"{why}, but is linked with no Salesforce user"
    return _default_owner(facts, member, leg, text, "flagged")


def _default_owner(
    facts: PlanFacts, member: MemberFacts | None, leg: LegFacts, why: str, outcome: Outcome
) -> Owner:
    whose = "the default owner" if facts.default_owner else "the connection's own user"
    line = TraceLine("A2", f"{why}: the record goes to {whose}.", outcome, about=leg.leg_key)
    return Owner(facts.default_owner, member, line)


def explain_withheld(owner: Owner, leg: LegFacts) -> TraceLine | None:
    """Why calls of the member for whom the record would be written are not recorded, or None."""
    member = owner.member
    if member is None or member.calls_withheld_by is None:
        return None
    if member.calls_withheld_by == "role":
        text = f"The role settings record no calls of {member.name}."
        return TraceLine("MIX-15", text, "skipped", about=leg.leg_key)
    text = f"{member.name} chose not to record calls in Salesforce."
    return TraceLine("MIX-16", text, "skipped", about=leg.leg_key)
