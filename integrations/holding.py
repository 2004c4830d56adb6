"""Writes whose connection cannot write now: who takes them over, and who waits (RULES C5, E3).

What was never attempted through a broken personal account goes to the Sync User. What was
attempted stays, because only the user who sent it surely sees what became of it. Once the account
has ended for good the Sync User takes the rest; of an outcome that is unknown it only *asks*
(``integrations.settling``), and a person decides where it finds nothing.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.models import Connection, CrmWrite, WriteState
from integrations.outbox import wake

#: Nothing is at Salesforce, and they would leave by themselves if their connection worked.
_WOULD_LEAVE = (WriteState.PLANNED, WriteState.RETRYING)
#: What must not be left behind on an account that has ended.
_UNFINISHED = (*_WOULD_LEAVE, WriteState.HELD, WriteState.NEEDS_ATTENTION, WriteState.UNKNOWN)


def hold_writes(connection: Connection, reason: str) -> int:
    """Hold what waits for a connection that cannot write now; returns how many.

    What a personal account may pass on goes to the Sync User instead.
    """
    if connection.membership_id is not None:
        pass_on(connection)
    return CrmWrite.unscoped.filter(connection=connection, state__in=_WOULD_LEAVE).update(
        state=WriteState.HELD, held_reason=reason[:200]
    )


def pass_on(account: Connection) -> int:
    """Give the Sync User what a personal account that cannot write may let go; how many will leave.

    Each step is one conditional update: whatever a worker has claimed meanwhile stays.
    """
    sync_user = Connection.unscoped.sync_users().filter(workspace=account.workspace_id).first()
    if sync_user is None or not sync_user.is_usable:
        return 0
    has_ended = Connection.unscoped.filter(pk=account.pk, state=Connection.State.ARCHIVED).exists()
    writes = CrmWrite.unscoped.filter(connection=account, org_id=sync_user.org_id)
    if has_ended:
        writes.filter(state=WriteState.NEEDS_ATTENTION).update(connection=sync_user)
        writes.filter(state=WriteState.UNKNOWN).update(
            connection=sync_user, next_attempt_at=timezone.now()
        )
    else:
        writes = writes.filter(first_sent_at=None)
    return _release(writes.filter(state__in=(*_WOULD_LEAVE, WriteState.HELD)), sync_user)


def release_writes(connection: Connection) -> int:
    """Let held writes go on: this connection's own; for a Sync User also those of one whom it
    replaces, and those that broken personal accounts never attempted.

    A write stays with the org that it was planned for (RULES E3).
    """
    own = Q(connection=connection)
    if connection.membership_id is None:
        own |= Q(connection__state=Connection.State.ARCHIVED, org_id=connection.org_id)
        own |= Q(
            connection__state=Connection.State.NEEDS_RECONNECT,
            connection__membership__isnull=False,
            first_sent_at=None,
            org_id=connection.org_id,
        )
    held = CrmWrite.unscoped.filter(own, workspace_id=connection.workspace_id)
    # An UPDATE takes no join: the rows are chosen by key, and must still be held.
    return _release(
        CrmWrite.unscoped.filter(pk__in=held.values("pk"), state=WriteState.HELD), connection
    )


def discard_held(org_id: str, reason: str) -> int:
    """Cancel what waits for an org that the workspace in scope leaves; returns how many (E3).

    An outcome that is unknown stays open: it may stand in that org.
    """
    held = CrmWrite.objects.filter(org_id=org_id, state=WriteState.HELD)
    return held.update(state=WriteState.CANCELLED, held_reason=reason[:200])


def _release(writes: "QuerySet[CrmWrite]", connection: Connection) -> int:
    released = writes.update(
        connection=connection,
        state=WriteState.PLANNED,
        held_reason="",
        next_attempt_at=timezone.now(),
    )
    if released:
        wake(connection.pk)
    return released


def hold_stranded() -> int:
    """Hold or pass on what reached a connection after it had broken or ended; for the sweeper.

    A plan or a worker may have read the connection while it still worked.
    """
    moving = Q(state__in=_WOULD_LEAVE) | Q(
        state__in=_UNFINISHED,
        connection__membership__isnull=False,
        connection__state=Connection.State.ARCHIVED,
    )
    stranded = (
        Connection.unscoped.filter(kind=Connection.Kind.SALESFORCE)
        .exclude(state=Connection.State.ACTIVE)
        .filter(Exists(CrmWrite.unscoped.filter(moving, connection=OuterRef("pk"))))
    )
    return sum(hold_writes(connection, connection.state_reason) for connection in stranded[:100])
