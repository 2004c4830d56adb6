"""The clock of Patchbay: a tick every second, repairs every minute (RULES F4).

Everything here is idempotent, so any number of sweepers may run.
"""

import signal
import threading
import time
from datetime import timedelta

import structlog
from django.db import close_old_connections
from django.db.models import Q
from django.utils import timezone

from integrations import (
    api_budget,
    erasures,
    error_mails,
    holding,
    inbox,
    lookups,
    match_doctor,
    outbox,
    preflights,
    refusals,
    retention,
    settling,
)
from integrations.activities import filing
from integrations.claims import by_now
from integrations.drains import lanes_just_flushed
from integrations.models import Connection, CrmWrite, WriteState
from integrations.models.outbox import DUE_STATES
from integrations.notices import open_notice, resolve_notices, wake_mails
from integrations.queueing import enqueue
from integrations.registry import registry

log = structlog.get_logger()

TICK_SECONDS = 1.0
REPAIR_SECONDS = 60.0
#: A write that waits longer than this is told to the admins (RULES F13).
LATE_WRITE_AGE = timedelta(minutes=5)


def tick() -> None:
    """Wake a worker for whatever has come due: a few indexed queries."""
    for connection_id, handler in inbox.connections_due():
        inbox.wake(connection_id, handler)
    for connection_id in lookups.connections_due():
        lookups.wake(connection_id)
    for connection_id in _connections_with_due_writes():
        outbox.wake(connection_id)
    for connection_id in preflights.connections_due():
        preflights.wake(connection_id)
    for connection_id in match_doctor.connections_due():
        match_doctor.wake(connection_id)
    filing.wake_due()
    erasures.wake_due()
    for due in registry.ticks:
        due()


def _connections_with_due_writes() -> list[int]:
    due = Q(state__in=[*DUE_STATES, WriteState.UNKNOWN], next_attempt_at__lte=by_now())
    return list(
        CrmWrite.unscoped.filter(due | Q(verify_at__lte=by_now()))
        .exclude(connection__in=lanes_just_flushed().values("connection"))
        .filter(connection__state=Connection.State.ACTIVE)
        .order_by()
        .values_list("connection_id", flat=True)
        .distinct()[:500]
    )


def repair() -> None:
    """Take back what dead workers left behind, tell people what is late, keep the tables small."""
    recovered = {
        "events": inbox.release_expired(),
        "lookups": lookups.release_expired(),
        "preflights": preflights.release_expired(),
        "erasures": erasures.release_expired(),
        "checkups": match_doctor.release_expired(),
        "writes": settling.mark_abandoned(),
        "stranded": holding.hold_stranded(),
        "reserved": api_budget.release_where_room(),
        "others": sum(take_back() for take_back in registry.repairs),
    }
    if any(recovered.values()):
        log.info("leases_recovered", **recovered)
    tell_late_writes()
    refusals.settle_refused()
    refusals.tell_failed_events()
    for workspace_id in error_mails.workspaces_due():
        wake_mails(workspace_id)
    wake_daily_checks()
    wake_idle_accounts()
    retention.prune()
    for prune in registry.prunings:
        prune()


def wake_daily_checks() -> None:
    """Have every Sync User checked once a day."""
    yesterday = timezone.now() - timedelta(days=1)
    due = Connection.unscoped.sync_users().filter(
        Q(checked_at=None) | Q(checked_at__lt=yesterday), state=Connection.State.ACTIVE
    )
    for connection_id in due.values_list("pk", flat=True)[:50]:
        enqueue("background", "integrations.jobs.check_connection", connection_id)


def wake_idle_accounts() -> None:
    """Have the session of members' accounts that lie idle renewed once a week (RULES C5)."""
    last_week = timezone.now() - timedelta(days=7)
    due = Connection.unscoped.personal_accounts().filter(
        Q(last_used_at=None) | Q(last_used_at__lt=last_week),
        Q(checked_at=None) | Q(checked_at__lt=last_week),
        connected_at__lt=last_week,
        state=Connection.State.ACTIVE,
    )
    for connection_id in due.values_list("pk", flat=True)[:50]:
        enqueue("background", "integrations.jobs.renew_idle_account", connection_id)


def tell_late_writes() -> None:
    """Open a notice where the oldest write of a connection waits too long, and close it after.

    That the writes of a broken connection wait is said by the notice that it is broken.
    """
    waiting = CrmWrite.unscoped.filter(
        state__in=[*DUE_STATES, WriteState.UNKNOWN], created_at__lt=timezone.now() - LATE_WRITE_AGE
    )
    late = set(waiting.order_by().values_list("connection_id", flat=True).distinct())
    for connection in Connection.unscoped.filter(kind=Connection.Kind.SALESFORCE):
        told = {"kind": "writes_late", "subject_key": f"connection:{connection.pk}"}
        if connection.pk in late and connection.is_usable:
            open_notice(
                connection.workspace_id,
                **told,
                title="Writes to Salesforce are late",
                body=f"The oldest write of {connection.name} has waited for over five minutes. "
                "Patchbay goes on trying; the activity log shows what Salesforce answers.",
            )
        else:
            resolve_notices(connection.workspace_id, **told)


def run_loop(stop: threading.Event | None = None) -> None:
    """Tick and repair until ``stop`` is set (by default, until SIGTERM or SIGINT)."""
    if stop is None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    next_repair = time.monotonic()
    while not stop.is_set():
        started = time.monotonic()
        try:
            tick()
            if started >= next_repair:
                next_repair = started + REPAIR_SECONDS
                repair()
        except Exception:  # the clock must go on through a database restart
            log.exception("tick_failed")
        close_old_connections()
        stop.wait(max(0.0, TICK_SECONDS - (time.monotonic() - started)))
