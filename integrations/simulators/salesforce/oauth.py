"""The OAuth endpoints: authorize page, token, revoke (reference 1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from integrations.simulators.salesforce.client_auth import authenticated_app
from integrations.simulators.salesforce.config import OAuthApp
from integrations.simulators.salesforce.forms import base_url, oauth_error, read_form
from integrations.simulators.salesforce.grants import Grants, Issued, OAuthError
from integrations.simulators.salesforce.openid import make_id_token
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.ui.consent import consent_page, oauth_error_page
from integrations.simulators.salesforce.ui.sessions import COOKIE, Sessions
from integrations.simulators.salesforce.ui.start import with_session

CARRIED = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
)
"""Parameters of the authorize request that the page hands back with the answer."""

LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
"""Where anybody signs in; client credentials work on the org's own host only (reference 1.12)."""
NOT_INSTALLED = OAuthError(
    "OAUTH_APPROVAL_ERROR_GENERIC",
    "An unexpected error has occurred during authentication. Please try again.",
)
"""The page that a user sees whose administrator has not installed the app."""
SCOPE_TEXTS = {
    "api": "manage user data via APIs",
    "refresh_token": "perform requests at any time",
    "id": "access the identity URL service",
    "openid": "access unique user identifiers",
}


class _ShowOnPage(Exception):  # noqa: N818 - carries an answer, not a failure of ours
    """An error that never reaches the callback (reference 1.6)."""

    def __init__(self, error: OAuthError) -> None:
        super().__init__(str(error))
        self.error = error


class OAuthEndpoints:
    """The endpoints of one org."""

    def __init__(self, org: Org, grants: Grants, sessions: Sessions) -> None:
        self._org = org
        self._grants = grants
        self._sessions = sessions

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/services/oauth2/authorize", self.show_page, methods=["GET"]),
            Route("/services/oauth2/authorize", self.decide, methods=["POST"]),
            Route("/services/oauth2/token", self.token, methods=["POST"]),
            Route("/services/oauth2/revoke", self.revoke, methods=["GET", "POST"]),
        ]

    async def show_page(self, request: Request) -> Response:
        """Who are you, and may this app act for you?"""
        given = dict(request.query_params)
        try:
            app = self._app_of(given)
            scope = self._scope_of(app, given)
        except _ShowOnPage as shown:
            return oauth_error_page(self._org, shown.error)
        except OAuthError as error:
            return _to_callback(given, error=error.error, error_description=error.description)
        carried = {name: given[name] for name in CARRIED if name in given}
        words = [SCOPE_TEXTS.get(one, one) for one in sorted(scope)]
        logged_in = self._sessions.user(request.cookies.get(COOKIE))
        known = str(logged_in["Username"]) if logged_in else ""
        username = given.get("login_hint") or known
        return consent_page(self._org, app, words, carried, username)

    async def decide(self, request: Request) -> Response:
        """Take the answer of the page to the callback."""
        form = await read_form(request)
        try:
            app = self._app_of(form)
            scope = self._scope_of(app, form)
            _require_consent(form)
            challenge = form.get("code_challenge")
            user_id, redirect_uri = form.get("user_id", ""), form["redirect_uri"]
            code = self._grants.issue_code(app, user_id, redirect_uri, scope, challenge)
            self._grants.note_nonce(code, form.get("nonce"))
        except _ShowOnPage as shown:
            return oauth_error_page(self._org, shown.error)
        except OAuthError as error:
            return _to_callback(form, error=error.error, error_description=error.description)
        return with_session(_to_callback(form, code=code), self._sessions.begin(user_id))

    def _app_of(self, given: Mapping[str, str]) -> OAuthApp:
        try:
            app = self._grants.app(given.get("client_id", ""))
        except OAuthError as error:
            raise _ShowOnPage(error) from error
        if given.get("redirect_uri") not in app.redirect_uris:
            raise _ShowOnPage(
                OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
            )
        if not self._org.switches.app_installed:
            raise _ShowOnPage(NOT_INSTALLED)
        return app

    def _scope_of(self, app: OAuthApp, given: Mapping[str, str]) -> frozenset[str]:
        """What is asked for; nothing means all that the app has. Raises for the callback."""
        if given.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "response type not supported")
        if app.require_pkce and not given.get("code_challenge"):
            raise OAuthError("invalid_request", "missing required code challenge")
        asked = frozenset(given.get("scope", "").split()) or app.scopes
        if "offline_access" in asked:
            asked = asked - {"offline_access"} | {"refresh_token"}
        if not asked <= app.scopes:
            raise OAuthError("invalid_scope", "the requested scope is not allowed")
        return asked

    async def token(self, request: Request) -> Response:
        """Codes and refresh tokens into tokens."""
        form = await read_form(request)
        try:
            app = authenticated_app(self._grants, request.headers.get("authorization", ""), form)
            self._grants.refuse_if_told_to()
            issued = self._issue(request, app, form)
        except OAuthError as error:
            return oauth_error(error)
        answer = token_answer(self._org, app, issued, base_url(request, self._org))
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def _issue(self, request: Request, app: OAuthApp, form: Mapping[str, str]) -> Issued:
        grant_type = form.get("grant_type")
        if grant_type == "authorization_code":
            return self._grants.redeem_code(
                app,
                form.get("code", ""),
                form.get("redirect_uri", ""),
                form.get("code_verifier"),
            )
        if grant_type == "refresh_token":
            return self._grants.refresh(app, form.get("refresh_token", ""))
        if grant_type == "client_credentials":
            if request.url.hostname in LOGIN_HOSTS:
                raise OAuthError("invalid_grant", "request not supported on this domain")
            return self._grants.issue_to_app(app)
        raise OAuthError("unsupported_grant_type", "grant type not supported")

    async def revoke(self, request: Request) -> Response:
        """End a token."""
        form = {**request.query_params, **await read_form(request)}
        try:
            self._grants.revoke(form.get("token", ""))
        except OAuthError as error:
            return oauth_error(error)
        return Response(status_code=200)


def token_answer(org: Org, app: OAuthApp, issued: Issued, base: str) -> dict[str, Any]:
    """The token response (reference 1.7): no `expires_in`, `issued_at` as text."""
    identity = f"{base}/id/{org.org_id}/{issued.user_id}"
    issued_at = str(int(org.now().timestamp() * 1000))
    mac = hmac.new(app.consumer_secret.encode(), (identity + issued_at).encode(), hashlib.sha256)
    answer = {
        "access_token": issued.access_token,
        "signature": base64.b64encode(mac.digest()).decode(),
        "scope": " ".join(sorted(issued.scope)),
        "instance_url": base,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    if issued.refresh_token is not None:
        answer["refresh_token"] = issued.refresh_token
    if "openid" in issued.scope and org.switches.id_token:
        answer["id_token"] = make_id_token(org, app, issued, base)
    return answer


def _require_consent(form: Mapping[str, str]) -> None:
    if form.get("decision") != "allow":
        raise OAuthError("access_denied", "end-user denied authorization")


def _to_callback(given: Mapping[str, str], **answer: str) -> Response:
    if "state" in given:
        answer["state"] = given["state"]
    redirect_uri = given["redirect_uri"]
    separator = "&" if "?" in redirect_uri else "?"
    return RedirectResponse(f"{redirect_uri}{separator}{urlencode(answer)}", 302)
