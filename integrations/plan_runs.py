"""Plans of calls and messages: run for what is due, kept with their facts, given to the outbox.

`calls.filing` and `sms.filing` gather facts and plan; what is the same for both stands here.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.db import models
from django.utils import timezone

from integrations.models import Connection, PlanRun
from integrations.notices import open_notice, resolve_notices
from integrations.outbox import Subject, record_plan
from integrations.planning import Plan
from integrations.tenancy import workspace_scope

log = structlog.get_logger()

#: Subjects that one job plans at the most.
BATCH = 200
#: A subject whose planning failed is tried again after this.
POSTPONED_MINUTES = 5


def plan_each(
    due: "models.QuerySet[Any]",
    plan_one: Callable[[int], object],
    postpone: Callable[[int, Exception], None],
) -> None:
    """Plan what is due, oldest ``plan_due_at`` first, each in the scope of its workspace."""
    rows = due.order_by("plan_due_at").values_list("pk", "workspace_id")
    for pk, workspace_id in rows[:BATCH]:
        with workspace_scope(workspace_id):
            try:
                plan_one(pk)
            except Exception as error:  # noqa: BLE001 - one subject must not hold up the others
                postpone(pk, error)


def keep_plan(
    plan: Plan,
    facts: Mapping[str, Any],
    *,
    subject: Subject,
    planner_version: int,
    options_revision: int,
    connection: Connection | None,
    workspace_id: int,
) -> None:
    """Keep one run (RULES C9) and record its writes; call in the transaction of its cause.

    Without a connected org the run alone is kept (RULES E3).
    """
    run = PlanRun.objects.create(
        workspace_id=workspace_id,
        subject_kind=subject.kind,
        subject_id=subject.pk,
        planner_version=planner_version,
        options_revision=options_revision,
        facts=facts,
        plan=plan.to_json(),
    )
    if connection is not None and connection.org_id:
        record_plan(plan, run=run, subject=subject, connection=connection)


def postpone_plan(row: Any, kind: str, error: Exception, *, service: str) -> None:
    """Planning failed, which is a bug of ours: keep the row due, later, and tell the admins."""
    log.exception(f"{kind}_not_planned", **{kind: row.pk})
    type(row).objects.filter(pk=row.pk).update(
        plan_due_at=timezone.now() + timedelta(minutes=POSTPONED_MINUTES)
    )
    open_notice(
        row.workspace_id,
        **_notice(kind, row.pk),
        title=f"The record of a {kind} could not be planned: {row}",
        body=f"{type(error).__name__}: {error}. Patchbay tries again every "
        f"{POSTPONED_MINUTES} minutes; nothing is lost.",
        service=service,
    )


def settle_postponed(workspace_id: int, kind: str, pk: int) -> None:
    """It was planned after all."""
    resolve_notices(workspace_id, **_notice(kind, pk))


def _notice(kind: str, pk: int) -> dict[str, str]:
    return {"kind": f"{kind}_not_planned", "subject_key": f"{kind}:{pk}"}
