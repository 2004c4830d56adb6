"""Whose number is it: one search per number and org, cached (RULES B1, B2; MII-31)."""

from datetime import timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from integrations.claims import claim_batch, update_claimed
from integrations.directory import save_directory_record
from integrations.errors import OutcomeUnknown, PatchbayError, RetryLater
from integrations.models import Connection, PhoneLookup
from integrations.options import active_options
from integrations.queueing import enqueue
from integrations.registry import registry
from integrations.retry import next_attempt_delay
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.lookup import search_phone

log = structlog.get_logger()

BATCH = 20
LEASE_SECONDS = 120
MISS_SECONDS = 60
#: A search that failed this often is given up until somebody calls again.
MAX_ATTEMPTS = 6


def request_lookup(connection: Connection, phone_e164: str, *, cache_minutes: int) -> PhoneLookup:
    """The fresh answer for a number, or a lookup that is now under way.

    Call inside the workspace's scope. Hits stay fresh for ``cache_minutes``, misses for a minute.
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
    elif _is_stale(lookup, cache_minutes):
        now = timezone.now()
        restarted = PhoneLookup.objects.filter(
            pk=lookup.pk,
            state__in=(PhoneLookup.State.ANSWERED, PhoneLookup.State.FAILED),
        ).update(
            state=PhoneLookup.State.WAITING,
            connection=connection,
            requested_at=now,
            next_attempt_at=now,
            attempts=0,
        )
        if restarted:
            lookup.state = PhoneLookup.State.WAITING
    if lookup.state == PhoneLookup.State.WAITING:
        wake(connection.pk)
    return lookup


def wake(connection_id: int) -> None:
    """Ask for the waiting lookups of a connection once the current transaction commits."""
    enqueue("lookups", "integrations.jobs.answer_lookups", connection_id)


def _is_stale(lookup: PhoneLookup, cache_minutes: int) -> bool:
    if lookup.state == PhoneLookup.State.FAILED or lookup.answered_at is None:
        return True
    fresh_for = timedelta(minutes=cache_minutes) if lookup.candidates else timedelta(
        seconds=MISS_SECONDS
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
                next_attempt_at__lte=Now(),
            ),
            to_state=PhoneLookup.State.CLAIMED,
            limit=BATCH,
            lease_seconds=LEASE_SECONDS,
        )
        if not claim.rows:
            return answered
        client = SalesforceClient(connection, feature="lookups")
        for lookup in claim.rows:
            answered += _answer(client, connection, lookup)


def _answer(client: SalesforceClient, connection: Connection, lookup: PhoneLookup) -> bool:
    assert lookup.claim_token is not None
    try:
        candidates = search_phone(client, lookup.phone_e164, connection.workspace.default_region)
    except PatchbayError as error:
        _record_failure(lookup, error)
        return False
    with transaction.atomic():
        owned = update_claimed(
            lookup,
            lookup.claim_token,
            state=PhoneLookup.State.ANSWERED,
            candidates=[candidate.to_json() for candidate in candidates],
            answered_at=timezone.now(),
            claim_token=None,
            lease_expires_at=None,
            error="",
        )
        if not owned:
            return False
        if active_options()["retrieve_contacts"]:
            save_directory_record(connection, candidates)
        _tell(lookup)
    return True


def _record_failure(lookup: PhoneLookup, error: PatchbayError) -> None:
    assert lookup.claim_token is not None
    log.warning("lookup_failed", code=error.code, error=type(error).__name__)
    attempts = lookup.attempts + 1
    again = isinstance(error, RetryLater | OutcomeUnknown) and attempts < MAX_ATTEMPTS
    retry_after = error.retry_after if isinstance(error, RetryLater) else None
    with transaction.atomic():
        owned = update_claimed(
            lookup,
            lookup.claim_token,
            state=PhoneLookup.State.WAITING if again else PhoneLookup.State.FAILED,
            attempts=attempts,
            next_attempt_at=timezone.now()
            + next_attempt_delay(attempts, retry_after=retry_after),
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
            next_attempt_at__lte=Now(),
        )
        .order_by()
        .values_list("connection_id", flat=True)
        .distinct()[:200]
    )
