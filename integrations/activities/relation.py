"""Which records an activity is related to (MIX-15; RULES B3, B4). Pure.

What the report names counts; else the single record with the address or number. Several are never
guessed: the activity is then filed under none, which the trace says.
"""

from __future__ import annotations

from dataclasses import dataclass

from integrations.activities.facts import PlanFacts
from integrations.planning import TraceLine
from integrations.salesforce.precedence import Candidate, dedupe_person_accounts

_CONTACT, _LEAD = "003", "00Q"
#: Prefixes of records that go into WhoId (salesforce.md 3.1).
PERSON_PREFIXES = (_CONTACT, _LEAD)


@dataclass(frozen=True, slots=True)
class Relation:
    """The two slots of the record, the person's name if a search found it, and why."""

    who_id: str | None
    what_id: str | None
    name: str
    trace: tuple[TraceLine, ...]


def relate(facts: PlanFacts) -> Relation:
    """The relation of one activity."""
    activity = facts.activity
    if activity.record_id:
        if activity.record_id.startswith(PERSON_PREFIXES):
            line = TraceLine("MIX-15", "Filed under the person that the report names.")
            return _with_related(facts, activity.record_id, "", line)
        line = TraceLine("MIX-15", "Filed under the record that the report names.")
        return Relation(None, activity.record_id, "", (line,))
    matches = dedupe_person_accounts(facts.candidates)
    if len(matches) == 1:
        return _with_match(facts, matches[0])
    return _with_related(facts, None, "", _no_person(facts, len(matches)))


def _with_match(facts: PlanFacts, match: Candidate) -> Relation:
    line = TraceLine("B3.5", f"Filed under {match.name}, the only record with {_reach(facts)}.")
    if match.sobject in ("Contact", "Lead"):
        return _with_related(facts, match.record_id, match.name, line)
    if match.person_contact_id:
        return _with_related(facts, match.person_contact_id, match.name, line)
    what_id = facts.activity.related_to_id or match.record_id
    return Relation(None, what_id, match.name, (line,))


def _with_related(facts: PlanFacts, who_id: str | None, name: str, line: TraceLine) -> Relation:
    """A Lead takes no second record (B4)."""
    related = facts.activity.related_to_id or None
    if related and who_id and who_id.startswith(_LEAD):
        left_out = TraceLine("B4", "A Lead takes no second record: that is left out.", "skipped")
        return Relation(who_id, None, name, (line, left_out))
    also = (TraceLine("MIX-15", "Related to the record that the report names."),) if related else ()
    return Relation(who_id, related, name, (line, *also))


def _no_person(facts: PlanFacts, matches: int) -> TraceLine:
    if facts.match_error:
        text = f"Salesforce could not be asked for {_reach(facts)}: {facts.match_error}"
    elif matches:
        text = f"{matches} records have {_reach(facts)}: none is guessed."
    elif facts.activity.person_email or facts.activity.phone_e164:
        text = f"No record has {_reach(facts)}."
    else:
        return TraceLine("MIX-15", "The report names no person.")
    return TraceLine("B3.7", text, "flagged")


def _reach(facts: PlanFacts) -> str:
    return "this address" if facts.activity.person_email else "this number"
