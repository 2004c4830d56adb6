"""One call record: the Task of one leg (RULES A3, A4, A7, B4; CRC-73 to CRC-76, CRC-93). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from calls.association import associate
from calls.events import Direction
from calls.facts import LegFacts, MemberFacts, PlanFacts
from calls.ownership import Owner
from calls.plan_options import PlanOptions
from calls.record_slots import Association
from calls.subject import SubjectParts, activity_date, build_subject, choose_zone
from integrations.planning import PlannedWrite, TraceLine
from integrations.salesforce.rights import START_FIELD

FEATURE = "activity_history"
MAX_DURATION_SECONDS = 99_999_999  # Salesforce: CallDurationInSeconds has eight digits
MAX_DISPOSITION_LENGTH = 255
# Part of every create, whatever describe says: a Task without them is not this call's record.
_INDISPENSABLE = frozenset({"Subject", "Status"})


def record_key(call_id: int, leg_key: str) -> str:
    """The target key of a leg's record: the same for ever, so planning again finds it (C4).

    It names our own id of the call, because two phone systems may give calls the same key.
    """
    return f"call:{call_id}:leg:{leg_key}:task"


def plan_record(
    leg: LegFacts, owner: Owner, facts: PlanFacts, options: PlanOptions
) -> tuple[PlannedWrite, tuple[TraceLine, ...]]:
    """The write for `leg` and the lines that explain it."""
    key = record_key(facts.call.call_id, leg.leg_key)
    return build_write(key, leg, owner, associate(leg, facts, options), facts, options)


def build_write(
    target_key: str,
    leg: LegFacts,
    owner: Owner,
    association: Association,
    facts: PlanFacts,
    options: PlanOptions,
) -> tuple[PlannedWrite, tuple[TraceLine, ...]]:
    """The Task for `leg` under `association`, and the lines that explain it."""
    task = _build_task(leg, owner, association, facts, options)
    fields, left_out = _writable(task, facts)
    write = PlannedWrite(
        target_key=target_key,
        operation="create",
        sobject="Task",
        fields=fields,
        owner_membership_id=owner.member.membership_id if owner.member else None,
        feature=FEATURE,
        parent_key=association.parent_key,
        subject_label=task["Subject"],
    )
    trace = (*association.trace, owner.trace)
    if left_out:
        text = f"The connection may not write {', '.join(left_out)}: left out."
        trace = (*trace, TraceLine("MII-22", text, "flagged", about=leg.leg_key))
    return write, trace


def _build_task(
    leg: LegFacts,
    owner: Owner,
    association: Association,
    facts: PlanFacts,
    options: PlanOptions,
) -> dict[str, Any]:
    zone = choose_zone(leg.member or owner.member, facts.workspace_time_zone)
    direction = _direction(leg, facts)
    parts = SubjectParts(
        direction=direction,
        is_outgoing=_is_outgoing(leg, facts),
        started_at=leg.ring_started_at,
        number=_shown_number(leg, facts),
        name=_name(leg, association, facts),
    )
    subject = build_subject(parts, zone, options)
    task = {
        "Subject": subject,
        "Description": "\n".join((subject, *_notes(leg, facts))),
        "Status": facts.org.closed_status,
        "ActivityDate": activity_date(leg.ring_started_at, zone).isoformat(),
        "TaskSubtype": "Call",
        "CallType": direction.title(),
        "CallDurationInSeconds": min(leg.talk_seconds, MAX_DURATION_SECONDS),
        "CallDisposition": _disposition(leg, facts)[:MAX_DISPOSITION_LENGTH],
        # Both slots always, so that planning again can also clear one.
        "WhoId": association.who_id,
        "WhatId": association.what_id,
    }
    if facts.org.has_start_field:
        task[START_FIELD] = _moment(leg.ring_started_at)
    return task | ({"OwnerId": owner.user_id} if owner.user_id else {})


def _moment(moment: datetime) -> str:
    """As Salesforce writes it, in UTC and to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"


def _writable(task: Mapping[str, Any], facts: PlanFacts) -> tuple[dict[str, Any], list[str]]:
    allowed = facts.org.task_fields
    if allowed is None:
        return dict(task), []
    kept = {name: value for name, value in task.items() if name in allowed | _INDISPENSABLE}
    return kept, [name for name in task if name not in kept]


def _direction(leg: LegFacts, facts: PlanFacts) -> Direction:
    """The kind of call by our own rule (A6): where a phone system calls an outside number internal,
    only the way it went is taken from it."""
    if leg.is_internal or facts.call.is_internal:
        return "internal"
    stated = (leg.direction, facts.call.direction)
    likely: Direction = "outbound" if facts.call.dial_request_id else "inbound"
    return next((direction for direction in stated if direction != "internal"), likely)


def _is_outgoing(leg: LegFacts, facts: PlanFacts) -> bool:
    """Whether the subject says "to". Among colleagues the dialled extension was called, and where
    it is not known the leg that came first called the others."""
    if not leg.is_internal and not facts.call.is_internal:
        return _direction(leg, facts) == "outbound"
    if leg.direction != "internal":
        return leg.direction == "outbound"
    if facts.call.is_internal and facts.call.did:
        return leg.extension != facts.call.did
    peers = [peer for peer in facts.legs if peer.is_internal and not peer.is_consult]
    return len(peers) > 1 and leg.leg_key == peers[0].leg_key


def _shown_number(leg: LegFacts, facts: PlanFacts) -> str:
    if not leg.is_internal and not facts.call.is_internal:
        return "" if facts.call.is_withheld else facts.call.external_raw
    colleague = _colleague(leg, facts)
    return _other_end(leg) or (colleague.extension if colleague else "")


def _name(leg: LegFacts, association: Association, facts: PlanFacts) -> str:
    """Contact, else account, else what the phone system shows (CRC-27); a colleague's name inside.
    The caller's name is a hint for reading, never a match (CRC-80)."""
    if association.record:
        return association.record.name or association.record.account_name or ""
    if leg.is_internal or facts.call.is_internal:
        colleague = _colleague(leg, facts)
        return colleague.name if colleague else ""
    return facts.call.caller_name or ""


def _colleague(leg: LegFacts, facts: PlanFacts) -> MemberFacts | None:
    """The member at the other end of an internal leg, where one of the legs is theirs."""
    number = _other_end(leg)
    members = [peer.member for peer in facts.legs if peer.leg_key != leg.leg_key and peer.member]
    if number:
        members = [member for member in members if member.extension == number]
    return members[0] if members else None


def _other_end(leg: LegFacts) -> str:
    """The number at the other end of an internal leg; some phone systems show the own one."""
    return leg.external_raw if leg.external_raw and leg.external_raw != leg.extension else ""


def _disposition(leg: LegFacts, facts: PlanFacts) -> str:
    if leg.disposition:
        return leg.disposition
    if not leg.has_talked:
        is_unanswered = facts.call.outcome not in (None, "answered", "transferred")
        return str(facts.call.outcome).title() if is_unanswered else "Missed"
    target = _leg_of_key(leg.transferred_to_leg_key, facts)
    extension = leg.transferred_to_extension or (target.extension if target else None)
    if extension or leg.transferred_to_leg_key:
        return f"Transferred to {extension or 'a colleague'}"
    return "Answered"


def _leg_of_key(leg_key: str | None, facts: PlanFacts) -> LegFacts | None:
    return next((leg for leg in facts.legs if leg.leg_key == leg_key), None)


def _notes(leg: LegFacts, facts: PlanFacts) -> Iterator[str]:
    if leg.note:
        yield leg.note
    if facts.call.queue:
        yield f"Queue: {facts.call.queue}"
    origin = _leg_of_key(leg.transferred_from_leg_key, facts)
    if origin:
        name = origin.member.name if origin.member else origin.extension
        yield f"Transferred from {name or 'a colleague'}"
    if leg.recording_url:
        yield f"Recording: {leg.recording_url}"
    if leg.voicemail_url:
        yield f"Voicemail: {leg.voicemail_url}"
