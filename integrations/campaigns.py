"""Campaign memberships: whoever a Task hangs on joins the campaign of the number called (C7).

A membership is a write of its own, planned in the transaction in which its Task is known to stand:
whatever is wrong with the campaign, the Task is written. Who joins is asked of the Task itself,
because its Lead may have been made with it, converted or merged. Salesforce takes a member once,
so that nothing needs to be settled: after a lost answer it is looked for, and then tried again.
"""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from integrations.marks import MEMBER
from integrations.models import Connection, CrmWrite, WriteState
from integrations.planning import PlannedWrite
from integrations.queueing import enqueue
from integrations.wire_keys import wire_key


def membership_key(task_key: str, campaign_id: str) -> str:
    """The target key of a membership: one for each Task and campaign, for ever."""
    return f"{task_key}:campaign:{campaign_id}"


def membership_keys(writes: Iterable[PlannedWrite]) -> set[str]:
    """The memberships that these writes bring about."""
    return {
        membership_key(write.target_key, write.campaign.campaign_id)
        for write in writes
        if write.campaign is not None
    }


def plan_membership(task: CrmWrite) -> None:
    """Plan the membership of a Task that stands; nothing happens where there is none, or again.

    Call it in the transaction that says that the Task stands, or after it.
    """
    rows = CrmWrite.unscoped.filter(pk=task.pk, state=WriteState.DONE)
    campaign = rows.values_list("campaign", flat=True).first()
    if not campaign:
        return
    key = membership_key(task.target_key, campaign["campaign_id"])
    same = CrmWrite.unscoped.filter(
        workspace=task.workspace_id, org_id=task.org_id, target_key=key, generation=1
    )
    if same.exists():
        return
    try:
        with transaction.atomic():
            write = CrmWrite.unscoped.create(**_columns(task, key, campaign))
    except IntegrityError:
        return  # another worker learned of the Task at the same moment
    if write.connection_id is not None:
        enqueue("crm", "integrations.jobs.deliver_crm_writes", write.connection_id)


def _columns(task: CrmWrite, key: str, campaign: dict[str, Any]) -> dict[str, Any]:
    """The Sync User writes it: members' accounts seldom may use campaigns."""
    sync_users = Connection.unscoped.sync_users().filter(workspace=task.workspace_id)
    writer = sync_users.filter(org_id=task.org_id).first() or task.connection
    is_held = writer is not None and not writer.is_usable
    fields = {"CampaignId": campaign["campaign_id"]}
    return {
        "workspace_id": task.workspace_id,
        "connection": writer,
        "org_id": task.org_id,
        "plan_run_id": task.plan_run_id,
        "subject_kind": task.subject_kind,
        "subject_id": task.subject_id,
        "owner_id": task.owner_id,
        "label": str(campaign["name"])[:255],
        "activity": task.activity,
        "phone_e164": task.phone_e164,
        "feature": task.feature,
        "target_key": key,
        "wire_key": wire_key(task.workspace_id, key),
        "operation": CrmWrite.Operation.CREATE,
        "sobject": MEMBER,
        "fields": fields,
        "payload": fields,
        "person_of": task,
        "state": WriteState.HELD if is_held else WriteState.PLANNED,
        "held_reason": writer.state_reason[:200] if writer is not None and is_held else "",
    }
