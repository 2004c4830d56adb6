"""Everything that the planner of messages may read, in one frozen value (RULES C9).

Kept as JSON with every plan, so that any past day can be planned again under other options. Pure.
All datetimes are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from integrations.frozen_json import JsonObject, from_json_object, to_json_object
from integrations.salesforce.precedence import Candidate

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """The member who wrote the message, or whose message was answered. `withheld_by` says who keeps
    messages of this kind out of Salesforce (MIX-15, MIX-16)."""

    membership_id: int
    name: str
    salesforce_user_id: str | None
    withheld_by: Literal["role", "member"] | None = None


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """The message as it stands. `state` is a word of `sms.statuses`, `state_label` that for people;
    `was_handed_over` says that the gateway took it, whatever became of it later;
    `has_member_status` that the status of `campaign_member_id` was written, which people change
    afterwards."""

    message_id: int
    is_inbound: bool
    origin: str
    purpose: str
    state: str
    state_label: str
    was_handed_over: bool
    phone_e164: str
    our_number: str
    text: str
    created_at: datetime
    reason: str = ""
    attachment_count: int = 0
    person_sobject: str = ""
    person_record_id: str = ""
    person_name: str = ""
    campaign_record_id: str = ""
    campaign_name: str = ""
    campaign_member_id: str = ""
    has_member_status: bool = False
    #: A person said whom it was with; without a record then: with nobody.
    is_reviewed: bool = False


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """All of it. `candidates` are the records with the number, None while nobody asked for them;
    `wants_elsewhere` says that a text sent outside Patchbay is wanted (MIX-17); `time_zone` (IANA)
    is where the date of the record is read off."""

    message: MessageFacts
    org_id: str
    closed_status: str = "Completed"
    member: MemberFacts | None = None
    candidates: tuple[Candidate, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    options_revision: int = 0
    default_owner: str | None = None
    time_zone: str = "UTC"
    wants_elsewhere: bool = False
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
