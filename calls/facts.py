"""Everything that the planner of calls may read, in one frozen value (RULES C9).

Kept as JSON with every plan, so that any past day can be planned again under other options. Pure.
All datetimes are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from calls.events import Direction
from calls.fold import Outcome, State
from calls.interaction_kinds import InteractionKind
from integrations.frozen_json import JsonObject, from_json_object, to_json_object
from integrations.salesforce.precedence import Candidate

SCHEMA_VERSION = 1

# How an outbound call was dialled (B3.4, B3.5, CRC-91): in the dial field of the panel, by a click
# on a number, on the telephone itself, or by another program that the phone system names.
DialSource = Literal["dial field", "click to dial", "handset", "elsewhere"]


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """The member whose leg it is. `time_zone` is an IANA name; `is_salesforce_zone` says that it
    comes from the linked Salesforce user, and only then may a subject name it (A7).
    `calls_withheld_by` says who keeps calls of theirs out of Salesforce: their roles' settings or
    their own choice (MIX-15, MIX-16)."""

    membership_id: int
    name: str
    salesforce_user_id: str | None
    time_zone: str
    is_salesforce_zone: bool
    extension: str = ""
    calls_withheld_by: Literal["role", "member"] | None = None


@dataclass(frozen=True, slots=True)
class LegFacts:
    """One folded leg with its member, None where the extension is shared or unknown (A2).

    `is_internal` is a fact of the leg: an abandoned consult is internal inside an outside call.
    `had_panel`: a panel session of the member was live at some moment from ring to end (A5).
    `searched_objects` are those that the member's softphone layout has searched (CRC-36), None
    where no layout narrows the search.
    `note` and `disposition` are what the member wrote on the panel.
    """

    leg_key: str
    direction: Direction
    state: State
    ring_started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    held_seconds: int
    talk_seconds: int
    is_internal: bool
    member: MemberFacts | None = None
    extension: str | None = None
    external_raw: str | None = None
    end_cause: str | None = None
    transferred_to_leg_key: str | None = None
    transferred_to_extension: str | None = None
    transferred_from_leg_key: str | None = None
    is_consult: bool = False
    had_panel: bool = False
    recording_url: str | None = None
    voicemail_url: str | None = None
    searched_objects: frozenset[str] | None = None
    note: str = ""
    disposition: str = ""

    @property
    def has_talked(self) -> bool:
        """Whether this leg is talk that a call record is about."""
        return self.answered_at is not None and not self.is_consult


@dataclass(frozen=True, slots=True)
class CallFacts:
    """The conversation. `external_raw` is the other party as dialled (without the outside-line
    prefix) or shown, `external_e164` None for extensions, garbage and withheld numbers."""

    call_id: int
    call_key: str
    direction: Direction
    external_raw: str
    external_e164: str | None
    is_internal: bool
    is_withheld: bool
    started_at: datetime
    ended_at: datetime | None
    did: str | None = None
    outcome: Outcome | None = None
    queue: str | None = None
    caller_name: str | None = None
    caller_name_source: str | None = None
    dial_request_id: str | None = None
    dial_source: DialSource | None = None


@dataclass(frozen=True, slots=True)
class InteractionFacts:
    """What somebody did with a record during a leg, or about the whole call where `leg_key` is
    empty. Without `record` they *chose* that none is right."""

    leg_key: str
    happened_at: datetime
    by: str
    record: Candidate | None = None
    kind: InteractionKind = "chosen"


@dataclass(frozen=True, slots=True)
class LookupFacts:
    """How the search for the number stands; `reason` is for people.

    *found* means that Salesforce answered, be it with no record at all.
    """

    state: Literal["not needed", "found", "pending", "failed"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OrgFacts:
    """The connected org: its id (empty while none is connected), the Status that means closed (A4),
    the Task fields that may be written, None while unknown, whether it has the field for the
    start of a call (CRC-94), and the objects besides people that a Task can hang on, by the Task's
    describe (B4), None while unknown."""

    org_id: str
    closed_status: str = "Completed"
    task_fields: frozenset[str] | None = None
    has_start_field: bool = False
    task_parents: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class TrackedNumberFacts:
    """What the company's number that was called stands for; `campaign_id` is empty without one."""

    e164: str
    label: str
    campaign_id: str = ""
    campaign_name: str = ""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """All of it. `default_owner` is a Salesforce user or queue id; `own_numbers` are E.164 numbers
    of the company and its members, never matched (B1); `interactions` are what people did about
    the call, in any order; `options` is the snapshot pinned on the call (C1). `gone_records` are
    ids that Salesforce let nothing be filed under (C6), `similar_records` those that a duplicate
    rule named instead of taking a new Lead (C3).
    `tracked_number` is the company's own that was called, if it is on the list (CTM-09)."""

    call: CallFacts
    legs: tuple[LegFacts, ...]
    org: OrgFacts
    lookup: LookupFacts
    candidates: tuple[Candidate, ...] = ()
    interactions: tuple[InteractionFacts, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    options_revision: int = 0
    default_owner: str | None = None
    own_numbers: frozenset[str] = frozenset()
    workspace_time_zone: str = "UTC"
    gone_records: frozenset[str] = frozenset()
    similar_records: frozenset[str] = frozenset()
    tracked_number: TrackedNumberFacts | None = None
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> JsonObject:
        """The facts as a JSON object."""
        return to_json_object(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The facts that `to_json` wrote. Raises ValueError for a later schema version."""
        version = data.get("schema_version", SCHEMA_VERSION)
        if version > SCHEMA_VERSION:
            raise ValueError(f"Facts of schema {version}; this release knows {SCHEMA_VERSION}.")
        return from_json_object(cls, data)
