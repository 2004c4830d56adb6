"""Salesforce's OAuth endpoints on the wire: authorise, token, revoke (salesforce.md 1).

Built on requests-oauthlib under our own rules for outgoing requests. What the answers mean for a
connection is decided in ``tokens`` and ``connecting``.
"""

import json
import logging
from dataclasses import dataclass
from typing import Any

import requests
from django.conf import settings
from oauthlib.oauth2 import WebApplicationClient
from requests_oauthlib import OAuth2Session

from integrations.errors import (
    CredentialsRejected,
    NeedsAttention,
    OutcomeUnknown,
    PatchbayError,
    RetryLater,
    Unavailable,
)
from integrations.http import guard_session
from integrations.salesforce.hosts import check_salesforce_url, host_of

SCOPES = ("api", "refresh_token", "id", "openid")
#: Deadline for what a person waits for in the browser, seconds.
INTERACTIVE_SECONDS = 15.0
_VERIFIER_LENGTH = 128

# At debug level these write tokens into the log.
for _name in ("requests_oauthlib", "oauthlib"):
    logging.getLogger(_name).setLevel(logging.INFO)

#: Parts of ``error_description`` (or the error itself), and what they mean for a person.
_REASONS: tuple[tuple[str, str], ...] = (
    ("expired access/refresh token", "Salesforce no longer accepts our approval"),
    ("inactive user", "the Salesforce user is inactive or frozen"),
    ("inactive organization", "the Salesforce org is locked or has expired"),
    (
        "ip restricted",
        "Salesforce refuses Patchbay's address, or the user at this hour",
    ),
    ("expired authorization code", "the approval took too long or was used before; start again"),
    ("authentication failure", "Salesforce refused the user's sign-in"),
    ("activation secret", "Salesforce wants the user to verify the device anew"),
    ("grant type not supported", "the Salesforce app has refresh tokens switched off"),
    ("not admin approved", "the user is not approved for the app by a Salesforce admin"),
    ("invalid client credentials", "the consumer secret is wrong"),
    ("client identifier invalid", "the consumer key is unknown to Salesforce"),
    ("redirect_uri", "the callback address is not the one registered in the Salesforce app"),
    ("code challenge", "the Salesforce app and Patchbay disagree about PKCE"),
)
#: Errors that pass by themselves.
_PASSING = frozenset({"unknown_error", "server_error", "temporarily_unavailable"})


@dataclass(frozen=True, slots=True)
class ConsumerApp:
    """The Salesforce app that people approve: consumer key and secret, and where they sign in.

    ``app_id`` is the row of a workspace's own app; None for the installation's.
    """

    client_id: str
    client_secret: str
    login_url: str
    app_id: int | None = None

    @property
    def is_configured(self) -> bool:
        return bool(self.client_id)


def consumer_app(login_url: str = "") -> ConsumerApp:
    """The installation's app; ``login_url`` is that of an existing connection."""
    return ConsumerApp(
        client_id=settings.SALESFORCE_CLIENT_ID,
        client_secret=settings.SALESFORCE_CLIENT_SECRET,
        login_url=(login_url or settings.SALESFORCE_LOGIN_URL).rstrip("/"),
    )


@dataclass(frozen=True, slots=True)
class Grant:
    """An answer of the token endpoint. A refresh may leave the refresh token out: then the old
    one stays valid, and it stands here again."""

    access_token: str
    refresh_token: str
    instance_url: str
    org_id: str = ""
    user_id: str = ""

    def __repr__(self) -> str:
        return f"Grant(instance_url={self.instance_url!r})"


def new_code_verifier() -> str:
    """A PKCE verifier (RFC 7636), to be kept until the approval comes back."""
    return str(WebApplicationClient("").create_code_verifier(_VERIFIER_LENGTH))


def authorize_url(app: ConsumerApp, *, redirect_uri: str, state: str, code_verifier: str) -> str:
    """Where the person approves. ``prompt=login``: a browser that is signed in as somebody else
    must not be taken silently."""
    check_salesforce_url(app.login_url)
    with OAuth2Session(app.client_id, redirect_uri=redirect_uri, scope=list(SCOPES)) as session:
        url, _ = session.authorization_url(
            f"{app.login_url}/services/oauth2/authorize",
            state=state,
            code_challenge=WebApplicationClient("").create_code_challenge(code_verifier, "S256"),
            code_challenge_method="S256",
            prompt="login",
        )
    return str(url)


def exchange_code(app: ConsumerApp, *, code: str, code_verifier: str, redirect_uri: str) -> Grant:
    """The tokens for an approval. Raises CredentialsRejected with the reason in words."""
    with _session(app, INTERACTIVE_SECONDS, redirect_uri=redirect_uri) as session:
        token = session.fetch_token(
            _token_url(app),
            code=code,
            code_verifier=code_verifier,
            client_secret=app.client_secret or None,
            include_client_id=True,
        )
    return _to_grant(token, "")


def refresh_grant(app: ConsumerApp, refresh_token: str) -> Grant:
    """New tokens for a refresh token, which rotation makes worthless by this very request.

    Raises CredentialsRejected when Salesforce says so, OutcomeUnknown when no answer tells whether
    the rotation happened, RetryLater when it certainly did not.
    """
    with _session(app, settings.SALESFORCE_DEADLINE_SECONDS) as session:
        token = session.refresh_token(
            _token_url(app),
            refresh_token=refresh_token,
            client_id=app.client_id,
            client_secret=app.client_secret,
        )
    return _to_grant(token, refresh_token)


def revoke(app: ConsumerApp, token: str) -> None:
    """End a grant. Raises PatchbayError; a token that is dead already is no failure."""
    with _session(app, INTERACTIVE_SECONDS) as session:
        session.post(
            f"{check_salesforce_url(app.login_url)}/services/oauth2/revoke",
            data={"token": token},
        )


def _session(app: ConsumerApp, deadline_seconds: float, **options: Any) -> OAuth2Session:
    """Without ``scope`` an answer that grants less is taken as it is, not refused."""
    session = guard_session(
        OAuth2Session(app.client_id, **options), deadline_seconds=deadline_seconds
    )
    session.register_compliance_hook("access_token_response", _check_answer)
    session.register_compliance_hook("refresh_token_response", _check_answer)
    return session


def _token_url(app: ConsumerApp) -> str:
    return f"{check_salesforce_url(app.login_url)}/services/oauth2/token"


def _check_answer(response: requests.Response) -> requests.Response:
    """Decide by the body, as 1.10 demands; oauthlib only sees answers that hold a token."""
    try:
        answer = response.json()
    except json.JSONDecodeError:
        answer = None
    status = response.status_code
    if isinstance(answer, dict) and "error" in answer:
        raise _token_error(str(answer["error"]), str(answer.get("error_description", "")), status)
    if isinstance(answer, dict) and "access_token" in answer and response.ok:
        return response
    host = host_of(response.url)
    if status >= 500:
        # A maintenance page says nothing about the grant: never take it for a revocation.
        raise Unavailable(
            f"{host} is away (status {status}).", f"HTTP_{status}", http_status=status
        )
    if response.ok:
        raise OutcomeUnknown(f"{host} gave no tokens.", "NO_TOKENS", http_status=status)
    raise NeedsAttention(
        f"{host} refused with status {status}.", f"HTTP_{status}", http_status=status
    )


def _token_error(error: str, description: str, status: int) -> PatchbayError:
    if error in _PASSING:
        return RetryLater(f"Salesforce asks to try again: {error}.", error, http_status=status)
    said = f"{error} {description}".lower()
    reason = next((text for part, text in _REASONS if part in said), description or error)
    return CredentialsRejected(f"{reason[:1].upper()}{reason[1:]}.", error, http_status=status)


def _to_grant(token: Any, presented: str) -> Grant:
    instance_url = check_salesforce_url(str(token.get("instance_url", "")))
    org_id, user_id = "", ""
    if identity := str(token.get("id", "")):
        *_, org_id, user_id = identity.rstrip("/").split("/")
    return Grant(
        access_token=str(token["access_token"]),
        refresh_token=str(token.get("refresh_token") or presented),
        instance_url=instance_url,
        org_id=org_id,
        user_id=user_id,
    )
