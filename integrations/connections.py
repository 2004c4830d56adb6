"""What becomes of a connection: broken, mended, archived. Each change is one conditional update."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from integrations.holding import hold_writes, release_writes
from integrations.models import Connection
from integrations.notices import open_notice, resolve_notices
from integrations.salesforce.grants import give_back, grant_of

RECONNECT_NOTICE = "salesforce_reconnect"


def mark_needs_reconnect(connection: Connection, reason: str) -> bool:
    """Park a connection until a person connects it anew; returns whether it was us.

    Only if its credentials are still those of ``connection``: whoever replaced them meanwhile
    knows better (RULES C10). Its writes are held, and people are told once.
    """
    with transaction.atomic():
        parked = Connection.unscoped.filter(
            pk=connection.pk,
            sealed_credentials=connection.sealed_credentials,
            state=Connection.State.ACTIVE,
        ).update(
            state=Connection.State.NEEDS_RECONNECT,
            state_reason=reason[:300],
            broken_at=Now(),
            refresh_sent_at=None,
            refresh_lease_expires_at=None,
            refresh_unknown_count=0,
        )
        if not parked:
            return False
        hold_writes(connection, _("Salesforce must be connected again."))
        open_notice(
            connection.workspace_id,
            kind=RECONNECT_NOTICE,
            subject_key=_subject(connection),
            **_reconnect_text(connection, reason),
        )
    return True


def _reconnect_text(connection: Connection, reason: str) -> dict[str, str]:
    if connection.membership is None:
        body = _("%(reason)s What is to be written waits until then.") % {"reason": reason}
        return {"title": _("Salesforce must be connected again"), "body": body}
    person = str(connection.membership)
    title = _("The Salesforce account of %(person)s must be connected again") % {"person": person}
    body = _(
        "%(reason)s Only they can do that, under My account. The Sync User writes their records "
        "meanwhile; what was tried through their account before waits for it."
    )
    return {"title": title, "body": body % {"reason": reason}}


def mark_working(connection: Connection) -> bool:
    """Take back ``needs_reconnect`` once credentials work; returns whether anything changed."""
    with transaction.atomic():
        mended = Connection.unscoped.filter(
            pk=connection.pk, state=Connection.State.NEEDS_RECONNECT
        ).update(state=Connection.State.ACTIVE, state_reason="", broken_at=None)
        if mended:
            settle(connection)
    return bool(mended)


def settle(connection: Connection) -> None:
    """A connection works (again): its notice is settled, and what waited goes on."""
    resolve_notices(
        connection.workspace_id, kind=RECONNECT_NOTICE, subject_key=_subject(connection)
    )
    release_writes(connection)


def archive(connection: Connection, reason: str) -> bool:
    """End a connection for good: its credentials are wiped, its records and writes are kept."""
    with transaction.atomic():
        archived = (
            Connection.unscoped.filter(pk=connection.pk)
            .exclude(state=Connection.State.ARCHIVED)
            .update(
                state=Connection.State.ARCHIVED, state_reason=reason[:300], sealed_credentials=""
            )
        )
        if archived:
            hold_writes(connection, reason)
            resolve_notices(
                connection.workspace_id, kind=RECONNECT_NOTICE, subject_key=_subject(connection)
            )
    return bool(archived)


def end_personal_account(connection: Connection, reason: str) -> bool:
    """End a member's own account inside the caller's transaction; False if it was ended already.

    Its tokens are erased at once, and given back after the commit if Salesforce can be reached.
    What it had not written yet goes to the Sync User.
    """
    ended = grant_of(connection)
    if not archive(connection, reason):
        return False
    transaction.on_commit(lambda: give_back(ended), robust=True)
    return True


def pause_personal_accounts(reason: str) -> None:
    """The workspace in scope has no Sync User any more: nothing goes to its org (K-10)."""
    for account in Connection.objects.personal_accounts():
        Connection.objects.filter(pk=account.pk, state=Connection.State.ACTIVE).update(
            state=Connection.State.DISABLED, state_reason=reason[:300]
        )
        hold_writes(account, reason)


def resume_personal_accounts(sync_user: Connection) -> None:
    """There is a Sync User: accounts of its org go on, those of another org have ended (E3)."""
    for account in Connection.objects.personal_accounts():
        if account.org_id != sync_user.org_id:
            end_personal_account(account, _("Another org was connected."))
        elif Connection.objects.filter(pk=account.pk, state=Connection.State.DISABLED).update(
            state=Connection.State.ACTIVE, state_reason=""
        ):
            settle(account)


def _subject(connection: Connection) -> str:
    return f"connection:{connection.pk}"
