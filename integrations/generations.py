"""Generations of one record: at most one of them is unsent (RULES C4).

A write in flight may get a successor that waits behind it. When the first one then turns out not
to be at Salesforce, it takes over what the successor wants and the successor goes away.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.models import CrmWrite, WriteState
from integrations.models.outbox import WAITING_STATES
from integrations.refusals import tell_refused
from integrations.wire_keys import wire_key


def payload_after(fields: Mapping[str, Any], before: CrmWrite | None) -> dict[str, Any]:
    """What is sent of ``fields``: all of a new record, the changes of one that ``before`` wrote."""
    if before is None:
        return dict(fields)
    stored = before.fields
    return {
        name: value for name, value in fields.items() if name not in stored or stored[name] != value
    }


def return_to_waiting(write: CrmWrite, *, expected: Mapping[str, Any], **changes: Any) -> bool:
    """Put a write of which nothing is at Salesforce back into a waiting state.

    ``expected`` names the columns that must still hold (a claim's token, a state); False when they
    do not. A waiting successor is merged into this write in the same transaction.
    """
    with transaction.atomic():
        still_expected = CrmWrite.unscoped.filter(pk=write.pk, **expected)
        successor = (
            CrmWrite.unscoped.filter(depends_on=write, state__in=WAITING_STATES)
            .order_by("generation")
            .first()
        )
        if successor is not None and still_expected.exists():
            if successor.target_key != write.target_key:
                return _give_way(write, successor)
            CrmWrite.unscoped.filter(pk=successor.pk).update(
                state=WriteState.CANCELLED,
                held_reason="Merged into the generation before it.",
            )
            changes |= _taken_over(write, successor)
            if changes["state"] == WriteState.NEEDS_ATTENTION:
                # The facts changed: what was refused before may be accepted now.
                changes |= {"state": WriteState.PLANNED, "next_attempt_at": timezone.now()}
        returned = still_expected.update(claim_token=None, lease_expires_at=None, **changes)
        if returned and changes["state"] == WriteState.NEEDS_ATTENTION:
            code = changes.get("error_code", write.error_code)
            tell_refused(write, code, changes.get("error_message", write.error_message))
        return bool(returned)


def _give_way(write: CrmWrite, successor: CrmWrite) -> bool:
    """The record that another key was to take over never came to be: that key creates its own."""
    CrmWrite.unscoped.filter(pk=write.pk).update(
        state=WriteState.CANCELLED,
        held_reason="The plan no longer asks for it.",
        claim_token=None,
        lease_expires_at=None,
    )
    CrmWrite.unscoped.filter(pk=successor.pk).update(
        operation=CrmWrite.Operation.CREATE,
        payload=successor.fields,
        depends_on=None,
        wire_key=wire_key(successor.workspace_id, successor.target_key, successor.generation),
    )
    return True


def _taken_over(write: CrmWrite, successor: CrmWrite) -> dict[str, Any]:
    return {
        "fields": successor.fields,
        "payload": payload_after(successor.fields, write.depends_on),
        "plan_run_id": successor.plan_run_id,
    }
