"""A member's own Salesforce account: connecting it and ending it (MIX-02, MIX-28, MIX-30; C5, F11).

It is an addition to the Sync User (K-10), in the same org, and one Salesforce user is the account
of one member: the database refuses a second one, and this module says whose it is.
"""

from typing import Any, cast

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations import audit
from integrations.connections import archive, end_personal_account, settle
from integrations.models import Connection, Membership, User, Workspace
from integrations.notices import open_notice, resolve_notices
from integrations.salesforce.grants import EndedGrant, grant_of
from integrations.salesforce.sync_user import ApprovedUser, ConnectingFailed

#: Two members want one Salesforce user: the admins are told once.
SHARED_NOTICE = "salesforce_account_shared"


def store_personal_account(
    approved: ApprovedUser, membership: Membership, *, request: HttpRequest | None = None
) -> tuple[Connection, EndedGrant | None]:
    """The member's connection as stored, and the grant that it replaced. Raises ConnectingFailed.

    Call inside the workspace's scope. What waited for the account goes on at once.
    """
    if not approved.grant.refresh_token:
        raise ConnectingFailed(
            _("The Salesforce app gives no refresh token: add the scope refresh_token to it.")
        )
    try:
        with transaction.atomic():
            _hold_workspace(membership)
            sync_user = Connection.objects.find_sync_user()
            _require_fitting(approved, membership, sync_user)
            before = Connection.objects.find_personal_account(membership.pk)
            ended = grant_of(before) if before else None
            connection = _write_row(approved, membership, cast(Connection, sync_user), before)
            _link(membership, approved)
            settle(connection)
            audit.record(
                membership.user,
                "salesforce.personal_connected",
                str(membership.user),
                before={"username": before.salesforce_username} if before else {},
                after={"username": connection.salesforce_username, "org_id": connection.org_id},
                request=request,
            )
    except _TakenByAnother as taken:
        _tell_admins(approved, membership, taken.holder, request)
        raise
    except IntegrityError as error:
        raise ConnectingFailed(
            _("Another member has just connected this Salesforce user. Use one of your own.")
        ) from error
    resolve_notices(membership.workspace_id, kind=SHARED_NOTICE, subject_key=_subject(membership))
    return connection, ended


def disconnect_personal_account(
    connection: Connection, *, actor: User, request: HttpRequest | None = None
) -> None:
    """End a member's own connection: nothing is written through it any more, from this moment on.

    The tokens are erased here and given back to Salesforce once that is committed.
    """
    with transaction.atomic():
        if end_personal_account(connection, _("The member disconnected it.")):
            audit.record(
                actor,
                "salesforce.personal_disconnected",
                str(actor),
                before={"username": connection.salesforce_username},
                request=request,
            )


class _TakenByAnother(ConnectingFailed):
    """The Salesforce user is somebody else's here; ``holder`` is that member, if one is known."""

    def __init__(self, message: str, holder: str) -> None:
        super().__init__(message, "TAKEN_BY_ANOTHER_MEMBER")
        self.holder = holder


def _hold_workspace(membership: Membership) -> None:
    """One change of who is who at a time, as in ``memberships``; and the member is still one."""
    Workspace.objects.select_for_update(no_key=True).get(pk=membership.workspace_id)
    membership.refresh_from_db(fields=("is_active", "salesforce_user_id"))
    if not membership.is_active:
        raise ConnectingFailed(_("You are no longer a member of this workspace."))


def _require_fitting(
    approved: ApprovedUser, membership: Membership, sync_user: Connection | None
) -> None:
    facts = approved.facts
    if sync_user is None:
        raise ConnectingFailed(_("The workspace is no longer connected to Salesforce."))
    if facts.org_id != sync_user.org_id:
        text = _(
            "You approved as %(user)s of %(theirs)s (%(their_id)s), but this workspace works with "
            "%(ours)s (%(our_id)s). Nothing was connected: sign in to that organisation."
        )
        names = {"user": facts.username, "theirs": facts.org_name, "their_id": facts.org_id}
        ours = {"ours": sync_user.org_name, "our_id": sync_user.org_id}
        raise ConnectingFailed(text % (names | ours), "ANOTHER_ORG")
    _require_own_user(approved, membership)
    if approved.is_user_of(sync_user) and not _is_account_of(sync_user, membership):
        holder = str(sync_user.connected_by or "")
        text = _(
            "%(username)s is the Sync User of this workspace%(whose)s. Nothing was connected: a "
            "Salesforce user serves one person. Sign in to Salesforce as yourself."
        )
        whose = _(", connected by %(person)s") % {"person": holder} if holder else ""
        raise _TakenByAnother(text % {"username": facts.username, "whose": whose}, holder)


def _require_own_user(approved: ApprovedUser, membership: Membership) -> None:
    """MIX-30: by a connection of their own, or by the link that an admin made."""
    facts = approved.facts
    connected = (
        Connection.objects.personal_accounts()
        .filter(org_id=facts.org_id, salesforce_user_id=facts.user_id)
        .exclude(membership=membership)
        .select_related("membership__user")
        .first()
    )
    linked = (
        Membership.objects.active()
        .filter(salesforce_user_id=facts.user_id)
        .exclude(pk=membership.pk)
        .select_related("user")
        .first()
    )
    holder = connected.membership if connected else linked
    if holder is not None:
        text = _(
            "%(username)s is already the Salesforce account of %(person)s. Nothing was connected: "
            "Salesforce allows one person a user. Sign in to Salesforce as yourself, or ask an "
            "admin to correct who is who."
        )
        names = {"username": facts.username, "person": str(holder)}
        raise _TakenByAnother(text % names, str(holder))


def _is_account_of(sync_user: Connection, membership: Membership) -> bool:
    """E4: the Sync User may be the personal account of the same member, and of nobody else."""
    return membership.user_id == sync_user.connected_by_id or (
        membership.salesforce_user_id == sync_user.salesforce_user_id
    )


def _write_row(
    approved: ApprovedUser,
    membership: Membership,
    sync_user: Connection,
    current: Connection | None,
) -> Connection:
    """A Salesforce user keeps its row, so that writes that were tried stay with it (C5)."""
    if current is not None and not approved.is_user_of(current):
        archive(current, _("The member connected another Salesforce user."))
    mine = Connection.objects.filter(
        kind=Connection.Kind.SALESFORCE,
        membership=membership,
        org_id=approved.facts.org_id,
        salesforce_user_id=approved.facts.user_id,
    )
    row = mine.order_by("-id").first() or Connection.objects.create(
        workspace_id=membership.workspace_id,
        kind=Connection.Kind.SALESFORCE,
        backend="salesforce",
        membership=membership,
        state=Connection.State.ARCHIVED,  # until its credentials stand in it
    )
    columns: dict[str, Any] = approved.columns() | {
        "name": _("Salesforce account of %(person)s")[:60] % {"person": str(membership)[:60]},
        "api_version": sync_user.api_version,
        "connected_by": membership.user,
        "connected_at": timezone.now(),
        "salesforce_app_id": approved.app_id,
    }
    while not row.replace_credentials(approved.credentials(), **columns):
        row.refresh_from_db()  # a worker has just renewed the old session
    return row


def _link(membership: Membership, approved: ApprovedUser) -> None:
    """Whoever approved as a Salesforce user is that user: owners of records depend on it (A2)."""
    user_id = approved.facts.user_id
    if membership.salesforce_user_id == user_id:
        return
    # A former member no longer stands for the user; active ones were refused before.
    Membership.objects.filter(salesforce_user_id=user_id).update(
        salesforce_user_id="", salesforce_username="", salesforce_time_zone=""
    )
    Membership.objects.filter(pk=membership.pk).update(
        salesforce_user_id=user_id,
        salesforce_username=approved.facts.username[:120],
        salesforce_time_zone=approved.facts.time_zone,
    )
    membership.salesforce_user_id = user_id


def _tell_admins(
    approved: ApprovedUser, membership: Membership, holder: str, request: HttpRequest | None
) -> None:
    username = approved.facts.username
    with transaction.atomic():
        audit.record(
            membership.user,
            "salesforce.personal_refused",
            str(membership.user),
            after={"username": username, "account_of": holder},
            request=request,
        )
        open_notice(
            membership.workspace_id,
            kind=SHARED_NOTICE,
            subject_key=_subject(membership),
            title=_("Two members want one Salesforce account"),
            body=_(
                "%(person)s tried to connect %(username)s, which is the account of %(holder)s. "
                "Patchbay refused it: Salesforce allows one person a user."
            )
            % {
                "person": str(membership),
                "username": username,
                "holder": holder or _("the Sync User"),
            },
        )


def _subject(membership: Membership) -> str:
    return f"membership:{membership.pk}"
