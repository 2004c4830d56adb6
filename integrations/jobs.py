"""The kernel's jobs: each takes ids, looks at the rows, and may find nothing to do."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.utils import timezone

from integrations import delivery, erasures, inbox, outbox, preflights, settling
from integrations.activities import filing
from integrations.api_budget import ask_counter
from integrations.drains import drain, lanes_just_flushed
from integrations.error_mails import mail_waiting
from integrations.errors import PatchbayError
from integrations.lookups import answer_due_lookups
from integrations.match_doctor import take_step
from integrations.models import Connection, DrainLease
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.org_facts import read_org_facts
from integrations.salesforce.tokens import refresh
from integrations.tenancy import workspace_scope

log = structlog.get_logger()


def drain_inbox(connection_id: int, lane: str = DrainLease.Lane.INBOX) -> None:
    """Have the due events of one connection understood, of one lane."""
    connection = Connection.unscoped.get(pk=connection_id)
    drain(
        connection,
        lane,
        lease_seconds=inbox.LEASE_SECONDS,
        batch=lambda: inbox.process_batch(connection, lane),
        has_due=lambda: inbox.due(connection_id, lane).exists(),
        wake=lambda: _wake_inbox(connection_id, lane),
    )


def _wake_inbox(connection_id: int, lane: str) -> None:
    handler = inbox.due(connection_id, lane).values_list("handler", flat=True).first()
    if handler:
        inbox.wake(connection_id, handler)


def deliver_crm_writes(connection_id: int) -> None:
    """Deliver the due writes of one connection, and ask for those whose outcome is unknown."""
    connection = Connection.unscoped.get(pk=connection_id)
    if _left_just_now(connection):
        return  # the tick sends what gathers meanwhile
    with workspace_scope(connection.workspace_id):
        drain(
            connection,
            DrainLease.Lane.OUTBOX,
            lease_seconds=settings.OUTBOX_LEASE_SECONDS,
            batch=lambda: _outbox_batch(connection),
            has_due=lambda: settling.has_due(connection_id),
            wake=lambda: outbox.wake(connection_id),
        )


def _outbox_batch(connection: Connection) -> int:
    settled = settling.settle_batch(connection)
    sent = delivery.deliver_batch(connection)
    if sent:
        DrainLease.unscoped.filter(connection=connection, lane=DrainLease.Lane.OUTBOX).update(
            drained_at=timezone.now()
        )
    return settled + sent if sent == delivery.BATCH else 0


def _left_just_now(connection: Connection) -> bool:
    busy = lanes_just_flushed().filter(connection=connection).exists()
    return busy and delivery.eligible_writes(connection).count() < delivery.BATCH


def check_connection(connection_id: int) -> None:
    """Ask a connected org once a day what may have changed; that keeps its session alive, too.

    A refresh token that nobody uses for thirty days dies (RULES C5, salesforce.md 1.9), and an org
    may rename the status that closes a Task (A4). Failures show on the connection by themselves.
    """
    connection = Connection.unscoped.get(pk=connection_id)
    if not connection.is_usable:
        return
    with workspace_scope(connection.workspace_id):
        Connection.objects.filter(pk=connection_id).update(checked_at=timezone.now())
        try:
            facts = read_org_facts(SalesforceClient(connection, feature="daily check"))
        except PatchbayError as error:
            log.warning("connection_check_failed", connection=connection_id, code=error.code)
            return
        Connection.objects.filter(pk=connection_id).update(**facts.columns())
        preflights.request_preflight(connection)


def renew_idle_account(connection_id: int) -> None:
    """Renew the session of a member's account that nobody used for a week, free of charge (C5).

    A refused renewal parks the account by itself. What may pass is tried again after a day.
    """
    account = Connection.unscoped.get(pk=connection_id)
    if not account.is_usable:
        return
    now = timezone.now()
    try:
        refresh(account.pk, str(account.credentials.get("access_token", "")))
    except PatchbayError as error:
        log.warning("idle_account_not_renewed", connection=connection_id, code=error.code)
        now -= timedelta(days=6)
    Connection.unscoped.filter(pk=connection_id).update(checked_at=now)


def run_preflight(connection_id: int) -> None:
    """Prove once more what the connected user may do, if that waits to be done."""
    connection = Connection.unscoped.get(pk=connection_id)
    with workspace_scope(connection.workspace_id):
        preflights.run_waiting(connection)


def answer_lookups(connection_id: int) -> None:
    """Ask Salesforce for the numbers that wait on one connection."""
    connection = Connection.unscoped.get(pk=connection_id)
    with workspace_scope(connection.workspace_id):
        answer_due_lookups(connection)


def file_due_activities() -> None:
    """Plan what other programs reported; asks Salesforce for addresses that are not known."""
    filing.file_due()


def read_api_counter(connection_id: int) -> None:
    """Ask what is left of the org's requests, while work waits for that."""
    connection = Connection.unscoped.get(pk=connection_id)
    if connection.is_usable:
        ask_counter(connection)


def mail_errors(workspace_id: int) -> None:
    """Send the mails about errors that wait for one workspace."""
    with workspace_scope(workspace_id):
        mail_waiting()


def examine_phones(connection_id: int) -> None:
    """Have the match doctor read on, if a run through this connection's org is due."""
    connection = Connection.unscoped.select_related("workspace").get(pk=connection_id)
    with workspace_scope(connection.workspace_id):
        take_step(connection)


def erase_person(erasure_id: int) -> None:
    """Go on with the erasure of one person (RULES C8)."""
    erasures.take_step(erasure_id)
