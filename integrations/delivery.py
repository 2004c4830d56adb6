"""Delivering the outbox: batches of up to 200 records a request, each try on the record first.

Order of commits (RULES C2): claimed, then *sending* with its attempts, then the request, then the
answer. A worker that dies in between leaves rows from which the next one knows what may have
happened at Salesforce.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from integrations import failpoints
from integrations.api_budget import hold_what_can_wait
from integrations.claims import by_now, claim_batch, from_now, update_claimed
from integrations.error_classes import error_columns
from integrations.errors import (
    CredentialsRejected,
    NeedsAttention,
    NotSent,
    OutcomeUnknown,
    PatchbayError,
    Refused,
    RetryLater,
)
from integrations.generations import return_to_waiting
from integrations.holding import hold_writes
from integrations.marks import KEYED_OBJECTS, MEMBER, UNIQUE_OBJECTS, with_mark
from integrations.models import Connection, CrmWrite, CrmWriteAttempt, WriteState
from integrations.models.outbox import DUE_STATES
from integrations.optional_fields import gave_up_field, key_column, says_it_stands, writable
from integrations.pacing import next_attempt_at
from integrations.refused_records import ask_for_duplicates, ask_for_successors
from integrations.request_features import feature_of
from integrations.results import record_duplicate, record_failure, record_success, targets_of
from integrations.salesforce.campaigns import Joining, join_campaigns
from integrations.salesforce.client import Record, RecordResult, SalesforceClient, to_record
from integrations.salesforce.leads import create_with_lead

log = structlog.get_logger()

BATCH = 200
#: How long a new Lead waits for another one of its number whose outcome is open.
_TURN_PAUSE = timedelta(seconds=5)


def eligible_writes(connection: Connection) -> "models.QuerySet[CrmWrite]":
    """Writes of one connection that may leave now: due, and whatever they wait for is done.

    What they wait for may be another connection's: a member's account wrote the record, say.
    """
    done = CrmWrite.unscoped.filter(pk=models.OuterRef("depends_on"), state=WriteState.DONE)
    return CrmWrite.unscoped.filter(
        models.Q(depends_on=None) | models.Exists(done),
        connection=connection,
        state__in=DUE_STATES,
        next_attempt_at__lte=by_now(),
    )


def deliver_batch(connection: Connection) -> int:
    """Send the oldest eligible writes of one connection; returns how many were taken."""
    connection.refresh_from_db()
    if not connection.is_usable:
        hold_writes(connection, connection.state_reason or "Salesforce needs to be reconnected.")
        return 0
    hold_what_can_wait(connection)
    claim = claim_batch(
        eligible_writes(connection),
        to_state=WriteState.CLAIMED,
        limit=BATCH,
        lease_seconds=settings.OUTBOX_LEASE_SECONDS,
    )
    if not claim.rows:
        return 0
    failpoints.hit("outbox.after_claim")
    for send in (_create, _update, _join):
        writes = [write for write in claim.rows if _sender_of(write) is send]
        if writes:
            # Records under one parent next to each other: Salesforce locks parents in turn.
            writes.sort(key=lambda write: (write.sobject, write.parent_key, write.pk))
            _deliver(connection, writes, claim.token, send)
    for write in claim.rows:
        if _sender_of(write) is _create_with_lead:
            _deliver_with_lead(connection, write, claim.token)
    return len(claim.rows)


Send = Callable[[SalesforceClient, Sequence[CrmWriteAttempt]], list[RecordResult]]


def _create(client: SalesforceClient, attempts: Sequence[CrmWriteAttempt]) -> list[RecordResult]:
    return client.create_records([attempt.request for attempt in attempts])


def _update(client: SalesforceClient, attempts: Sequence[CrmWriteAttempt]) -> list[RecordResult]:
    return client.update_records([attempt.request for attempt in attempts])


def _create_with_lead(
    client: SalesforceClient, attempts: Sequence[CrmWriteAttempt]
) -> list[RecordResult]:
    [attempt] = attempts
    write = attempt.write
    record = build_record(write, client.connection)
    result, lead_id = create_with_lead(client, record, write.new_lead or {})
    log.info("lead_created_with_task", write=attempt.write_id, lead=lead_id)
    return [result]


def _join(client: SalesforceClient, attempts: Sequence[CrmWriteAttempt]) -> list[RecordResult]:
    """Make people of Tasks members of campaigns; who they are is asked of the Tasks (C7)."""
    writes = [attempt.write for attempt in attempts]
    tasks = [write.person_of.salesforce_record_id if write.person_of else "" for write in writes]
    campaigns = [str(write.payload["CampaignId"]) for write in writes]
    return join_campaigns(client, list(map(Joining, tasks, campaigns)))


def _sender_of(write: CrmWrite) -> Send:
    if write.operation == CrmWrite.Operation.UPDATE:
        return _update
    if write.sobject == MEMBER:
        return _join
    return _create_with_lead if write.lead_key else _create


def build_record(write: CrmWrite, connection: Connection) -> Record:
    """The record as it goes over the wire, for one entry of an sObject Collections request."""
    if write.operation == CrmWrite.Operation.UPDATE:
        changes = with_mark(
            writable(connection, write), write.sobject, write.wire_key, is_new=False
        )
        return to_record(write.sobject, changes, record_id_of(write))
    payload = writable(connection, write)
    fields = {name: value for name, value in payload.items() if value is not None}
    if write.sobject in KEYED_OBJECTS:
        fields |= {"CallObject": write.wire_key, **key_column(connection, write)}
    fields = with_mark(fields, write.sobject, write.wire_key, is_new=True)
    return to_record(write.sobject, fields)


def record_id_of(write: CrmWrite) -> str:
    """The Salesforce id that an update addresses: its own, or that of what it waited for."""
    if write.salesforce_record_id or write.depends_on is None:
        return write.salesforce_record_id
    return write.depends_on.salesforce_record_id


def _deliver_with_lead(connection: Connection, write: CrmWrite, token: uuid.UUID) -> None:
    """Send a Task with its Lead, unless a Lead for that number is on its way already: whoever makes
    that has the turn from here until its outcome is known, whatever connection it uses (C3)."""
    try:
        attempts = _mark_sending(connection, [write], token)
    except IntegrityError:
        return_to_waiting(
            write,
            expected={"claim_token": token},
            state=WriteState.PLANNED,
            next_attempt_at=timezone.now() + _TURN_PAUSE,
        )
    else:
        _send(connection, attempts, _create_with_lead)


def _deliver(
    connection: Connection, writes: Sequence[CrmWrite], token: uuid.UUID, send: Send
) -> None:
    _send(connection, _mark_sending(connection, writes, token), send)


def _send(connection: Connection, attempts: Sequence[CrmWriteAttempt], send: Send) -> None:
    if not attempts:
        return
    failpoints.hit("outbox.after_attempt")
    try:
        feature = feature_of(attempt.write for attempt in attempts)
        results = send(SalesforceClient(connection, feature=feature), attempts)
    except PatchbayError as error:
        _record_request_failure(connection, attempts, error)
        return
    failpoints.hit("outbox.after_answer")
    record_results(connection, attempts, results)


def _mark_sending(
    connection: Connection, writes: Sequence[CrmWrite], token: uuid.UUID
) -> list[CrmWriteAttempt]:
    """Commit that these rows are about to leave, before the first byte does.

    Only rows that this claim still owns leave: the time until here is not bounded, the request is.
    """
    with transaction.atomic():
        still_ours = CrmWrite.unscoped.filter(
            pk__in=[write.pk for write in writes], state=WriteState.CLAIMED, claim_token=token
        )
        still_ours.update(
            state=WriteState.SENDING,
            lease_expires_at=from_now(settings.OUTBOX_LEASE_SECONDS),
            attempts=models.F("attempts") + 1,
            first_sent_at=Coalesce("first_sent_at", Now()),
            last_sent_at=Now(),
            sent_as=connection.salesforce_user_id,
        )
        leaving = set(
            CrmWrite.unscoped.filter(
                pk__in=[write.pk for write in writes], state=WriteState.SENDING, claim_token=token
            ).values_list("pk", flat=True)
        )
        attempts = [
            CrmWriteAttempt(
                workspace_id=write.workspace_id,
                write=write,
                number=_next_attempt_number(write),
                claim_token=token,
                sent_at=timezone.now(),
                request=build_record(write, connection)
                | ({"new_lead": write.new_lead} if write.lead_key else {}),
            )
            for write in writes
            if write.pk in leaving
        ]
        return CrmWriteAttempt.unscoped.bulk_create(attempts)


def _next_attempt_number(write: CrmWrite) -> int:
    if not write.first_sent_at:
        return 1
    newest = CrmWriteAttempt.unscoped.filter(write=write).aggregate(models.Max("number"))
    return (newest["number__max"] or 0) + 1


def record_results(
    connection: Connection,
    attempts: Iterable[CrmWriteAttempt],
    results: Iterable[RecordResult],
) -> None:
    """Store the answer to each record, in the order of the request.

    What points to something that is gone comes last, because Salesforce is asked once more for it.
    """
    failpoints.hit("outbox.before_record")
    orphans: list[tuple[CrmWriteAttempt, RecordResult]] = []
    doubles: list[tuple[CrmWriteAttempt, RecordResult]] = []
    for attempt, result in zip(attempts, results, strict=True):
        if result.success:
            record_success(attempt, result.record_id or "")
        elif says_it_stands(result, attempt.number):
            _record_unknown(attempt, OutcomeUnknown(result.error_message, result.error_code))
        elif targets_of(attempt.write, result):
            orphans.append((attempt, result))
            continue
        elif attempt.write.lead_key and result.similar:
            doubles.append((attempt, result))
            continue
        else:
            record_failure(attempt, result)
        failpoints.hit("outbox.after_record")
    if orphans:
        successors = ask_for_successors(connection, orphans)
        for attempt, result in orphans:
            record_failure(attempt, result, successors)
    for attempt, result in doubles:
        record_duplicate(attempt, result, ask_for_duplicates(connection, attempt, result))


def _record_request_failure(
    connection: Connection, attempts: Sequence[CrmWriteAttempt], error: PatchbayError
) -> None:
    """The whole request failed: what that says about each record in it."""
    log.warning(
        "crm_request_failed",
        connection=connection.pk,
        records=len(attempts),
        error=type(error).__name__,
        code=error.code,
    )
    is_refusal = isinstance(error, NeedsAttention)
    has_lost_field = is_refusal and gave_up_field(connection, error.code, error.message)
    for attempt in attempts:
        if isinstance(error, OutcomeUnknown):
            _record_unknown(attempt, error)
            continue
        outcome, changes = _meaning(error, attempt)
        if has_lost_field:
            changes = {"state": WriteState.RETRYING, "next_attempt_at": timezone.now()}
        CrmWriteAttempt.unscoped.filter(pk=attempt.pk).update(
            outcome=outcome,
            answered_at=timezone.now(),
            error_code=error.code[:80],
            error_message=str(error),
        )
        return_to_waiting(
            attempt.write,
            expected={"claim_token": attempt.claim_token},
            **error_columns(error.code, str(error)),
            **changes,
        )
    if isinstance(error, CredentialsRejected):
        hold_writes(connection, str(error))


def _record_unknown(attempt: CrmWriteAttempt, error: OutcomeUnknown) -> None:
    """The record may be there or may still come: it is asked for, never sent again blindly.

    What Salesforce takes only once is looked for with the next try.
    """
    is_unique = attempt.write.sobject in UNIQUE_OBJECTS
    CrmWriteAttempt.unscoped.filter(pk=attempt.pk).update(
        outcome=CrmWriteAttempt.Outcome.UNKNOWN,
        error_code=error.code[:80],
        error_message=str(error),
    )
    update_claimed(
        attempt.write,
        attempt.claim_token,
        state=WriteState.RETRYING if is_unique else WriteState.UNKNOWN,
        next_attempt_at=next_attempt_at(attempt.number) if is_unique else timezone.now(),
        claim_token=None,
        lease_expires_at=None,
        **error_columns(error.code, str(error)),
    )


def _meaning(
    error: PatchbayError, attempt: CrmWriteAttempt
) -> tuple[CrmWriteAttempt.Outcome, dict[str, Any]]:
    outcomes = CrmWriteAttempt.Outcome
    if isinstance(error, CredentialsRejected):
        return outcomes.REFUSED, {"state": WriteState.HELD, "held_reason": str(error)[:200]}
    if isinstance(error, NeedsAttention | Refused):
        return outcomes.REFUSED, {"state": WriteState.NEEDS_ATTENTION}
    retry_after = error.retry_after if isinstance(error, RetryLater) else None
    outcome = outcomes.NOT_SENT if isinstance(error, NotSent) else outcomes.REFUSED
    return outcome, {
        "state": WriteState.RETRYING,
        "next_attempt_at": next_attempt_at(attempt.number, retry_after=retry_after),
    }
