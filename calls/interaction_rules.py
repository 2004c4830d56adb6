"""What people did about a call decides before any match does (RULES B3.2 to B3.4, B4). Pure.

Only the moment of an interaction counts, never the order in which they were kept or how often.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from calls.facts import InteractionFacts, LegFacts, OrgFacts, PlanFacts
from calls.interaction_kinds import INTERACTION_KINDS, InteractionRule
from calls.record_slots import Association, describe_match, file_under, unfiled
from integrations.planning import TraceLine
from integrations.salesforce.precedence import Candidate

#: What an activity can hang on besides people, until the org's describe was read.
USUAL_PARENTS = frozenset({"Account", "Campaign", "Case", "Opportunity"})


def associate_by_choice(facts: PlanFacts, leg_keys: Collection[str]) -> Association | None:
    """The latest choice of a person about one of these legs or the whole call (B3.2)."""
    return _associate("B3.2", leg_keys, facts)


def associate_by_page(leg: LegFacts, facts: PlanFacts) -> Association | None:
    """The last eligible record that was popped or opened during the leg (B3.3); else the record
    that the member dialled from (B3.4)."""
    return _associate("B3.3", (leg.leg_key,), facts) or _associate("B3.4", (leg.leg_key,), facts)


def is_eligible(record: Candidate, org: OrgFacts) -> bool:
    """Whether a call record can hang on it (B4): never a user, a list, a report."""
    if record.sobject in ("Contact", "Lead") or record.is_person_account:
        return True
    return record.sobject in (USUAL_PARENTS if org.task_parents is None else org.task_parents)


def _associate(
    rule: InteractionRule, leg_keys: Collection[str], facts: PlanFacts
) -> Association | None:
    known = sorted(
        (one for one in facts.interactions if one.leg_key in ("", *leg_keys)), key=_moment
    )
    speaking = [one for one in known if _speaks(one, rule, facts.org)]
    if not speaking:
        return None
    latest = speaking[-1]
    if latest.record is None:
        return unfiled(rule, _tell(latest))
    before = list(_others_before(latest, known, facts))
    association = file_under(
        latest.record, rule, _tell(latest), earlier=[one.record for one in before if one.record]
    )
    first, *slots = association.trace
    overtaken = (
        TraceLine(rule, f"Before that {_tell(one)} The later one counts.")
        for one in before
        if one in speaking
    )
    return replace(association, trace=(first, *overtaken, *slots))


def _moment(one: InteractionFacts) -> tuple[datetime, str, str, str]:
    """Two at the very same moment have an order, too."""
    return one.happened_at, one.kind, one.record.record_id if one.record else "", one.by


def _speaks(one: InteractionFacts, rule: InteractionRule, org: OrgFacts) -> bool:
    if INTERACTION_KINDS[one.kind].rule != rule:
        return False
    # What a person chose stands as chosen; a page that was passed must be a place for a record.
    return rule == "B3.2" or (one.record is not None and is_eligible(one.record, org))


def _others_before(
    latest: InteractionFacts, known: Sequence[InteractionFacts], facts: PlanFacts
) -> Iterable[InteractionFacts]:
    """Other records that were dealt with until then, each once, the latest first."""
    seen = {latest.record.record_id[:15] if latest.record else ""}
    seen |= {one[:15] for one in facts.gone_records}
    for one in reversed(known):
        if one.record is None or _moment(one) > _moment(latest):
            continue
        short_id = one.record.record_id[:15]
        if short_id not in seen and is_eligible(one.record, facts.org):
            seen.add(short_id)
            yield one


def _tell(one: InteractionFacts) -> str:
    if one.record is None:
        return f"{one.by} decided that none of the records is right."
    return f"{one.by} {INTERACTION_KINDS[one.kind].deed} {describe_match(one.record)}."
