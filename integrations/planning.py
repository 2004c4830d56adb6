"""What planners return: the writes that should stand in Salesforce, and the rules that decided.

`calls.plan` and `sms.plan` build these; the outbox stores them (DESIGN 5, RULES C4 and C9). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from integrations.activity_kinds import ActivityKind
from integrations.frozen_json import JsonObject, from_json_object, to_json_object

# The outbox turns a "create" into an update when a done generation of its key exists (RULES C4).
Operation = Literal["create"]
Outcome = Literal["applied", "skipped", "stopped", "flagged", "needs review"]


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One decision, in words for people.

    `rule` is the number in RULES (or the id in FEATURES), `outcome` what came of it: *applied*;
    *skipped*, nothing for this part of the call; *stopped*, the first precondition that failed, so
    that nothing is written; *flagged*, done with a substitute that an admin should look at; *needs
    review*, a person must choose. `about` is the leg it speaks of, empty for the whole call.
    """

    rule: str
    text: str
    outcome: Outcome = "applied"
    about: str = ""


@dataclass(frozen=True, slots=True)
class NewLead:
    """A Lead that is made together with a Task, all or none, and becomes its WhoId (RULES C3, C7).

    `phone_e164` is whose Lead it is: while one for that number is open in the org, no other begins.
    `phone` is how the number is written, `region` its country (ISO 3166), None where it has none.
    """

    phone_e164: str
    last_name: str
    company: str
    phone: str
    region: str | None = None
    full_region_names: bool = False
    runs_assignment_rules: bool = False


@dataclass(frozen=True, slots=True)
class CampaignToJoin:
    """A Salesforce campaign that the person of a Task joins once the Task stands (RULES C7)."""

    campaign_id: str
    name: str


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """One record that should stand in Salesforce.

    `target_key` names it for ever: the same key planned again is the same record. `fields` are
    Salesforce field names with JSON values; None clears a field. `owner_membership_id` is the
    member for whom it is written (whose connection may write it, RULES C5), `feature` the entry of
    the API budget, `parent_key` the record whose row Salesforce locks (one batch for one parent),
    `subject_label` the name people see in the activity log, `activity` what happened there, a value
    of ActivityKind where role settings decide about it. `record_id` is a record that others made
    and change as well: it is never created, and planned only while it differs from `fields`.
    `new_lead` is made along with a Task that is new itself; the Task of a later plan keeps it.
    Whoever the Task then hangs on joins `campaign`, by a write of its own that never holds it up.
    """

    target_key: str
    operation: Operation
    sobject: str
    fields: Mapping[str, Any]
    owner_membership_id: int | None
    feature: str
    parent_key: str | None
    subject_label: str
    activity: str = ActivityKind.CALL
    new_lead: NewLead | None = None
    record_id: str = ""
    campaign: CampaignToJoin | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one subject (a call, a message) should have in Salesforce.

    `effects` are what else should happen, as JSON objects with a `kind`.
    """

    writes: tuple[PlannedWrite, ...]
    trace: tuple[TraceLine, ...]
    effects: tuple[Mapping[str, Any], ...] = ()

    @property
    def needs_review(self) -> bool:
        """Whether a person must choose where something is filed."""
        return any(line.outcome == "needs review" for line in self.trace)

    def to_json(self) -> JsonObject:
        """The plan as a JSON object."""
        return to_json_object(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The plan that `to_json` wrote."""
        return from_json_object(cls, data)


def read_trace(lines: Iterable[Mapping[str, Any]] | None) -> tuple[TraceLine, ...]:
    """The trace as it was stored; lines that another release wrote otherwise are left out."""
    return tuple(
        from_json_object(TraceLine, line) for line in lines or () if {"rule", "text"} <= set(line)
    )
