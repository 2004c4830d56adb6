"""Everything that the planner of reported activities may read, in one frozen value (RULES C9).

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
    """Whose activity it is. `withheld_by` says who keeps its kind out of Salesforce (MIX-15, 16);
    `time_zone` (IANA) is where the date of a Task is read off."""

    membership_id: int
    name: str
    salesforce_user_id: str | None
    time_zone: str
    withheld_by: Literal["role", "member"] | None = None


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """The activity as it was reported. `kind` is a value of `ActivityKind`; `starts_at` and
    `ends_at` are those of a meeting; `source` is the name of the program's key."""

    activity_id: int
    kind: str
    occurred_at: datetime
    subject: str = ""
    text: str = ""
    link: str = ""
    location: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    person_name: str = ""
    person_email: str = ""
    phone_e164: str = ""
    record_id: str = ""
    related_to_id: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """All of it. `candidates` are the records with the address or number; `match_error` says why
    Salesforce could not be asked for them. `sync_user_id` owns what `default_owner` cannot."""

    activity: ActivityFacts
    org_id: str
    closed_status: str = "Completed"
    member: MemberFacts | None = None
    candidates: tuple[Candidate, ...] = ()
    match_error: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    options_revision: int = 0
    default_owner: str | None = None
    sync_user_id: str | None = None
    time_zone: str = "UTC"
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> JsonObject:
        """The facts as a JSON object."""
        return to_json_object(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The facts that `to_json` wrote."""
        return from_json_object(cls, data)
