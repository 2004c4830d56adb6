"""The event contract of phone systems: RULES A1, `schemas/call-event.schema.json`.

Two checks: the door asks only for what dedupes and routes (`check_envelope`), so that an event that
we cannot understand is still stored; the job that works on it asks for all (`parse_call_event`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match

from integrations.errors import EventNotUnderstood

EventType = Literal[
    "call.ringing",
    "call.answered",
    "call.held",
    "call.resumed",
    "call.transferred",
    "call.ended",
]
Direction = Literal["inbound", "outbound", "internal"]
TransferKind = Literal["blind", "attended"]

ENVELOPE_KEYS = ("type", "occurred_at", "call_key", "leg_key")
# Ours to decide: the connection says who sent the event (A1).
IGNORED_KEYS = ("tenant", "source")
SCHEMA_PATH = Path(__file__).parent / "schemas" / "call-event.schema.json"
_MOMENTS = ("started_at", "answered_at", "ended_at")
# Calls are of this century; anything else is a clock that was never set.
_PLAUSIBLE_YEARS = range(2000, 2100)
_LONGEST_FIELD_NAME = 80
_LONGEST_REASON = 300


class EnvelopeInvalid(ValueError):  # noqa: N818
    """The payload is not an event at all; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where a leg was transferred to: the target's leg, its extension, or both."""

    kind: TransferKind
    to_leg_key: str | None = None
    to_extension: str | None = None


@dataclass(frozen=True, slots=True)
class LegSnapshot:
    """All that the phone system knew about a leg at the moment of an event; None is "not known".

    `external` is the other party in E.164 as the phone system states it, `external_raw` as dialled
    or shown. Datetimes are aware UTC.
    """

    direction: Direction | None = None
    external: str | None = None
    external_raw: str | None = None
    did: str | None = None
    extension: str | None = None
    user_email: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end_cause: str | None = None
    queue: str | None = None
    caller_name: str | None = None
    caller_name_source: str | None = None
    dial_request_id: str | None = None
    transfer: Transfer | None = None
    recording_url: str | None = None
    voicemail_url: str | None = None


@dataclass(frozen=True, slots=True)
class CallEventData:
    """One understood event. `event_id` is the `webhook-id` it came under, the dedupe key (A1)."""

    event_id: str
    type: EventType
    occurred_at: datetime
    call_key: str
    leg_key: str
    snapshot: LegSnapshot = LegSnapshot()
    unknown_fields: tuple[str, ...] = ()


_EVENT_FIELDS = frozenset({*ENVELOPE_KEYS, *IGNORED_KEYS, "data"})
_SNAPSHOT_FIELDS = frozenset(field.name for field in fields(LegSnapshot))
_TRANSFER_FIELDS = frozenset(field.name for field in fields(Transfer))


def check_envelope(payload: object) -> None:
    """The check at the door: a JSON object with the four keys.

    Raises EnvelopeInvalid with a reason for the sender.
    """
    if not isinstance(payload, Mapping):
        raise EnvelopeInvalid("The body must be a JSON object.")
    missing = [key for key in ENVELOPE_KEYS if key not in payload]
    if missing:
        raise EnvelopeInvalid(f"Missing: {', '.join(missing)}.")


def parse_call_event(payload: object, *, event_id: str) -> CallEventData:
    """Understand a stored event; fields that the contract does not know are listed, not refused.

    Raises EventNotUnderstood with the path of the first offending field and the reason.
    """
    error = best_match(_validator().iter_errors(payload))
    if error is not None:
        raise EventNotUnderstood(_describe(error))
    event = cast("dict[str, Any]", payload)
    return CallEventData(
        event_id=event_id,
        type=event["type"],
        occurred_at=_parse_moment(event["occurred_at"]),
        call_key=event["call_key"],
        leg_key=event["leg_key"],
        snapshot=_parse_snapshot(event.get("data") or {}),
        unknown_fields=tuple(sorted(_unknown_fields(event))),
    )


def known_payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    """An understood event reduced to the fields of the contract: what is kept for every refold."""
    known = {name: payload[name] for name in ENVELOPE_KEYS}
    data = payload.get("data") or {}
    known["data"] = {name: value for name, value in data.items() if name in _SNAPSHOT_FIELDS}
    if transfer := known["data"].get("transfer"):
        known["data"]["transfer"] = {
            name: value for name, value in transfer.items() if name in _TRANSFER_FIELDS
        }
    return known


def load_schema() -> dict[str, Any]:
    """The published JSON Schema of the six event types."""
    return cast("dict[str, Any]", json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))


def _parse_snapshot(data: Mapping[str, Any]) -> LegSnapshot:
    # An empty text says as little as null.
    known = {name: value for name, value in data.items() if name in _SNAPSHOT_FIELDS and value}
    for name in _MOMENTS:
        if name in known:
            known[name] = _parse_moment(known[name])
    if "transfer" in known:
        known["transfer"] = _parse_transfer(known["transfer"])
    return LegSnapshot(**known)


def _parse_transfer(data: Mapping[str, Any]) -> Transfer:
    known = {name: value for name, value in data.items() if name in _TRANSFER_FIELDS and value}
    return Transfer(**known)


def _parse_moment(text: str) -> datetime:
    """An aware UTC datetime. Raises ValueError where the offset is missing or the year absurd."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset from UTC")
    if moment.year not in _PLAUSIBLE_YEARS:
        raise ValueError("not in this century")
    return moment.astimezone(UTC)


def _unknown_fields(event: Mapping[str, Any]) -> Iterator[str]:
    data = event.get("data") or {}
    yield from _names_beyond(event, _EVENT_FIELDS, "")
    yield from _names_beyond(data, _SNAPSHOT_FIELDS, "data.")
    yield from _names_beyond(data.get("transfer") or {}, _TRANSFER_FIELDS, "data.transfer.")


def _names_beyond(part: Mapping[str, Any], known: Collection[str], path: str) -> Iterator[str]:
    for name in part:
        if name not in known:
            # Shown to people and stored, and a stranger chose it.
            shown = name[:_LONGEST_FIELD_NAME]
            yield path + "".join(c if c.isprintable() else "\ufffd" for c in shown)


def _describe(error: ValidationError) -> str:
    path = ".".join(str(part) for part in error.absolute_path) or "event"
    if error.validator == "format":
        reason = "is not an ISO 8601 time with an offset from UTC in this century"
    elif error.validator == "pattern":
        reason = "contains characters that cannot be stored"
    else:
        reason = error.message[:_LONGEST_REASON]
    return f"{path}: {reason}"


@cache
def _validator() -> Draft202012Validator:
    formats = FormatChecker(formats=())
    formats.checks("date-time", raises=ValueError)(_is_moment)
    return Draft202012Validator(load_schema(), format_checker=formats)


def _is_moment(value: object) -> bool:
    # Other types are the business of the schema's "type".
    return not isinstance(value, str) or _parse_moment(value) is not None
