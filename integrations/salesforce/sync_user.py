"""Storing, replacing and removing the Sync User's connection (MII-17; RULES C5, C10, E3)."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations import audit
from integrations.connections import (
    archive,
    pause_personal_accounts,
    resume_personal_accounts,
    settle,
)
from integrations.errors import PatchbayError
from integrations.holding import discard_held
from integrations.models import Connection, Membership, User, Workspace
from integrations.salesforce import versions
from integrations.salesforce.grants import EndedGrant, grant_of
from integrations.salesforce.oauth import Grant
from integrations.salesforce.org_facts import OrgFacts
from integrations.salesforce.people import archive_links, restore_links

#: What becomes of writes that wait for an org when another one takes its place (RULES E3).
KEEP, DISCARD = "keep", "discard"


class ConnectingFailed(PatchbayError):  # noqa: N818 - reads as what happened
    """It did not come to a connection; the message says why and what to do.

    ``membership`` is that of the person and ``purpose`` what the approval was for, where they
    are known.
    """

    membership: Membership | None = None
    purpose: str = ""


@dataclass(frozen=True)
class ApprovedUser:
    """A Salesforce user who has just been approved, and the org."""

    grant: Grant
    facts: OrgFacts
    login_url: str
    app_id: int | None = None

    def is_user_of(self, connection: Connection) -> bool:
        """Whether the connection is this very user's: then it is merely renewed."""
        return (connection.org_id, connection.salesforce_user_id) == (
            self.facts.org_id,
            self.facts.user_id,
        )

    def credentials(self) -> dict[str, Any]:
        """What is sealed into the connection."""
        return {
            "access_token": self.grant.access_token,
            "refresh_token": self.grant.refresh_token,
        }

    def columns(self) -> dict[str, Any]:
        """What is stored in the open; every trace of earlier refreshes is cleared."""
        return {
            "state": Connection.State.ACTIVE,
            "state_reason": "",
            "login_url": self.login_url,
            "instance_url": self.grant.instance_url,
            "org_id": self.facts.org_id,
            "salesforce_user_id": self.facts.user_id,
            "salesforce_username": self.facts.username[:120],
            "refreshed_at": None,
            "refresh_sent_at": None,
            "refresh_lease_expires_at": None,
            "refresh_unknown_count": 0,
            "api_used": None,
            "api_maximum": None,
            "broken_at": None,
            **self.facts.columns(),
        }


def store_sync_user(
    approved: ApprovedUser,
    membership: Membership,
    *,
    may_replace: bool,
    other_org: str = "",
    request: HttpRequest | None = None,
) -> tuple[Connection, EndedGrant | None]:
    """The connection as stored, and the grant that it replaced. Raises ConnectingFailed.

    Call inside the workspace's scope. What waited for a connection goes on at once. Another org
    than the last one is taken only with ``other_org``: whether the writes that wait for the last
    one are kept (KEEP) or discarded (DISCARD); see RULES E3.
    """
    if not approved.grant.refresh_token:
        raise ConnectingFailed(
            _("The Salesforce app gives no refresh token: add the scope refresh_token to it."),
            "NO_REFRESH_TOKEN",
        )
    try:
        with transaction.atomic():
            # One change of who is who at a time; members' own accounts take the same row.
            Workspace.objects.select_for_update(no_key=True).get(pk=membership.workspace_id)
            _refuse_account_of_another(approved, membership)
            current = Connection.objects.find_sync_user()
            latest = current or find_latest_sync_user()
            is_other_org = latest is not None and latest.org_id != approved.facts.org_id
            if latest is not None and is_other_org and not other_org:
                raise _another_org(approved, latest)
            may_replace = may_replace or is_other_org
            if current and not may_replace and not approved.is_user_of(current):
                raise _not_replaced(approved, current)
            before = _describe(current) if current else {}
            action = _name_action(approved, current)
            ended = grant_of(current) if current else None
            if latest is not None and is_other_org:
                _leave_org(latest, approved.facts.org_id, other_org)
            connection = _write_row(approved, membership)
            settle(connection)
            resume_personal_accounts(connection)
            audit.record(
                membership.user,
                action,
                connection.name,
                before=before,
                after=_describe(connection),
                request=request,
            )
    except IntegrityError as error:
        raise ConnectingFailed(_("Somebody else connected Salesforce just now.")) from error
    return connection, ended


def remove_sync_user(
    connection: Connection, *, actor: User, request: HttpRequest | None = None
) -> EndedGrant | None:
    """End the connection; returns its grant, or None where somebody was faster."""
    ended = grant_of(connection)
    with transaction.atomic():
        if not archive(connection, _("Salesforce was disconnected.")):
            return None
        pause_personal_accounts(_("The workspace disconnected Salesforce."))
        audit.record(
            actor,
            "salesforce.disconnected",
            connection.name,
            before=_describe(connection),
            request=request,
        )
    return ended


def _name_action(approved: ApprovedUser, current: Connection | None) -> str:
    if current is None:
        return "salesforce.connected"
    return "salesforce.renewed" if approved.is_user_of(current) else "salesforce.replaced"


def _refuse_account_of_another(approved: ApprovedUser, membership: Membership) -> None:
    """E4: the Sync User may be a personal account too, but only of the member who connects it."""
    holder = (
        Connection.objects.personal_accounts()
        .filter(org_id=approved.facts.org_id, salesforce_user_id=approved.facts.user_id)
        .exclude(membership=membership)
        .select_related("membership__user")
        .first()
    )
    if holder is not None:
        text = _(
            "%(username)s is the Salesforce account of %(person)s. Nothing was changed: use a user "
            "made for Patchbay, or have them disconnect it first."
        )
        names = {"username": approved.facts.username, "person": str(holder.membership)}
        raise ConnectingFailed(text % names, "TAKEN_BY_ANOTHER_MEMBER")


def _not_replaced(approved: ApprovedUser, current: Connection) -> ConnectingFailed:
    text = _(
        "You approved as %(new)s, but %(old)s is connected. Nothing was changed: use Replace if "
        "you mean it."
    )
    names = {"new": approved.facts.username, "old": current.salesforce_username}
    return ConnectingFailed(text % names, "NOT_REPLACED")


def _another_org(approved: ApprovedUser, latest: Connection) -> ConnectingFailed:
    text = _(
        "You approved as %(user)s of %(theirs)s (%(their_id)s), but this workspace worked with "
        "%(ours)s (%(our_id)s). Nothing was changed."
    )
    facts = approved.facts
    names = {"user": facts.username, "theirs": facts.org_name, "their_id": facts.org_id}
    ours = {"ours": latest.org_name, "our_id": latest.org_id}
    return ConnectingFailed(text % (names | ours), "OTHER_ORG")


def find_latest_sync_user() -> Connection | None:
    """The organisation's connection that stands or stood last in the workspace in scope."""
    of_workspace = Connection.objects.filter(kind=Connection.Kind.SALESFORCE, membership=None)
    return of_workspace.order_by(F("connected_at").desc(nulls_last=True), "-id").first()


def _leave_org(latest: Connection, org_id: str, held_writes: str) -> None:
    """Put the last org aside with what belongs to it (E3); its records here carry its id."""
    archive(latest, _("Another org was connected."))
    if held_writes == DISCARD:
        discard_held(latest.org_id, _("Discarded when another org was connected."))
    archive_links(latest.org_id)
    restore_links(org_id)


def _write_row(approved: ApprovedUser, membership: Membership) -> Connection:
    """An org keeps its row, so that writes that were tried stay with it; another gets its own."""
    org_id = approved.facts.org_id
    of_workspace = Connection.objects.filter(kind=Connection.Kind.SALESFORCE, membership=None)
    row = of_workspace.filter(org_id=org_id).order_by("-id").first() or Connection.objects.create(
        workspace_id=membership.workspace_id,
        kind=Connection.Kind.SALESFORCE,
        backend="salesforce",
        name="Salesforce",
    )
    columns = approved.columns() | {
        "connected_by": membership.user,
        "connected_at": timezone.now(),
        "salesforce_app_id": approved.app_id,
        "api_version": versions.choose(row.api_version, approved.facts.versions),
    }
    while not row.replace_credentials(approved.credentials(), **columns):
        row.refresh_from_db()  # a worker has just renewed the old session
    return row


def _describe(connection: Connection) -> dict[str, Any]:
    """For the audit: no secrets."""
    return {
        "org_id": connection.org_id,
        "org_name": connection.org_name,
        "username": connection.salesforce_username,
    }
