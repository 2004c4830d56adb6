"""Whose number is it: one search per number and org, cached (RULES B1, B2; MII-31)."""

import uuid
from datetime import timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from integrations.claims import by_now, claim_batch, update_claimed
from integrations.directory import save_directory_record
from integrations.errors import CredentialsRejected, NotSent, PatchbayError, RetryLater
from integrations.models import Connection, PhoneLookup
from integrations.options import active_options
from integrations.pacing import next_attempt_at
from integrations.queueing import enqueue
from integrations.registry import registry
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.lookup import MAX_REQUESTS, search_phone
from integrations.salesforce.oauth import INTERACTIVE_SECONDS
from integrations.salesforce.precedence import Candidate

log = structlog.get_logger()

BATCH = 20
LEASE_SECONDS = 120
MISS_SECONDS = 60
#: When a search that failed is repeated: while the caller may still be on the line, then once more
#: should Salesforce have been away for a while; seconds.
_RETRY_PAUSES = (5.0, 300.0)


def request_lookup(
    connection: Connection,
    phone_e164: str,
    *,
    cache_minutes: int,
    asked_before: bool = False,
    preferred_id: str = "",
) -> PhoneLookup:
    """The fresh answer for a number, or a lookup that is now under way.

    Call inside the workspace's scope. Hits stay fresh for ``cache_minutes``, misses for a minute.
    ``asked_before`` says that it is for a call that had the number searched already: the requests
    for one call are counted together, and none is made beyond the third (MII-31).
    ``preferred_id`` is the record whose number was clicked: if it holds the number, the directory
    keeps it, whatever else matches (MII-30).
    """
    key = {"org_id": connection.org_id, "phone_e164": phone_e164}
    lookup = PhoneLookup.objects.filter(**key).first()
    if lookup is None:
        try:
            with transaction.atomic():
                lookup = PhoneLookup.objects.create(
                    workspace_id=connection.workspace_id, connection=connection, **key
                )
        except IntegrityError:
            lookup = PhoneLookup.objects.get(**key)
    if _is_stale(lookup, cache_minutes):
        _restart(lookup, connection, spent=lookup.attempts if asked_before else 0)
    if preferred_id and lookup.preferred_record_id != preferred_id:
        _prefer(lookup, preferred_id, connection)
    if lookup.state == PhoneLookup.State.WAITING:
        wake(connection.pk)
    return lookup


def _prefer(lookup: PhoneLookup, record_id: str, connection: Connection) -> None:
    """Keep whose number was clicked; what is known already goes into the directory now."""
    PhoneLookup.objects.filter(pk=lookup.pk).update(preferred_record_id=record_id)
    lookup.preferred_record_id = record_id
    if lookup.state == PhoneLookup.State.ANSWERED and active_options()["retrieve_contacts"]:
        known = [Candidate.from_json(one) for one in lookup.candidates]
        save_directory_record(connection, known, preferred_id=record_id)


def look_up_now(connection: Connection, phone_e164: str, *, cache_minutes: int) -> PhoneLookup:
    """The fresh answer for a number, else one that is asked for here and now and not kept.

    For somebody who waits: at most three requests, in the caller's own time. A failure is an answer
    whose state says so.
    """
    stored = PhoneLookup.objects.filter(
        org_id=connection.org_id, phone_e164=phone_e164, state=PhoneLookup.State.ANSWERED
    ).first()
    if stored is not None and not _is_stale(stored, cache_minutes):
        return stored
    answer = PhoneLookup(
        workspace_id=connection.workspace_id,
        connection=connection,
        org_id=connection.org_id,
        phone_e164=phone_e164,
        state=PhoneLookup.State.ANSWERED,
        answered_at=timezone.now(),
    )
    client = SalesforceClient(
        connection, feature="test calls", deadline_seconds=INTERACTIVE_SECONDS
    )
    try:
        candidates = search_phone(client, phone_e164, connection.workspace.default_region)
    except PatchbayError as error:
        answer.state, answer.error = PhoneLookup.State.FAILED, str(error)[:300]
    else:
        answer.candidates = [candidate.to_json() for candidate in candidates]
    return answer


def _restart(lookup: PhoneLookup, connection: Connection, *, spent: int) -> None:
    """Search once more, with the requests that are left; nothing happens while a search is out."""
    if spent >= MAX_REQUESTS:
        return
    now = timezone.now()
    restarted = PhoneLookup.objects.filter(
        pk=lookup.pk, state__in=(PhoneLookup.State.ANSWERED, PhoneLookup.State.FAILED)
    ).update(
        state=PhoneLookup.State.WAITING,
        connection=connection,
        requested_at=now,
        next_attempt_at=now,
        attempts=spent,
    )
    if restarted:
        lookup.state = PhoneLookup.State.WAITING


def forget_answer(org_id: str, phone_e164: str) -> None:
    """Drop what is known of a number: one of its records was deleted, merged or converted, or we
    made one (RULES B2). A search that is out is left alone; its answer is as fresh as can be.
    """
    PhoneLookup.objects.filter(
        org_id=org_id,
        phone_e164=phone_e164,
        state__in=(PhoneLookup.State.ANSWERED, PhoneLookup.State.FAILED),
    ).delete()


def wake(connection_id: int) -> None:
    """Ask for the waiting lookups of a connection once the current transaction commits."""
    enqueue("lookups", "integrations.jobs.answer_lookups", connection_id)


def _is_stale(lookup: PhoneLookup, cache_minutes: int) -> bool:
    if lookup.state == PhoneLookup.State.FAILED:
        return True
    if lookup.answered_at is None:
        return False  # the first search is still out
    fresh_for = (
        timedelta(minutes=cache_minutes) if lookup.candidates else timedelta(seconds=MISS_SECONDS)
    )
    return timezone.now() - lookup.answered_at > fresh_for


def answer_due_lookups(connection: Connection) -> int:
    """Search for every waiting number of one connection; returns how many were answered."""
    if not connection.is_usable:
        return 0
    answered = 0
    while True:
        claim = claim_batch(
            PhoneLookup.unscoped.filter(
                connection=connection,
                state=PhoneLookup.State.WAITING,
                next_attempt_at__lte=by_now(),
            ),
            to_state=PhoneLookup.State.CLAIMED,
            limit=BATCH,
            lease_seconds=LEASE_SECONDS,
        )
        if not claim.rows:
            return answered
        client = SalesforceClient(connection, feature="lookups")
        for lookup in claim.rows:
            answered += _answer(client, connection, lookup, claim.token)


def _answer(
    client: SalesforceClient, connection: Connection, lookup: PhoneLookup, token: uuid.UUID
) -> bool:
    region, before = connection.workspace.default_region, client.requests
    left = MAX_REQUESTS - lookup.attempts
    try:
        candidates = search_phone(client, lookup.phone_e164, region, max_requests=left)
    except PatchbayError as error:
        _record_failure(lookup, token, error, requests=client.requests - before)
        return False
    with transaction.atomic():
        owned = update_claimed(
            lookup,
            token,
            state=PhoneLookup.State.ANSWERED,
            attempts=lookup.attempts + client.requests - before,
            candidates=[candidate.to_json() for candidate in candidates],
            answered_at=timezone.now(),
            claim_token=None,
            lease_expires_at=None,
            error="",
        )
        if not owned:
            return False
        if active_options()["retrieve_contacts"]:
            # Somebody may have clicked while the search was out.
            clicked = PhoneLookup.objects.filter(pk=lookup.pk).values_list("preferred_record_id")
            [(preferred_id,)] = clicked
            save_directory_record(connection, candidates, preferred_id=preferred_id)
        _tell(lookup)
    return True


def _record_failure(
    lookup: PhoneLookup, token: uuid.UUID, error: PatchbayError, *, requests: int
) -> None:
    log.warning("lookup_failed", code=error.code, error=type(error).__name__)
    attempts = lookup.attempts + requests
    again = isinstance(error, RetryLater) and attempts < MAX_REQUESTS
    asked_pause = error.retry_after if isinstance(error, RetryLater) else None
    pause = asked_pause or _RETRY_PAUSES[0 if attempts < 2 else 1]
    if isinstance(error, CredentialsRejected | NotSent):
        # No request reached the org: it waits until somebody reconnects, or the network is back.
        attempts, again = lookup.attempts, True
    with transaction.atomic():
        owned = update_claimed(
            lookup,
            token,
            state=PhoneLookup.State.WAITING if again else PhoneLookup.State.FAILED,
            attempts=attempts,
            next_attempt_at=next_attempt_at(attempts, retry_after=pause),
            claim_token=None,
            lease_expires_at=None,
            error=str(error)[:300],
        )
        if owned and not again:
            _tell(lookup)


def _tell(lookup: PhoneLookup) -> None:
    for listener in registry.lookup_listeners:
        listener(lookup)


def release_expired() -> int:
    """Give back lookups whose worker died; searching twice is harmless."""
    return PhoneLookup.unscoped.filter(
        state=PhoneLookup.State.CLAIMED, lease_expires_at__lt=Now()
    ).update(state=PhoneLookup.State.WAITING, claim_token=None, lease_expires_at=None)


def connections_due() -> list[int]:
    """Connections with a waiting lookup that has come due, for the tick."""
    return list(
        PhoneLookup.unscoped.filter(
            Q(connection__state=Connection.State.ACTIVE),
            state=PhoneLookup.State.WAITING,
            next_attempt_at__lte=by_now(),
        )
        .order_by()
        .values_list("connection_id", flat=True)
        .distinct()[:200]
    )
