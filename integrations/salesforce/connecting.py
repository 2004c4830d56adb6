"""Connecting an org by approval in the browser, and ending that (MII-17, MII-25 to MII-27; C10).

Nothing is stored before the whole way was walked: a denied or failed approval leaves no trace, and
what Salesforce had granted by then is given back.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import structlog
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.addresses import public_address, root_url
from integrations.errors import PatchbayError
from integrations.models import Connection, Membership, User
from integrations.options import active_options
from integrations.policy import can, membership_of
from integrations.preflights import request_preflight
from integrations.roles import Capability
from integrations.salesforce import editions, oauth, versions
from integrations.salesforce.apps import app_of, app_of_attempt, current_app
from integrations.salesforce.attempts import (
    PERSONAL,
    SYNC_USER,
    Attempt,
    AttemptRefused,
    keep_attempt,
    new_state,
    take_attempt,
)
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.grants import EndedGrant, give_back
from integrations.salesforce.hosts import find_host_problem
from integrations.salesforce.org_facts import OrgFacts, read_org_facts
from integrations.salesforce.people import link_members
from integrations.salesforce.personal import store_personal_account
from integrations.salesforce.sync_user import (
    ApprovedUser,
    ConnectingFailed,
    remove_sync_user,
    store_sync_user,
)
from integrations.salesforce.tokens import Access
from integrations.subscriptions import Entitlement, includes
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


def begin(request: HttpRequest, *, replace: bool = False, other_org: str = "") -> str:
    """Start the approval of a Sync User from a console page; returns where to send the browser.

    ``replace`` tells that the person confirmed that a connected user is replaced. Without it only
    a broken connection may be renewed. ``other_org`` tells that it may be by another org, and
    what becomes of the writes that wait for the last one: KEEP or DISCARD of ``sync_user``.
    """
    subscription = membership_of(request).workspace.subscription
    if not includes(subscription, Entitlement.SALESFORCE):
        raise ConnectingFailed(_("Your subscription does not include Salesforce."))
    current = Connection.objects.find_sync_user()
    if current is not None and current.is_usable and not replace:
        raise ConnectingFailed(_("Salesforce is connected already. Use Replace if you mean it."))
    return _start(request, current_app(), SYNC_USER, replace=replace, other_org=other_org)


def begin_personal(request: HttpRequest) -> str:
    """Start the approval of a member's own account, where the Sync User's org signs in.

    Raises PermissionDenied before there is a Sync User (MIX-08).
    """
    sync_user = Connection.objects.find_sync_user()
    if sync_user is None:
        raise PermissionDenied(
            _("An admin must connect Salesforce for the workspace before members can.")
        )
    return _start(request, app_of(sync_user), PERSONAL)


def _start(
    request: HttpRequest,
    app: oauth.ConsumerApp,
    purpose: str,
    *,
    replace: bool = False,
    other_org: str = "",
) -> str:
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
        app_id=app.app_id,
        other_org=other_org,
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
    try:
        attempt = take_attempt(request, params.get("state", ""))
    except AttemptRefused as refused:
        raise _not_taken(request, refused) from refused
    membership = _membership_of_attempt(attempt)
    try:
        with workspace_scope(membership.workspace_id):
            return _finish(request, attempt, membership, params)
    except ConnectingFailed as error:
        error.membership, error.purpose = membership, attempt.purpose
        raise
    except PatchbayError as error:
        is_without_api = error.code == "API_DISABLED_FOR_ORG"
        reason = editions.WITHOUT_API if is_without_api else error.message
        failed = ConnectingFailed(
            _("Salesforce could not be connected. %(reason)s") % {"reason": reason},
            error.code,
        )
        failed.membership, failed.purpose = membership, attempt.purpose
        raise failed from error


_NOT_TAKEN = {
    "STATE_USED": gettext_lazy("This approval was finished before."),
    "STATE_EXPIRED": gettext_lazy("This approval took too long, so nothing was connected."),
    "CLOCK_WRONG": gettext_lazy(
        "This approval began later than now, as Patchbay’s servers see it: their clocks differ."
    ),
    "STATE_UNKNOWN": gettext_lazy("This approval is not known here, so nothing was connected."),
}


def _not_taken(request: HttpRequest, refused: AttemptRefused) -> ConnectingFailed:
    """What came back goes with no open attempt; told in the workspace that it was for, if any."""
    failed = ConnectingFailed(str(_NOT_TAKEN[refused.code]), refused.code)
    failed.purpose = refused.purpose
    if refused.workspace_id is not None:
        failed.membership = (
            Membership.unscoped.active()
            .filter(workspace_id=refused.workspace_id, user=cast(User, request.user))
            .select_related("workspace", "user")
            .first()
        )
    return failed


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
    app = app_of_attempt(attempt.app_id, attempt.login_url)
    grant = oauth.exchange_code(
        app,
        code=params.get("code", ""),
        code_verifier=attempt.code_verifier,
        redirect_uri=callback_address(),
    )
    try:
        facts = read_org_facts(_client_of(grant))
        _require_welcome(facts, attempt)
        approved = ApprovedUser(grant, facts, attempt.login_url, attempt.app_id)
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
    return store_sync_user(
        approved,
        membership,
        may_replace=attempt.replaces,
        other_org=attempt.other_org,
        request=request,
    )


def _require_welcome(facts: OrgFacts, attempt: Attempt) -> None:
    """The org answers, so it has the API (K-08); is it the kind that was meant?"""
    if problem := find_host_problem(attempt.login_url, is_sandbox=facts.is_sandbox):
        raise ConnectingFailed(problem, "WRONG_HOST")
    is_strict = bool(active_options().values.get("strict_editions"))
    if refusal := editions.find_refusal(facts.edition, is_strict=is_strict):
        raise ConnectingFailed(refusal, "EDITION")


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
    """A client of our usual version, or of the org's newest where that one is retired."""

    def client_of_version(version: str) -> SalesforceClient:
        return SalesforceClient(
            Connection(api_version=version),
            feature="connecting",
            access=_GrantAccess(Access(grant.access_token, grant.instance_url)),
            deadline_seconds=oauth.INTERACTIVE_SECONDS,
        )

    usual = client_of_version(versions.DEFAULT)
    version = versions.choose(versions.DEFAULT, usual.versions())
    return usual if version == versions.DEFAULT else client_of_version(version)
