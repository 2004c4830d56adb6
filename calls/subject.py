"""The line that names a call record, and its date (RULES A7, K-14, K-15). Pure.

`{Inbound|Outbound|Internal} Call at {start}[ {zone}] {from|to} {number}[ ({name})]`
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from calls.events import Direction
from calls.facts import MemberFacts
from calls.plan_options import PlanOptions, SubjectFormat
from calls.zone_names import describe_zone_id, name_zone

MAX_SUBJECT_LENGTH = 255  # Salesforce: Task.Subject
WITHHELD_TEXT = "withheld number"
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class LocalZone:
    """The zone whose clock a record shows. `is_named` says that its text may stand in a subject:
    only the zone of the linked Salesforce user may (A7)."""

    zone_id: str
    is_named: bool

    @property
    def tzinfo(self) -> tzinfo:
        """The zone's rules; a zone that this machine does not know counts as UTC."""
        return _load_zone(self.zone_id) or UTC


@dataclass(frozen=True, slots=True)
class SubjectParts:
    """What a subject is made of. `is_outgoing` chooses "to" over "from"; `number` is as dialled or
    shown, empty when withheld; `name` may be empty."""

    direction: Direction
    is_outgoing: bool
    started_at: datetime
    number: str
    name: str


def choose_zone(member: MemberFacts | None, workspace_time_zone: str) -> LocalZone:
    """The linked Salesforce user's zone, else the member's, else the workspace's."""
    if member is None or _load_zone(member.time_zone) is None:
        return LocalZone(workspace_time_zone, is_named=False)
    return LocalZone(member.time_zone, is_named=member.is_salesforce_zone)


def build_subject(parts: SubjectParts, zone: LocalZone, options: PlanOptions) -> str:
    """The subject, at most 255 characters; the name is cut first."""
    words = [
        f"{parts.direction.title()} Call at",
        _format_time(parts.started_at.astimezone(zone.tzinfo), options.subject_format),
        _zone_text(parts.started_at, zone, options),
        "to" if parts.is_outgoing else "from",
        _on_one_line(parts.number) or WITHHELD_TEXT,
    ]
    line = " ".join(word for word in words if word)[:MAX_SUBJECT_LENGTH]
    return line + _bracketed(_on_one_line(parts.name), MAX_SUBJECT_LENGTH - len(line))


def activity_date(started_at: datetime, zone: LocalZone) -> date:
    """The day of the call where its user is (CRC-75); Salesforce stores it as a date."""
    return started_at.astimezone(zone.tzinfo).date()


def _zone_text(moment: datetime, zone: LocalZone, options: PlanOptions) -> str:
    if not (options.timezone_in_subject and zone.is_named):
        return ""
    if options.subject_format == "12h/zone name":
        return name_zone(zone.zone_id, moment)
    return describe_zone_id(zone.zone_id)


def _format_time(local: datetime, subject_format: SubjectFormat) -> str:
    if subject_format == "12h/zone name":
        half = "AM" if local.hour < 12 else "PM"
        return f"{local.hour % 12 or 12}:{local:%M:%S} {half}"
    return f"{local:%H:%M:%S}"


def _bracketed(name: str, room: int) -> str:
    """` (name)` within `room` characters, or nothing where not even a letter fits."""
    room_for_name = room - len(" ()")
    if not name or room_for_name < len("A" + _ELLIPSIS):
        return ""
    if len(name) > room_for_name:
        name = name[: room_for_name - len(_ELLIPSIS)].rstrip() + _ELLIPSIS
    return f" ({name})"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _load_zone(zone_id: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(zone_id)
    except (OSError, ValueError, KeyError):  # unknown ids raise a KeyError of their own kind
        return None
