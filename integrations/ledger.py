"""What was planned and written about a call or message, for the pages that tell of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from integrations.models import CrmWrite, PlanRun, WriteState


def writes_about(kind: str, subject_ids: Collection[int]) -> Mapping[int, list[CrmWrite]]:
    """Every write of these subjects of one kind, the oldest first."""
    writes = CrmWrite.objects.filter(subject_kind=kind, subject_id__in=subject_ids)
    by_subject: dict[int, list[CrmWrite]] = {pk: [] for pk in subject_ids}
    for write in writes.select_related("connection", "owner__user").order_by("id"):
        by_subject[write.subject_id].append(write)
    return by_subject


def newest_traces(
    kind: str, subject_ids: Collection[int]
) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    """The trace of each subject's newest plan; those that were never planned are left out."""
    runs = PlanRun.objects.filter(subject_kind=kind, subject_id__in=subject_ids)
    plans = runs.order_by("id").values_list("subject_id", "plan__trace")
    return {subject_id: trace or () for subject_id, trace in plans}


def plan_runs_about(kind: str, subject_id: int, *, limit: int) -> list[PlanRun]:
    """The plans of one subject, the newest first."""
    runs = PlanRun.objects.filter(subject_kind=kind, subject_id=subject_id)
    return list(runs.order_by("-id")[:limit])


def standing_writes(writes: Iterable[CrmWrite]) -> list[CrmWrite]:
    """Of each record's generations (oldest first) the one that counts; cancelled ones never do."""
    newest = {write.wire_key: write for write in writes if write.state != WriteState.CANCELLED}
    return list(newest.values())
