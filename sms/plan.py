"""What should stand in Salesforce for a message: `plan_message_writes` (RULES B8, D1, D4, C1).

Pure, as `calls.plan` is: the live path, the dry run and every replay call this one function.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from integrations.activity_kinds import ActivityKind
from integrations.planning import Plan, PlannedWrite, TraceLine
from integrations.salesforce.precedence import Candidate, dedupe_person_accounts
from sms.facts import MessageFacts, PlanFacts

# Raised whenever the same facts and options would be planned differently.
PLANNER_VERSION = 4
FEATURE = "messages"
MAX_SUBJECT_LENGTH = 255
#: One of the two that every campaign begins with (salesforce.md 4.6).
_MEMBER_STATUS = "Sent"
_WHO_OBJECTS = frozenset({"Contact", "Lead"})


@dataclass(frozen=True, slots=True)
class _Filed:
    """The Task's two slots, the record's name, and why."""

    who_id: str | None
    what_id: str | None
    name: str
    trace: TraceLine


def plan_message_writes(facts: PlanFacts, options: Mapping[str, Any]) -> Plan:
    """The Task that `facts` call for under `options`, with the rules that decided.

    Where nothing is written, one trace line has the outcome *stopped*.
    """
    stopped = _stopped(facts, options)
    if stopped:
        return Plan(writes=(), trace=(stopped,))
    if _keeps_status_alone(facts.message, options):
        return _plan_member_status(facts)
    filed = _file(facts)
    owner = _owner(facts)
    message = facts.message
    task = {
        "Subject": _subject(message, filed.name),
        "Description": "\n".join(_description(message)),
        "Status": facts.closed_status,
        "ActivityDate": message.created_at.astimezone(ZoneInfo(facts.time_zone)).date().isoformat(),
        # Both slots always, so that planning again can also clear one.
        "WhoId": filed.who_id,
        "WhatId": filed.what_id,
    }
    owner_id = (facts.member and facts.member.salesforce_user_id) or facts.default_owner
    write = PlannedWrite(
        target_key=f"message:{message.message_id}:task",
        operation="create",
        sobject="Task",
        fields=task | ({"OwnerId": owner_id} if owner_id else {}),
        owner_membership_id=facts.member.membership_id if facts.member else None,
        feature=FEATURE,
        parent_key=filed.who_id or filed.what_id,
        subject_label=task["Subject"] or "",
        activity=activity_of(message),
    )
    return Plan((write,), (TraceLine("C1", "Activity history is on."), filed.trace, owner))


def member_status_key(message_id: int) -> str:
    """The target key of what a message makes of its campaign member."""
    return f"message:{message_id}:member"


def _keeps_status_alone(message: MessageFacts, options: Mapping[str, Any]) -> bool:
    return message.origin == "campaign" and options.get("mirror_campaign_sms") == "status"


def _plan_member_status(facts: PlanFacts) -> Plan:
    """The campaign member says that it was written to, once: people change it afterwards (D4)."""
    message = facts.message
    if not message.campaign_member_id:
        text = "Campaign messages change the member status alone, and it has no member any more."
        return Plan((), (TraceLine("D4", text, "stopped"),))
    if message.has_member_status:
        text = "The status of the campaign member was written before."
        return Plan((), (TraceLine("D4", text, "skipped"),))
    write = PlannedWrite(
        target_key=member_status_key(message.message_id),
        operation="create",
        sobject="CampaignMember",
        fields={"Status": _MEMBER_STATUS},
        owner_membership_id=None,
        feature=FEATURE,
        parent_key=message.campaign_record_id or None,
        subject_label=f"Campaign member {message.person_name}".strip(),
        activity=activity_of(message),
        record_id=message.campaign_member_id,
    )
    text = f"The status of the campaign member becomes {_MEMBER_STATUS}; there is no Task."
    return Plan((write,), (TraceLine("D4", text),))


def activity_of(message: MessageFacts) -> ActivityKind:
    """What the activity log calls it (MIX-23)."""
    if message.is_inbound:
        return ActivityKind.MESSAGE_RECEIVED
    if message.state == "delivered":
        return ActivityKind.MESSAGE_DELIVERED
    return ActivityKind.MESSAGE_SENT


def _stopped(facts: PlanFacts, options: Mapping[str, Any]) -> TraceLine | None:
    """The first precondition that fails, or None."""
    message, member = facts.message, facts.member
    if not options.get("activity_history"):
        return TraceLine("C1", "Activity history is off: no record is written.", "stopped")
    if not facts.org_id:
        return TraceLine("E3", "No Salesforce org is connected.", "stopped")
    if message.purpose == "test":
        return TraceLine("D4", "A test text is nobody's activity.", "stopped")
    if not message.is_inbound and not message.was_handed_over:
        text = f"It was not sent: {message.reason or message.state_label}"
        return TraceLine("D4", text, "stopped")
    if message.origin == "campaign" and options.get("mirror_campaign_sms") == "none":
        return TraceLine("D4", "Messages of campaigns leave nothing in Salesforce.", "stopped")
    if message.origin == "elsewhere" and not facts.wants_elsewhere:
        text = "It was sent outside Patchbay, and nobody here records such messages."
        return TraceLine("MIX-17", text, "stopped")
    if message.origin == "elsewhere" and not message.person_record_id and not facts.candidates:
        text = "It was sent outside Patchbay, to nobody who is in Salesforce."
        return TraceLine("MIX-18", text, "stopped")
    if member and member.withheld_by == "role":
        text = f"The role settings record no messages of {member.name}."
        return TraceLine("MIX-15", text, "stopped")
    if member and member.withheld_by == "member":
        text = f"{member.name} chose not to record messages in Salesforce."
        return TraceLine("MIX-16", text, "stopped")
    return None


def _file(facts: PlanFacts) -> _Filed:
    """The record that the message belongs to (RULES B8, D4)."""
    message = facts.message
    if message.person_record_id:
        return _file_under_person(message)
    if message.is_reviewed:
        return _Filed(None, None, "", TraceLine("B8", "Somebody chose to file it under no record."))
    matches = dedupe_person_accounts(facts.candidates or ())
    if len(matches) == 1:
        return _file_under_match(matches[0])
    if matches:
        text = f"{len(matches)} records have this number: a person must choose."
        return _Filed(None, None, "", TraceLine("B8", text, "needs review"))
    return _Filed(None, None, "", TraceLine("B8", "No record has this number.", "needs review"))


def _file_under_person(message: MessageFacts) -> _Filed:
    record_id, name = message.person_record_id, message.person_name
    why = "the record that was last written to" if message.is_inbound else "the chosen record"
    if message.is_reviewed:
        why = "the record that somebody chose for it"
    if message.person_sobject == "Lead":
        line = TraceLine("D4", f"Filed under {why}, a Lead, which takes no second record.")
        return _Filed(record_id, None, name, line)
    if message.person_sobject == "Contact":
        line = TraceLine("D4", f"Filed under {why}.")
        return _Filed(record_id, message.campaign_record_id or None, name, line)
    return _Filed(None, record_id, name, TraceLine("D4", f"Filed under {why}."))


def _file_under_match(match: Candidate) -> _Filed:
    line = TraceLine("B8", f"Filed under {match.name}, the only record with this number.")
    if match.sobject in _WHO_OBJECTS:
        return _Filed(match.record_id, None, match.name, line)
    if match.person_contact_id:
        return _Filed(match.person_contact_id, None, match.name, line)
    return _Filed(None, match.record_id, match.name, line)


def _owner(facts: PlanFacts) -> TraceLine:
    member = facts.member
    if member is None:
        return TraceLine("A2", "No member wrote it: the record goes to the default owner.")
    if member.salesforce_user_id:
        return TraceLine("A2", f"{member.name} wrote it: the record is theirs.")
    text = f"{member.name} is linked with no Salesforce user: it goes to the default owner."
    return TraceLine("A2", text, "flagged")


def _subject(message: MessageFacts, name: str) -> str:
    direction = "SMS from" if message.is_inbound else "SMS to"
    start = f"{direction} {message.phone_e164}"
    if not name:
        return start[:MAX_SUBJECT_LENGTH]
    room = MAX_SUBJECT_LENGTH - len(start) - 3
    return f"{start} ({name[:room]})"


def _description(message: MessageFacts) -> Iterator[str]:
    yield message.text
    yield ""
    if message.attachment_count:
        yield f"{message.attachment_count} attachments, not stored"
    if message.campaign_name:
        yield f"Campaign: {message.campaign_name}"
    if message.our_number:
        yield f"{'To' if message.is_inbound else 'From'}: {message.our_number}"
    yield f"Status: {message.state_label}"
    if message.reason:
        yield f"Reason: {message.reason}"
