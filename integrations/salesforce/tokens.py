"""Access tokens of a connection, and their renewal under rotation (RULES C10, PLUS-14).

With rotation every refresh makes the refresh token worthless that it presents; presenting such a
token again ends the whole grant. Therefore: one refresher at a time, by a lease that the database
times; that a refresh leaves is committed before it does; the new token is stored, by an update
that names the old ciphertext, before it is used; and a token is never presented once a newer one
was seen. A row with ``refresh_sent_at`` and no live lease tells of an answer that was lost, also
when it was the process that died: it is asked once more after a pause, then a person is needed.
"""

import time
import uuid
from typing import Any, NamedTuple, Protocol

import structlog
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from integrations import failpoints
from integrations.claims import from_now
from integrations.connections import mark_needs_reconnect, mark_working
from integrations.errors import CredentialsRejected, NeedsAttention, OutcomeUnknown, RetryLater
from integrations.http import require_no_transaction
from integrations.models import Connection
from integrations.salesforce.apps import app_of
from integrations.salesforce.oauth import Grant, refresh_grant

log = structlog.get_logger()

#: How long to wait for somebody else's refresh before the work is put back, seconds.
PATIENCE_SECONDS = 5.0
_POLL_SECONDS = 0.05
#: A lease outlives the request that it covers by this much, seconds.
_LEASE_MARGIN_SECONDS = 15.0


class Access(NamedTuple):
    """What a request needs: the token, and the host that takes it."""

    token: str
    instance_url: str

    def __repr__(self) -> str:
        return f"Access(instance_url={self.instance_url!r})"


class AccessSource(Protocol):
    """Where the client takes its access from, anew for each request."""

    def current(self) -> Access:
        """The access as it is now; raises CredentialsRejected where there is none."""

    def renew(self, rejected: Access) -> Access:
        """Another one, because Salesforce refused this; may raise RetryLater."""

    def reject(self, rejected: Access, reason: str) -> None:
        """Even the renewed one was refused."""


class ConnectionAccess:
    """The access of a stored connection; always read from its row."""

    def __init__(self, connection: Connection) -> None:
        self._connection_id = connection.pk

    def current(self) -> Access:
        return _access_of(_read(self._connection_id))

    def renew(self, rejected: Access) -> Access:
        return refresh(self._connection_id, rejected.token)

    def reject(self, rejected: Access, reason: str) -> None:
        row = _read(self._connection_id)
        if row.credentials.get("access_token") == rejected.token:
            mark_needs_reconnect(row, reason)


def refresh(connection_id: int, rejected_token: str) -> Access:
    """A newer access than ``rejected_token``: somebody else's, or by a refresh of our own.

    Raises RetryLater while another worker refreshes or a lost answer is waited for, and
    CredentialsRejected, with the connection parked, when a person must connect anew.
    """
    require_no_transaction()
    patience_ends_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        row = _read(connection_id)
        current = _access_of(row)
        if current.token != rejected_token:
            return current
        if _claim(row):
            return _refresh_claimed(row)
        if time.monotonic() > patience_ends_at:
            raise RetryLater(
                "The Salesforce session is being renewed.", "REFRESH_RUNNING", retry_after=2.0
            )
        time.sleep(_POLL_SECONDS)


def _read(connection_id: int) -> Any:
    """The row as committed, with ``database_now`` beside it."""
    return Connection.unscoped.annotate(database_now=Now()).get(pk=connection_id)


def _access_of(row: Connection) -> Access:
    if row.state != Connection.State.ACTIVE:
        raise CredentialsRejected(
            row.state_reason or "Salesforce is not connected.", row.state.upper()
        )
    return Access(str(row.credentials.get("access_token", "")), row.instance_url)


def _claim(row: Any) -> bool:
    """Become the one refresher, and commit that a refresh is about to leave.

    False while another one holds the lease. The token of the last claim stays on the row, as the
    fence: of two workers who saw the same row only one finds it unchanged.
    """
    if row.refresh_lease_expires_at and row.refresh_lease_expires_at > row.database_now:
        return False
    unknown_count = row.refresh_unknown_count
    if row.refresh_sent_at is not None:
        _require_settled(row)
        unknown_count += 1
    token = uuid.uuid4()
    claimed = Connection.unscoped.filter(
        Q(refresh_lease_expires_at=None) | Q(refresh_lease_expires_at__lte=Now()),
        pk=row.pk,
        state=Connection.State.ACTIVE,
        sealed_credentials=row.sealed_credentials,
        refresh_claim_token=row.refresh_claim_token,
    ).update(
        refresh_claim_token=token,
        refresh_lease_expires_at=from_now(
            settings.SALESFORCE_DEADLINE_SECONDS + _LEASE_MARGIN_SECONDS
        ),
        refresh_sent_at=Now(),
        refresh_unknown_count=unknown_count,
    )
    if claimed:
        row.refresh_claim_token = token
        failpoints.hit("refresh.after_claim")
    return bool(claimed)


def _require_settled(row: Any) -> None:
    """A refresh left and its answer was never stored: wait, try once more, then give up."""
    if row.refresh_unknown_count:
        _park(row, "Salesforce's answers to two renewals of the session were lost.")
    waited = (row.database_now - row.refresh_sent_at).total_seconds()
    if waited < settings.REFRESH_UNKNOWN_WAIT_SECONDS:
        raise RetryLater(
            "Salesforce's answer to a renewal of the session was lost; it is tried once more.",
            "REFRESH_UNKNOWN",
            retry_after=settings.REFRESH_UNKNOWN_WAIT_SECONDS - waited,
        )


def _refresh_claimed(row: Any) -> Access:
    """Refresh under the claim. ``row`` is as it was before the claim, but for the claim's token."""
    presented = str(row.credentials.get("refresh_token", ""))
    try:
        grant = refresh_grant(app_of(row), presented)
    except OutcomeUnknown:
        return _answer_lost(row)
    except RetryLater:
        _release(
            row,
            refresh_sent_at=row.refresh_sent_at,
            refresh_unknown_count=row.refresh_unknown_count,
        )
        raise
    except NeedsAttention as error:
        log.warning("salesforce_refresh_refused", connection=row.pk, code=error.code)
        return _park(row, error.message)
    failpoints.hit("refresh.after_answer")
    return _store(row, presented, grant)


def _answer_lost(row: Any) -> Access:
    """The rotation may have happened. The mark stays on the row; only the lease is given back."""
    log.warning("salesforce_refresh_unknown", connection=row.pk)
    _release(row)
    if row.refresh_sent_at is not None:
        return _park(row, "Salesforce's answers to two renewals of the session were lost.")
    raise RetryLater(
        "Salesforce's answer to a renewal of the session was lost; it is tried once more.",
        "REFRESH_UNKNOWN",
        retry_after=settings.REFRESH_UNKNOWN_WAIT_SECONDS,
    )


def _release(row: Any, **changes: Any) -> None:
    Connection.unscoped.filter(pk=row.pk, refresh_claim_token=row.refresh_claim_token).update(
        refresh_lease_expires_at=None, **changes
    )


def _store(row: Any, presented: str, grant: Grant) -> Access:
    """Commit the new tokens before anybody uses them.

    Repeated when only the seal changed (key rotation); given up when somebody connected anew.
    """
    failpoints.hit("refresh.before_store")
    while not row.replace_credentials(
        {
            **row.credentials,
            "access_token": grant.access_token,
            "refresh_token": grant.refresh_token,
        },
        instance_url=grant.instance_url,
        refreshed_at=Now(),
        refresh_sent_at=None,
        refresh_lease_expires_at=None,
        refresh_unknown_count=0,
    ):
        row = _read(row.pk)
        if row.credentials.get("refresh_token") != presented:
            return _access_of(row)
    failpoints.hit("refresh.after_store")
    log.info("salesforce_session_renewed", connection=row.pk)
    mark_working(row)
    return Access(grant.access_token, grant.instance_url)


def _park(row: Any, reason: str) -> Access:
    """Give the connection up, unless somebody stored newer tokens meanwhile: then take those."""
    given_up = row.credentials.get("access_token")
    while not mark_needs_reconnect(row, reason):
        row = _read(row.pk)
        current = _access_of(row)
        if current.token != given_up:
            return current
    raise CredentialsRejected(reason, "NEEDS_RECONNECT")
