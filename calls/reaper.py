"""Closing calls of which nothing was heard for hours; for the sweeper, every minute."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from calls.models import Call, CallState, LegEvent
from calls.timeline import read_events, refold
from calls.unended import open_legs
from integrations.tenancy import workspace_scope

_MOST_AT_ONCE = 100


def close_unended() -> int:
    """Close legs that never ended as unknown (``CALL_OPEN_HOURS`` without an event); how many
    calls."""
    limit = timezone.now() - timedelta(hours=settings.CALL_OPEN_HOURS)
    heard = LegEvent.unscoped.filter(call=OuterRef("pk"), recorded_at__gte=limit)
    silent = (
        Call.unscoped.exclude(state=CallState.ENDED)
        .filter(~Exists(heard), started_at__lt=limit)
        .order_by("started_at")
        .values_list("pk", "workspace_id")[:_MOST_AT_ONCE]
    )
    closed = 0
    for call_id, workspace_id in list(silent):
        with workspace_scope(workspace_id):
            closed += _close(call_id)
    return closed


def _close(call_id: int) -> bool:
    """In one fold, as if an end had been reported."""
    with transaction.atomic():
        still_open = Call.objects.filter(pk=call_id).exclude(state=CallState.ENDED)
        if not still_open.update(version=F("version") + 1):
            return False
        call = Call.objects.select_related("connection", "workspace").get(pk=call_id)
        events = read_events(call)
        call.given_up_legs = sorted({*open_legs(events), *(call.given_up_legs or ())})
        refold(call, events)
    return True
