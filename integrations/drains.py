"""Draining one lane of one connection, one worker at a time (RULES F4)."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from integrations.claims import from_now
from integrations.models import Connection, DrainLease
from integrations.tenancy import WorkspaceQuerySet

MAX_SECONDS = 10.0
MAX_BATCHES = 10
#: While a connection is busy its writes leave together, every so many seconds (RULES F4).
FLUSH_SECONDS = 2.0


def lanes_just_flushed() -> WorkspaceQuerySet[DrainLease]:
    """Outboxes from which a batch left a moment ago: what gathers there leaves with the next."""
    return DrainLease.unscoped.filter(
        lane=DrainLease.Lane.OUTBOX,
        drained_at__gt=timezone.now() - timedelta(seconds=FLUSH_SECONDS),
    )


def _take(connection: Connection, lane: str, lease_seconds: float) -> uuid.UUID | None:
    token = uuid.uuid4()
    free = DrainLease.unscoped.filter(connection=connection, lane=lane).filter(
        Q(lease_expires_at=None) | Q(lease_expires_at__lt=Now())
    )
    changes = {"claim_token": token, "lease_expires_at": from_now(lease_seconds)}
    if free.update(**changes):
        return token
    if DrainLease.unscoped.filter(connection=connection, lane=lane).exists():
        return None
    try:
        with transaction.atomic():
            DrainLease.unscoped.create(
                workspace_id=connection.workspace_id, connection=connection, lane=lane
            )
    except IntegrityError:
        pass  # somebody else made the row first; whoever updates it now has the lease
    return token if free.update(**changes) else None


@contextmanager
def drain_lease(connection: Connection, lane: str, *, seconds: float) -> Iterator[uuid.UUID | None]:
    """Hold the lane for this block; gives None when another worker has it."""
    token = _take(connection, lane, seconds)
    try:
        yield token
    finally:
        if token is not None:
            DrainLease.unscoped.filter(connection=connection, lane=lane, claim_token=token).update(
                claim_token=None, lease_expires_at=None
            )


def drain(
    connection: Connection,
    lane: str,
    *,
    lease_seconds: float,
    batch: Callable[[], int],
    has_due: Callable[[], bool],
    wake: Callable[[], None],
) -> int:
    """Run ``batch`` until nothing is due, for at most 10 s or 10 batches; returns rows taken.

    The lease is released *before* the last look, so that work which arrived in between is either
    seen by that look or finds the lane free.
    """
    taken = 0
    with drain_lease(connection, lane, seconds=lease_seconds) as token:
        if token is None:
            return 0
        started = time.monotonic()
        for _ in range(MAX_BATCHES):
            count = batch()
            taken += count
            if not count or time.monotonic() - started > MAX_SECONDS:
                break
            DrainLease.unscoped.filter(connection=connection, lane=lane, claim_token=token).update(
                lease_expires_at=from_now(lease_seconds)
            )
    if has_due():
        wake()
    return taken
