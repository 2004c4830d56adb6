"""Counting how senders were answered: refusals leave a number, not a row each (RULES F6)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from integrations.models import Connection, IntakeCount


def _this_hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


def count(connection: Connection, result: IntakeCount.Result) -> None:
    """Add one to this hour's number of answers of this kind."""
    row = {
        "workspace_id": connection.workspace_id,
        "connection": connection,
        "hour": _this_hour(),
        "result": result,
    }
    if IntakeCount.unscoped.filter(**row).update(count=F("count") + 1):
        return
    try:
        with transaction.atomic():
            IntakeCount.unscoped.create(**row, count=1)
    except IntegrityError:
        IntakeCount.unscoped.filter(**row).update(count=F("count") + 1)
