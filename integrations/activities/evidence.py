"""What became of a reported activity: its record, the attempts to write it, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from integrations.activities.filing import SUBJECT_KIND
from integrations.models import CrmWrite, CrmWriteAttempt, PlanRun, ReportedActivity
from integrations.planning import TraceLine, read_trace


@dataclass(frozen=True)
class Evidence:
    """An activity as it stands. ``state`` is *waiting* until it is planned, *not_recorded* where a
    rule says so, else how its record stands, in the words of the activity log."""

    id: int
    kind: str
    subject: str
    person: str
    occurred_at: datetime
    state: str
    reason: str
    records: Sequence[CrmWrite]
    attempts: Sequence[CrmWriteAttempt]
    trace: Sequence[TraceLine]


def read_evidence(activity: ReportedActivity) -> Evidence:
    """The evidence for an activity of the workspace in scope; three queries."""
    writes = list(CrmWrite.objects.of_subject(SUBJECT_KIND, activity.pk).order_by("id"))
    runs = PlanRun.objects.filter(subject_kind=SUBJECT_KIND, subject_id=activity.pk)
    return Evidence(
        id=activity.pk,
        kind=activity.kind,
        subject=activity.subject,
        person=activity.person,
        occurred_at=activity.occurred_at,
        state=_state(activity, writes),
        reason=activity.waits_for,
        records=writes,
        attempts=list(CrmWriteAttempt.objects.filter(write__in=writes).order_by("id")),
        trace=read_trace(runs.order_by("-id").values_list("plan__trace", flat=True).first()),
    )


def _state(activity: ReportedActivity, writes: Sequence[CrmWrite]) -> str:
    if writes:
        return writes[-1].activity_status.lower().replace(" ", "_")
    return "waiting" if activity.plan_due_at else "not_recorded"
