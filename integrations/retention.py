"""How long what is kept (RULES C8): bodies 30 days, keys, ids and states 400 days."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from integrations.models import (
    ApiAnswer,
    ApiUsage,
    CheckedPhone,
    CrmWrite,
    CrmWriteAttempt,
    InboundEvent,
    Notice,
    PlanRun,
    ReportedActivity,
    WriteState,
)

BODY_AGE = timedelta(days=30)
ROW_AGE = timedelta(days=400)
#: What the match doctor found in an org, names and numbers.
FINDING_AGE = timedelta(days=90)
BATCH = 1_000

_ENDED = (WriteState.DONE, WriteState.CANCELLED)


def prune() -> None:
    """Blank old bodies and delete old rows, at most a thousand of each; called every minute."""
    body_limit = timezone.now() - BODY_AGE
    row_limit = timezone.now() - ROW_AGE
    _blank(
        InboundEvent.unscoped.filter(received_at__lt=body_limit).exclude(body=""),
        body="",
        traceback="",
    )
    _blank(
        CrmWriteAttempt.unscoped.filter(sent_at__lt=body_limit).exclude(request={}),
        request={},
        answer=None,
    )
    _blank(
        ReportedActivity.unscoped.filter(created_at__lt=body_limit).exclude(text="", candidates=[]),
        text="",
        candidates=[],
    )
    _delete(ReportedActivity.unscoped.filter(created_at__lt=row_limit))
    _delete(InboundEvent.unscoped.filter(received_at__lt=row_limit))
    _delete(CrmWrite.unscoped.filter(created_at__lt=row_limit, state__in=_ENDED))
    _delete(PlanRun.unscoped.filter(created_at__lt=row_limit))
    _delete(ApiAnswer.unscoped.filter(created_at__lt=row_limit))
    _delete(ApiUsage.unscoped.filter(hour__lt=row_limit))
    _delete(CheckedPhone.unscoped.filter(created_at__lt=timezone.now() - FINDING_AGE))
    _delete(Notice.unscoped.filter(resolved_at__lt=row_limit))


def _some(rows: "models.QuerySet[Any]") -> list[int]:
    """In no order: sorted by key, a table of which nothing is old enough would be read whole."""
    return list(rows.order_by().values_list("pk", flat=True)[:BATCH])


def _blank(rows: "models.QuerySet[Any]", **blanks: object) -> None:
    if primary_keys := _some(rows):
        rows.model._base_manager.filter(pk__in=primary_keys).update(**blanks)


def _delete(rows: "models.QuerySet[Any]") -> None:
    if primary_keys := _some(rows):
        rows.model._base_manager.filter(pk__in=primary_keys).delete()
