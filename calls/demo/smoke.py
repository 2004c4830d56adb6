"""Proof of the main job: a call comes in, and Salesforce holds one completed Task about it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from calls.models import Call
from integrations.demo.outside import act, list_records, wait_for
from integrations.demo.parts import Demo, SmokeFailed
from integrations.models import CrmWrite, WriteState
from integrations.simulators.salesforce.seed import ONE_CONTACT_NAME, ONE_CONTACT_NUMBER

AGENT_EXTENSION, AGENT_USERNAME = "201", "agent@acme.test"
RING_SECONDS, TALK_SECONDS = 8, 42
_WAIT_SECONDS = 60
#: After the Task is there: whatever wrote a second one would have done it by then.
_SETTLE_SECONDS = 4


def run_smoke(demo: Demo) -> Sequence[dict[str, Any]]:
    """Place a call from a number that one Contact has, and return its Task as Salesforce holds it.

    Raises SmokeFailed unless exactly one Task is there, completed and right.
    """
    salesforce = demo.facts["salesforce"]["url"]
    known = {task["Id"] for task in list_records(salesforce, "Task")}
    call_key = _place_call(demo.facts["phone_system"]["url"])

    def find_tasks() -> list[dict[str, Any]]:
        return [
            task
            for task in list_records(salesforce, "Task")
            if task["Id"] not in known and ONE_CONTACT_NUMBER in (task["Subject"] or "")
        ]

    wait_for(lambda: find_tasks() or _find_refusal(call_key), seconds=_WAIT_SECONDS)
    if refusal := _find_refusal(call_key):
        raise SmokeFailed(refusal)
    wait_for(lambda: len(find_tasks()) > 1, seconds=_SETTLE_SECONDS)
    tasks = find_tasks()
    _check(tasks, salesforce)
    return tasks


def _place_call(phones: str) -> str:
    ended = datetime.now(UTC)
    answered = ended - timedelta(seconds=TALK_SECONDS)
    rang = answered - timedelta(seconds=RING_SECONDS)
    placed = act(
        phones,
        "place-call",
        **{"from": ONE_CONTACT_NUMBER, "to": AGENT_EXTENSION, "at": rang.isoformat()},
    )
    call_key = str(placed["call_key"])
    act(phones, "answer", call=call_key, at=answered.isoformat())
    act(phones, "hangup", call=call_key, at=ended.isoformat())
    return call_key


def _find_refusal(call_key: str) -> str | None:
    """Why the call's Task will not come, where that is known already."""
    call = Call.unscoped.filter(call_key=call_key).first()
    if call is None:
        return None
    write = (
        CrmWrite.unscoped.of_subject("call", call.pk)
        .filter(state__in=(WriteState.NEEDS_ATTENTION, WriteState.HELD))
        .first()
    )
    if write is None:
        return None
    reason = write.error_message or write.held_reason
    return f"Salesforce did not take the Task: {write.error_code} {reason}".strip()


def _check(tasks: Sequence[dict[str, Any]], salesforce: str) -> None:
    if len(tasks) != 1:
        raise SmokeFailed(f"Salesforce holds {len(tasks)} Tasks about the call instead of one.")
    (contact,) = list_records(salesforce, "Contact", Name=ONE_CONTACT_NAME)
    (agent,) = list_records(salesforce, "User", Username=AGENT_USERNAME)
    wanted = {
        "Status": "Completed",
        "IsClosed": True,
        "TaskSubtype": "Call",
        "CallType": "Inbound",
        "CallDurationInSeconds": TALK_SECONDS,
        "WhoId": contact["Id"],
        "OwnerId": agent["Id"],
    }
    wrong = {name: tasks[0].get(name) for name in wanted if tasks[0].get(name) != wanted[name]}
    if wrong:
        raise SmokeFailed(f"The Task has {wrong} instead of { {n: wanted[n] for n in wrong} }.")
