"""The inbox: whatever arrives is stored raw, acknowledged, then understood (RULES A1, F4)."""

import hashlib
import traceback as tracebacks
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from integrations import failpoints
from integrations.arrivals import (
    Delivery,
    Received,
    WriterConnection,
    insert_new,
    known_digests,
)
from integrations.claims import by_now, claim_batch, update_claimed
from integrations.errors import EventNotUnderstood
from integrations.group_commit import GroupCommit
from integrations.models import Connection, DrainLease, InboundEvent
from integrations.queueing import enqueue
from integrations.registry import registry
from integrations.tenancy import WorkspaceQuerySet, workspace_scope

log = structlog.get_logger()

BATCH = 100
LEASE_SECONDS = 60
#: An event that fails for a reason of ours (a locked database, a bug mended by a restart) is tried
#: again after these delays, seconds; then a person must look at it.
RETRY_DELAYS = (1, 5, 30, 120)


def receive(connection: Connection, *, handler: str, dedupe_key: str, body: bytes) -> Received:
    """Store one delivery and wake its handler. Committed when this returns.

    A repeat of the same body changes nothing; the same key with another body is a conflict.
    Deliveries that threads hand in at the same time share one statement and one commit.
    """
    delivery = Delivery(
        workspace_id=connection.workspace_id,
        connection_id=connection.pk,
        handler=handler,
        dedupe_key=dedupe_key,
        body=body.decode("utf-8", errors="replace").replace("\x00", "\ufffd"),
        body_digest=hashlib.sha256(body).hexdigest(),
    )
    database = transaction.get_connection()
    if database.in_atomic_block:  # what others hand in must not wait for this transaction
        return _store(database, [delivery])[0]
    return _arrivals.submit(delivery)


def _store(database: BaseDatabaseWrapper, deliveries: Sequence[Delivery]) -> list[Received]:
    """Store a batch and wake its handlers; what became of each delivery, in the same order."""
    # In one order everywhere: two processes with the same repeats must not block each other.
    in_order = sorted(deliveries, key=lambda delivery: delivery.key)
    new = insert_new(database, in_order)
    failpoints.hit("inbox.after_store")
    for connection_id, handler in {
        (delivery.connection_id, delivery.handler) for delivery in in_order if delivery.key in new
    }:
        wake(connection_id, handler, database=database)
    digests = known_digests({delivery.key for delivery in in_order} - new)

    def tell(delivery: Delivery) -> Received:
        if delivery.key in new:
            new.remove(delivery.key)  # another one in this batch is a repeat of it
            digests[delivery.key] = delivery.body_digest
            return Received.STORED
        is_same = digests[delivery.key] == delivery.body_digest
        return Received.REPEATED if is_same else Received.CONFLICT

    return [tell(delivery) for delivery in deliveries]


_writer = WriterConnection()
_arrivals: GroupCommit[Delivery, Received] = GroupCommit(
    lambda deliveries: _writer.run(lambda database: _store(database, deliveries)), limit=BATCH
)


def close_writer() -> None:
    """End the session over which this process stores deliveries (tests)."""
    _writer.close()


def wake(connection_id: int, handler: str, *, database: BaseDatabaseWrapper | None = None) -> None:
    """Ask for a drain of the handler's lane once the current transaction commits."""
    known = registry.inbound_handlers[handler]
    enqueue(
        known.queue, "integrations.jobs.drain_inbox", connection_id, known.lane, database=database
    )


def due(connection_id: int, lane: str = DrainLease.Lane.INBOX) -> WorkspaceQuerySet[InboundEvent]:
    """What of this connection should be understood now, in one lane."""
    return InboundEvent.unscoped.filter(
        connection_id=connection_id,
        handler__in=registry.handlers_in(lane),
        state=InboundEvent.State.RECEIVED,
        next_attempt_at__lte=by_now(),
    )


def process_batch(connection: Connection, lane: str = DrainLease.Lane.INBOX) -> int:
    """Claim the oldest due events of one lane and have them understood; how many it took."""
    claim = claim_batch(
        due(connection.pk, lane),
        to_state=InboundEvent.State.CLAIMED,
        limit=BATCH,
        lease_seconds=LEASE_SECONDS,
        order_by=("id",),
    )
    if not claim.rows:
        return 0
    failpoints.hit("inbox.after_claim")
    with workspace_scope(connection.workspace_id):
        for handler_name in dict.fromkeys(event.handler for event in claim.rows):
            events = [event for event in claim.rows if event.handler == handler_name]
            failures = registry.inbound_handlers[handler_name].process(connection, events)
            failpoints.hit("inbox.before_record")
            _record_results(events, claim.token, failures)
    return len(claim.rows)


def _record_results(
    events: Sequence[InboundEvent], token: uuid.UUID, failures: Mapping[int, Exception]
) -> None:
    released: dict[str, object] = {"claim_token": None, "lease_expires_at": None}
    # One commit for all that went well: one for each was a third of the time.
    InboundEvent.objects.filter(
        pk__in=[event.pk for event in events if event.pk not in failures], claim_token=token
    ).update(
        state=InboundEvent.State.PROCESSED,
        processed_at=timezone.now(),
        attempts=F("attempts") + 1,
        error="",
        traceback="",
        **released,
    )
    for event in events:
        if failure := failures.get(event.pk):
            changes = _failure_changes(event, failure) | released
            update_claimed(event, token, attempts=event.attempts + 1, **changes)


def _failure_changes(event: InboundEvent, failure: Exception) -> dict[str, object]:
    told: dict[str, object] = {
        "error": str(failure) or type(failure).__name__,
        "traceback": "".join(tracebacks.format_exception(failure)),
    }
    if isinstance(failure, EventNotUnderstood) or event.attempts >= len(RETRY_DELAYS):
        log.warning("inbound_event_failed", inbound_event=event.pk, error=told["error"])
        return told | {"state": InboundEvent.State.FAILED}
    delay = timedelta(seconds=RETRY_DELAYS[event.attempts])
    return told | {
        "state": InboundEvent.State.RECEIVED,
        "next_attempt_at": timezone.now() + delay,
    }


def replay(events: Iterable[InboundEvent]) -> int:
    """Have failed events of the workspace in scope understood once more; returns how many."""
    replayed = 0
    with transaction.atomic():
        for event in events:
            changed = InboundEvent.objects.filter(
                pk=event.pk, state=InboundEvent.State.FAILED
            ).update(state=InboundEvent.State.RECEIVED, attempts=0, next_attempt_at=timezone.now())
            if changed:
                replayed += 1
                wake(event.connection_id, event.handler)
    return replayed


def release_expired() -> int:
    """Give back events whose worker died; understanding them twice is harmless."""
    return InboundEvent.unscoped.filter(
        state=InboundEvent.State.CLAIMED, lease_expires_at__lt=Now()
    ).update(state=InboundEvent.State.RECEIVED, claim_token=None, lease_expires_at=None)


def connections_due() -> Sequence[tuple[int, str]]:
    """(connection id, handler) pairs that have something due, for the tick."""
    return list(
        InboundEvent.unscoped.filter(
            state=InboundEvent.State.RECEIVED, next_attempt_at__lte=by_now()
        )
        .order_by()
        .values_list("connection_id", "handler")
        .distinct()[:200]
    )
