"""Connecting an org by approval in the browser, and ending that (MII-17, MII-25 to MII-27; C10).

Nothing is stored before the whole way was walked: a denied or failed approval leaves no trace, and
what Salesforce had granted by then is given back.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from integrations.addresses import public_address, root_url
from integrations.errors import PatchbayError
from integrations.models import Connection, Membership, User
from integrations.policy import can, membership_of
from integrations.preflights import request_preflight
from integrations.roles import Capability
from integrations.salesforce import oauth
from integrations.salesforce.attempts import (
    PERSONAL,
    SYNC_USER,
    Attempt,
    keep_attempt,
    new_state,
    take_attempt,
)
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.grants import EndedGrant, give_back
from integrations.salesforce.org_facts import read_org_facts
from integrations.salesforce.people import link_members
from integrations.salesforce.personal import store_personal_account
from integrations.salesforce.sync_user import (
    ApprovedUser,
    ConnectingFailed,
    remove_sync_user,
    store_sync_user,
)
from integrations.salesforce.tokens import Access
from integrations.tenancy import workspace_scope

log = structlog.get_logger()

#: Who may finish what they began.
_NEEDED = {
    SYNC_USER: Capability.MANAGE_SALESFORCE,
    PERSONAL: Capability.CONNECT_OWN_ACCOUNT,
}


def callback_address() -> str:
    """The callback to register in the Salesforce app, byte for byte."""
    return public_address(root_url("salesforce_callback"))


def begin(request: HttpRequest, *, replace: bool = False) -> str:
    """Start the approval of a Sync User from a console page; returns where to send the browser.

    ``replace`` tells that the person confirmed that a connected user is replaced. Without it only
    a broken connection may be renewed.
    """
    current = Connection.objects.find_sync_user()
    if current is not None and current.is_usable and not replace:
        raise ConnectingFailed(_("Salesforce is connected already. Use Replace if you mean it."))
    return _start(request, oauth.consumer_app(), SYNC_USER, replace=replace)


def begin_personal(request: HttpRequest) -> str:
    """Start the approval of a member's own account, where the Sync User's org signs in.

    Raises PermissionDenied before there is a Sync User (MIX-08).
    """
    sync_user = Connection.objects.find_sync_user()
    if sync_user is None:
        raise PermissionDenied(
            _("An admin must connect Salesforce for the workspace before members can.")
        )
    return _start(request, oauth.consumer_app(sync_user.login_url), PERSONAL, replace=False)


def _start(request: HttpRequest, app: oauth.ConsumerApp, purpose: str, *, replace: bool) -> str:
    membership = membership_of(request)
    if not app.is_configured:
        raise ConnectingFailed(_("This installation has no Salesforce app yet."))
    attempt = Attempt(
        state=new_state(),
        user_id=membership.user_id,
        workspace_id=membership.workspace_id,
        purpose=purpose,
        replaces=replace,
        code_verifier=oauth.new_code_verifier(),
        login_url=app.login_url,
        started_at=time.time(),
    )
    url = oauth.authorize_url(
        app,
        redirect_uri=callback_address(),
        state=attempt.state,
        code_verifier=attempt.code_verifier,
    )
    keep_attempt(request, attempt)
    return url


def finish(request: HttpRequest, params: Mapping[str, str]) -> Connection:
    """What the callback brought, turned into a working connection. Raises ConnectingFailed."""
    attempt = take_attempt(request, params.get("state", ""))
    if attempt is None:
        raise ConnectingFailed(
            _("This approval is not known here, was used before, or took too long. Start again.")
        )
    membership = _membership_of_attempt(attempt)
    try:
        with workspace_scope(membership.workspace_id):
            return _finish(request, attempt, membership, params)
    except ConnectingFailed as error:
        error.membership, error.purpose = membership, attempt.purpose
        raise
    except PatchbayError as error:
        failed = ConnectingFailed(
            _("Salesforce could not be connected. %(reason)s") % {"reason": error.message},
            error.code,
        )
        failed.membership, failed.purpose = membership, attempt.purpose
        raise failed from error


def disconnect(connection: Connection, *, actor: User, request: HttpRequest | None = None) -> None:
    """End a connection and give its grant back; Salesforce's answer to that does not matter."""
    ended = remove_sync_user(connection, actor=actor, request=request)
    give_back(ended)


def _membership_of_attempt(attempt: Attempt) -> Membership:
    """Asked again: roles may have changed while the person was away at Salesforce."""
    membership = (
        Membership.unscoped.active()
        .filter(workspace_id=attempt.workspace_id, user_id=attempt.user_id)
        .select_related("workspace", "user")
        .first()
    )
    if membership is not None:
        with workspace_scope(membership.workspace_id):
            if can(membership, _NEEDED[attempt.purpose]):
                return membership
    raise ConnectingFailed(_("You may no longer connect Salesforce in this workspace."))


def _finish(
    request: HttpRequest, attempt: Attempt, membership: Membership, params: Mapping[str, str]
) -> Connection:
    if "error" in params:
        raise _refused_at_salesforce(params)
    app = oauth.consumer_app(attempt.login_url)
    grant = oauth.exchange_code(
        app,
        code=params.get("code", ""),
        code_verifier=attempt.code_verifier,
        redirect_uri=callback_address(),
    )
    try:
        facts = read_org_facts(_client_of(grant))
        approved = ApprovedUser(grant, facts, attempt.login_url)
        connection, ended = _store(attempt, approved, membership, request)
    except Exception:
        give_back(EndedGrant(attempt.login_url, grant.refresh_token))
        raise
    give_back(ended)
    if attempt.purpose == SYNC_USER:
        link_members(
            SalesforceClient(
                connection, feature="connecting", deadline_seconds=oauth.INTERACTIVE_SECONDS
            )
        )
    request_preflight(connection)
    log.info("salesforce_connected", connection=connection.pk)
    return connection


def _store(
    attempt: Attempt, approved: ApprovedUser, membership: Membership, request: HttpRequest
) -> tuple[Connection, EndedGrant | None]:
    if attempt.purpose == PERSONAL:
        return store_personal_account(approved, membership, request=request)
    return store_sync_user(approved, membership, may_replace=attempt.replaces, request=request)


def _refused_at_salesforce(params: Mapping[str, str]) -> ConnectingFailed:
    error = params["error"].replace("-", "_")
    if error == "access_denied":
        text = _("Access was denied in Salesforce, so nothing was connected. You can try again.")
    else:
        text = _("Salesforce refused: %(reason)s Nothing was connected.") % {
            "reason": params.get("error_description", error)
        }
    return ConnectingFailed(text, error)


@dataclass(frozen=True)
class _GrantAccess:
    """The access of a grant that no row holds yet; it cannot be renewed."""

    access: Access

    def current(self) -> Access:
        return self.access

    def renew(self, rejected: Access) -> Access:
        raise ConnectingFailed(_("Salesforce does not accept the session that it just granted."))

    def reject(self, rejected: Access, reason: str) -> None:
        """Nothing is stored that could be parked."""


def _client_of(grant: oauth.Grant) -> SalesforceClient:
    return SalesforceClient(
        Connection(),
        feature="connecting",
        access=_GrantAccess(Access(grant.access_token, grant.instance_url)),
        deadline_seconds=oauth.INTERACTIVE_SECONDS,
    )
