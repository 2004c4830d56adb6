"""What should stand in Salesforce for a reported activity: `plan_activity_writes`.

A meeting is an Event, everything else a completed Task (MIX-23, MIX-24). Pure, as `calls.plan` is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from integrations.activities.facts import ActivityFacts, PlanFacts
from integrations.activities.relation import Relation, relate
from integrations.activity_kinds import SOBJECT_OF, ActivityKind
from integrations.planning import Plan, PlannedWrite, TraceLine

# Raised whenever the same facts and options would be planned differently.
PLANNER_VERSION = 1
FEATURE = "activities"
MAX_SUBJECT_LENGTH = 255
#: Only these may own a Task and no Event (salesforce.md 4.3).
_QUEUE_PREFIX = "00G"
#: What a record's Subject begins with, and what the trace calls activities of the kind.
_WORDS: Mapping[ActivityKind, tuple[str, str]] = {
    ActivityKind.MESSAGE_SENT: ("Message sent", "messages sent"),
    ActivityKind.MESSAGE_DELIVERED: ("Message delivered", "messages delivered"),
    ActivityKind.MESSAGE_RECEIVED: ("Message received", "messages received"),
    ActivityKind.MESSAGE_REPLIED: ("Reply received", "replies"),
    ActivityKind.MESSAGE_OPENED: ("Message opened", "opened messages"),
    ActivityKind.LINK_CLICKED: ("Link clicked", "clicked links"),
    ActivityKind.FILE_DOWNLOADED: ("File downloaded", "downloaded files"),
    ActivityKind.MEETING_CONFIRMED: ("Meeting", "meetings"),
}
#: Calls arrive from the phone system, with more than a program could tell.
REPORTED_KINDS = tuple(_WORDS)


def plan_activity_writes(facts: PlanFacts, options: Mapping[str, Any]) -> Plan:
    """The Task or Event that `facts` call for under `options`, with the rules that decided.

    Where nothing is written, one trace line has the outcome *stopped*.
    """
    stopped = _stopped(facts, options)
    if stopped:
        return Plan(writes=(), trace=(stopped,))
    kind = ActivityKind(facts.activity.kind)
    relation = relate(facts)
    fields = _common_fields(facts, relation)
    fields |= _event_fields(facts) if SOBJECT_OF[kind] == "Event" else _task_fields(facts)
    write = PlannedWrite(
        target_key=f"activity:{facts.activity.activity_id}:{SOBJECT_OF[kind].lower()}",
        operation="create",
        sobject=SOBJECT_OF[kind],
        fields=fields,
        owner_membership_id=facts.member.membership_id if facts.member else None,
        feature=FEATURE,
        parent_key=relation.who_id or relation.what_id,
        subject_label=_label(facts.activity, relation),
        activity=kind,
    )
    reported = TraceLine("MIX-23", f"{facts.activity.source or 'A program'} reported it.")
    on = TraceLine("C1", "Activity history is on.")
    return Plan((write,), (reported, on, *relation.trace, _owner_line(facts)))


def _stopped(facts: PlanFacts, options: Mapping[str, Any]) -> TraceLine | None:
    """The first precondition that fails, or None."""
    member = facts.member
    if not options.get("activity_history"):
        return TraceLine("C1", "Activity history is off: no record is written.", "stopped")
    if not facts.org_id:
        return TraceLine("E3", "No Salesforce org is connected.", "stopped")
    if member is None or member.withheld_by is None:
        return None
    _, words = _WORDS[ActivityKind(facts.activity.kind)]
    if member.withheld_by == "role":
        text = f"The role settings record no {words} of {member.name}."
        return TraceLine("MIX-15", text, "stopped")
    text = f"{member.name} chose not to record {words} in Salesforce."
    return TraceLine("MIX-16", text, "stopped")


def _common_fields(facts: PlanFacts, relation: Relation) -> dict[str, Any]:
    owner_id = _owner_id(facts)
    return {
        "Subject": _subject(facts.activity),
        "Description": "\n".join(_description(facts.activity)).strip(),
        # Both slots always, so that planning again can also clear one.
        "WhoId": relation.who_id,
        "WhatId": relation.what_id,
        **({"OwnerId": owner_id} if owner_id else {}),
    }


def _task_fields(facts: PlanFacts) -> dict[str, Any]:
    zone = ZoneInfo(facts.member.time_zone if facts.member else facts.time_zone)
    return {
        "Status": facts.closed_status,
        "ActivityDate": facts.activity.occurred_at.astimezone(zone).date().isoformat(),
    }


def _event_fields(facts: PlanFacts) -> dict[str, Any]:
    activity = facts.activity
    return {
        "StartDateTime": _moment(activity.starts_at or activity.occurred_at),
        "EndDateTime": _moment(activity.ends_at or activity.starts_at or activity.occurred_at),
        "Location": activity.location or None,
        # The org may remind by default; whoever booked it has been told already.
        "IsReminderSet": False,
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _owner_id(facts: PlanFacts) -> str | None:
    if facts.member and facts.member.salesforce_user_id:
        return facts.member.salesforce_user_id
    owner = facts.default_owner
    is_event = SOBJECT_OF[ActivityKind(facts.activity.kind)] == "Event"
    if is_event and owner and owner.startswith(_QUEUE_PREFIX):
        return facts.sync_user_id
    return owner


def _owner_line(facts: PlanFacts) -> TraceLine:
    member = facts.member
    if member is None:
        return TraceLine("A2", "No member is named: the record goes to the default owner.")
    if member.salesforce_user_id:
        return TraceLine("A2", f"It is {member.name}'s, and so is the record.")
    text = f"{member.name} is linked with no Salesforce user: it goes to the default owner."
    return TraceLine("A2", text, "flagged")


def _subject(activity: ActivityFacts) -> str:
    start, _ = _WORDS[ActivityKind(activity.kind)]
    subject = f"{start}: {activity.subject}" if activity.subject else start
    return subject[:MAX_SUBJECT_LENGTH]


def _label(activity: ActivityFacts, relation: Relation) -> str:
    person = relation.name or activity.person_name or activity.person_email
    if not person:
        return _subject(activity)
    room = MAX_SUBJECT_LENGTH - len(person) - 3
    return f"{_subject(activity)[:room]} ({person})"


def _description(activity: ActivityFacts) -> Iterator[str]:
    yield activity.text
    yield ""
    if activity.link:
        yield f"Link: {activity.link}"
    person = (activity.person_name, activity.person_email, activity.phone_e164)
    if any(person):
        yield f"With: {', '.join(part for part in person if part)}"
