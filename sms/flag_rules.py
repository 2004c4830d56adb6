"""What a checkbox seen in Salesforce decides, and what should stand in the others (RULES D2). Pure.

A true opts its number out, whoever set it. A false opts in only where that very record was seen
true, somebody else than Patchbay's user took it off later, and no other record with the number is
true. A field that is not there, a write that failed and a record that is new decide nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from integrations.frozen_json import JsonObject, to_json_object
from integrations.planning import Plan, PlannedWrite, TraceLine
from sms.record_flags import FlaggedRecord

# Raised whenever the same facts would be planned differently.
PLANNER_VERSION = 1
SCHEMA_VERSION = 1
FEATURE = "opt-outs"
#: What the activity log calls it; no role decides whether an opt-out is kept.
ACTIVITY = "opt_out"


class Verdict(Enum):
    """What one look at one record comes to, for one of its numbers."""

    NOTHING = "nothing is decided by it"
    OPTS_OUT = "its number is opted out"
    TAKEN_OFF = "its number is opted in, unless another record with it is true"


@dataclass(frozen=True, slots=True)
class KnownFlag:
    """What is known of a record's checkbox. ``stamp`` is None where our own write set it."""

    is_flagged: bool
    stamp: datetime | None = None


def judge(seen: FlaggedRecord, known: KnownFlag | None, our_users: Collection[str]) -> Verdict:
    """What this look decides. ``our_users`` are the Salesforce users that Patchbay writes as."""
    if known and known.stamp and seen.stamp < known.stamp:
        return Verdict.NOTHING  # an answer that was overtaken
    if seen.is_flagged:
        return Verdict.NOTHING if known and known.is_flagged else Verdict.OPTS_OUT
    if known is None or not known.is_flagged or seen.editor_id in our_users:
        return Verdict.NOTHING
    return Verdict.TAKEN_OFF


def others_flagged(
    seen: FlaggedRecord, phone_e164: str, everyone: Iterable[FlaggedRecord]
) -> tuple[FlaggedRecord, ...]:
    """The other records with this number whose checkbox is set."""
    return tuple(
        one
        for one in everyone
        if one.record_id != seen.record_id and one.is_flagged and phone_e164 in one.numbers
    )


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """A record with the number. ``was_left``: somebody took the mark off while others kept theirs,
    so that it is not set again; ``field`` is empty where it cannot be written."""

    sobject: str
    record_id: str
    name: str
    is_flagged: bool
    field: str = ""
    was_left: bool = False


@dataclass(frozen=True, slots=True)
class FlagFacts:
    """Everything that the planner may read (RULES C9). ``since`` is when the standing began."""

    opt_out_id: int
    phone_e164: str
    org_id: str
    is_opted_out: bool
    since: datetime
    records: tuple[RecordFacts, ...] = field(default=())
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> JsonObject:
        """The facts as a JSON object."""
        return to_json_object(self)


def plan_flag_writes(facts: FlagFacts) -> Plan:
    """The checkboxes that differ from where the number stands, but for those that people left."""
    words = "opted out" if facts.is_opted_out else "may be written to again"
    trace = [TraceLine("D2", f"{facts.phone_e164} {words}: every record with it should say so.")]
    if not facts.records:
        trace.append(TraceLine("D2", "No record in Salesforce has this number.", "skipped"))
    writes = []
    for record in facts.records:
        line = _decide(facts, record)
        trace.append(line)
        if line.outcome == "applied":
            writes.append(_write(facts, record))
    return Plan(tuple(writes), tuple(trace))


def _decide(facts: FlagFacts, record: RecordFacts) -> TraceLine:
    about, name = record.record_id, f"{record.sobject} {record.name}".strip()
    if record.is_flagged == facts.is_opted_out:
        return TraceLine("D2", f"{name} says so already.", "skipped", about)
    if not record.field:
        text = f"{name} cannot be changed: the connected user may only look at the checkbox."
        return TraceLine("D2", text, "flagged", about)
    if facts.is_opted_out and record.was_left:
        text = f"Somebody took the mark off {name}, so it is not set again."
        return TraceLine("D2", text, "skipped", about)
    return TraceLine("D2", f"The checkbox of {name} is changed.", "applied", about)


def _write(facts: FlagFacts, record: RecordFacts) -> PlannedWrite:
    fields: dict[str, Any] = {record.field: facts.is_opted_out}
    return PlannedWrite(
        target_key=f"opt_out:{facts.opt_out_id}:{record.record_id}:flag",
        operation="create",
        sobject=record.sobject,
        fields=fields,
        owner_membership_id=None,
        feature=FEATURE,
        parent_key=None,
        subject_label=f"SMS opt-out of {record.name or facts.phone_e164}",
        activity=ACTIVITY,
        record_id=record.record_id,
    )
