"""What Patchbay spends of the org's API requests, and what is left of them (salesforce.md 5.4)."""

import re
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from integrations.models import ApiUsage, Connection

log = structlog.get_logger()

#: ``Sforce-Limit-Info: api-usage=18/15000``, perhaps with more behind a semicolon.
_LIMIT_INFO = re.compile(r"\bapi-usage=(?P<used>\d+)/(?P<maximum>\d+)")
#: The connection's row is not written more often than this.
_SEEN_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class LimitInfo:
    """Requests that all apps together used of the org's allowance for 24 hours."""

    used: int
    maximum: int


def parse_limit_info(header: str | None) -> LimitInfo | None:
    """The value of ``Sforce-Limit-Info``; None without one."""
    found = _LIMIT_INFO.search(header or "")
    return LimitInfo(int(found["used"]), int(found["maximum"])) if found else None


def record_request(connection: Connection, feature: str, limit: LimitInfo | None) -> None:
    """Count one request, and keep what Salesforce said about the limit.

    Runs after the answer came: a database in trouble must not lose that answer, so it is only
    logged.
    """
    try:
        _count(connection, feature)
        _remember(connection, limit)
    except DatabaseError as error:
        log.warning("api_usage_not_recorded", connection=connection.pk, error=str(error))


def _count(connection: Connection, feature: str) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    key = {"connection_id": connection.pk, "feature": feature, "hour": hour}
    if _add_one(key):
        return
    with transaction.atomic():
        ApiUsage.unscoped.bulk_create(
            [ApiUsage(workspace_id=connection.workspace_id, **key)], ignore_conflicts=True
        )
    _add_one(key)


def _add_one(key: dict[str, object]) -> int:
    return ApiUsage.unscoped.filter(**key).update(requests=F("requests") + 1)


def _remember(connection: Connection, limit: LimitInfo | None) -> None:
    seen = {"api_used": limit.used, "api_maximum": limit.maximum} if limit else {}
    now = timezone.now()
    Connection.unscoped.filter(
        Q(last_used_at=None) | Q(last_used_at__lt=now - _SEEN_EVERY), pk=connection.pk
    ).update(last_used_at=Now(), **seen)
