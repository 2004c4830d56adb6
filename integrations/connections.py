"""What becomes of a connection: broken, mended, archived. Each change is one conditional update."""

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.models import Connection
from integrations.notices import open_notice, resolve_notices
from integrations.outbox import hold_writes, release_writes

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
            title=_("Salesforce must be connected again"),
            body=_("%(reason)s What is to be written waits until then.") % {"reason": reason},
        )
    return True


def mark_working(connection: Connection) -> bool:
    """Take back ``needs_reconnect`` once credentials work; returns whether anything changed."""
    with transaction.atomic():
        mended = Connection.unscoped.filter(
            pk=connection.pk, state=Connection.State.NEEDS_RECONNECT
        ).update(state=Connection.State.ACTIVE, state_reason="")
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


def _subject(connection: Connection) -> str:
    return f"connection:{connection.pk}"
