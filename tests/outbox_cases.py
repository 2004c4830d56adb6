"""Planned Tasks and Events without a subject behind them, for tests of the outbox."""

from typing import Any

from django.db import transaction

from integrations.activity_kinds import ActivityKind
from integrations.models import Connection, CrmWrite, PlanRun
from integrations.outbox import Subject, record_plan
from integrations.planning import Plan, PlannedWrite


def planned_task(key: str = "call:1:leg:1:task", **fields: Any) -> PlannedWrite:
    return PlannedWrite(
        target_key=key,
        operation="create",
        sobject="Task",
        fields={"Subject": "Call", "Status": "Completed", "CallDurationInSeconds": 60} | fields,
        owner_membership_id=None,
        feature="call records",
        parent_key=fields.get("WhoId"),
        subject_label="Ana Ito",
    )


def planned_event(key: str = "activity:1:event", **fields: Any) -> PlannedWrite:
    return PlannedWrite(
        target_key=key,
        operation="create",
        sobject="Event",
        fields={
            "Subject": "Meeting: Demo",
            "StartDateTime": "2026-11-23T10:00:00Z",
            "EndDateTime": "2026-11-23T10:30:00Z",
            "Description": "Booked by Ana.",
        }
        | fields,
        owner_membership_id=None,
        feature="activities",
        parent_key=fields.get("WhoId"),
        subject_label="Ana Ito",
        activity=ActivityKind.MEETING_CONFIRMED,
    )


def record(connection: Connection, *writes: PlannedWrite, subject: int = 1) -> list[CrmWrite]:
    """Plan these writes for a made-up call; inside the workspace's scope."""
    with transaction.atomic():
        run = PlanRun.objects.create(
            workspace_id=connection.workspace_id,
            subject_kind="call",
            subject_id=subject,
            planner_version=1,
            options_revision=0,
            facts={},
            plan={},
        )
        return record_plan(
            Plan(tuple(writes), ()),
            run=run,
            subject=Subject("call", subject),
            connection=connection,
        )
