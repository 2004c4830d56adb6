"""What users have allowed apps to do: codes, access tokens, refresh tokens and their families.

A grant is one authorisation of one user for one app, with the chain of refresh tokens that it
led to (reference 1.6 to 1.10). Tokens are kept as SHA-256 only; the request log shows the same.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from integrations.simulators.salesforce import token_clock
from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.config import OAuthApp
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.store import Record

CODE_SECONDS = 15 * 60
MAX_GRANTS = 5
"""Grants of one user for one app; the oldest gives way silently (reference 1.9)."""

CURRENT, REPLACED, REVOKED, EXPIRED = "current", "replaced", "revoked", "expired"


class OAuthError(Exception):
    """An error of the OAuth endpoints (reference 1.10)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True)
class Issued:
    """Tokens as handed out; `refresh_token` is None where the answer has none."""

    access_token: str
    refresh_token: str | None
    scope: frozenset[str]
    user_id: str
    nonce: str | None = None


@dataclass(frozen=True)
class Introspected:
    """What a living token is worth. `kind` is access or refresh; times are epoch seconds."""

    kind: str
    user_id: str
    scope: frozenset[str]
    issued_at: float
    expires_at: float


def digest(token: str) -> str:
    """How a token is kept and logged."""
    return hashlib.sha256(token.encode()).hexdigest()


def _opaque(length: int) -> str:
    return secrets.token_urlsafe(length).replace("-", ".")


class Grants:
    """The grants of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._store = org.store

    def app(self, consumer_key: str) -> OAuthApp:
        """The app with this key. Raises `OAuthError` (invalid_client_id)."""
        for app in self._org.config.apps:
            if secrets.compare_digest(app.consumer_key.encode(), consumer_key.encode()):
                return app
        raise OAuthError("invalid_client_id", "client identifier invalid")

    def issue_code(
        self,
        app: OAuthApp,
        user_id: str,
        redirect_uri: str,
        scope: frozenset[str],
        challenge: str | None,
    ) -> str:
        """A single-use authorization code; it holds characters that must be encoded in a form."""
        code = f"aPrx{_opaque(32)}=="
        self._store.execute(
            "INSERT INTO sim_code VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            [
                digest(code),
                app.consumer_key,
                user_id,
                redirect_uri,
                " ".join(sorted(scope)),
                challenge,
                self._org.now().timestamp() + CODE_SECONDS,
            ],
        )
        return code

    def note_nonce(self, code: str, nonce: str | None) -> None:
        """Keep what the id token of this code has to repeat."""
        if nonce:
            self._store.execute("INSERT INTO sim_nonce VALUES (?, ?)", [digest(code), nonce])

    def refuse_if_told_to(self) -> None:
        """Raise the `OAuthError` of a locked org, or what somebody ordered instead of tokens."""
        if self._org.switches.is_locked:
            raise OAuthError("invalid_grant", "inactive organization")
        refusal = self._org.switches.token_refusal
        if refusal is None or refusal.times == 0:
            return
        if refusal.times is not None:
            refusal.times -= 1
        raise OAuthError(refusal.error, refusal.description, refusal.status)

    def redeem_code(
        self, app: OAuthApp, code: str, redirect_uri: str, verifier: str | None
    ) -> Issued:
        """Exchange a code for tokens. Raises `OAuthError`."""
        rows = self._store.rows(
            "SELECT * FROM sim_code WHERE sha256 = ? AND consumer_key = ?",
            [digest(code), app.consumer_key],
        )
        now = self._org.now().timestamp()
        if not rows or rows[0]["used"] or rows[0]["expires_at"] < now:
            raise OAuthError("invalid_grant", "expired authorization code")
        row = rows[0]
        if row["redirect_uri"] != redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
        _check_verifier(row["challenge"], verifier)
        self._store.execute("UPDATE sim_code SET used = 1 WHERE sha256 = ?", [digest(code)])
        issued = self.issue_tokens(app, row["user_id"], frozenset(row["scope"].split()))
        nonces = self._store.rows("SELECT nonce FROM sim_nonce WHERE sha256 = ?", [digest(code)])
        return replace(issued, nonce=nonces[0]["nonce"] if nonces else None)

    def issue_tokens(self, app: OAuthApp, user_id: str, scope: frozenset[str]) -> Issued:
        """Begin a grant and hand out its first tokens. Raises `OAuthError` (inactive user)."""
        self._require_active(user_id)
        with self._store.transaction():
            number = self._store.next_number("grant")
            self._store.execute(
                "INSERT INTO sim_grant VALUES (?, ?, ?, ?, 0, NULL)",
                [number, app.consumer_key, user_id, " ".join(sorted(scope))],
            )
            if "refresh_token" in scope:
                self._evict_oldest(app, user_id)
            refresh_token = self._add_token(number, "refresh") if "refresh_token" in scope else None
            return Issued(self._add_token(number, "access"), refresh_token, scope, user_id)

    def issue_to_app(self, app: OAuthApp) -> Issued:
        """An access token for the user as whom the app may run. Raises `OAuthError`."""
        users = self._store.find(self._org.sobject("User"), {"Username": app.run_as or ""})
        if not users:
            raise OAuthError("invalid_grant", "no client credentials user enabled")
        return self.issue_tokens(app, str(users[0]["Id"]), app.scopes - {"refresh_token"})

    def refresh(self, app: OAuthApp, refresh_token: str) -> Issued:
        """New tokens for a refresh token. Raises `OAuthError`.

        With rotation the presented token is dead at once, and presenting a dead one revokes the
        whole family: whoever holds the living one was robbed, or is the thief (reference 1.9).
        """
        token = self._find(refresh_token, "refresh")
        if token is None or token["consumer_key"] != app.consumer_key:
            raise OAuthError("invalid_grant", "expired access/refresh token")
        number = int(str(token["grant_number"]))
        if token["state"] == REPLACED:
            self._end_grant(number, "a replaced refresh token was presented")
        if token["state"] == CURRENT and self._is_idle(refresh_token, "refresh"):
            self._end_grant(number, "the refresh token was not used for too long")
            token["state"] = EXPIRED
        if token["state"] != CURRENT:
            raise OAuthError("invalid_grant", "expired access/refresh token")
        user_id, scope = str(token["user_id"]), frozenset(str(token["scope"]).split())
        self._require_active(user_id)
        with self._store.transaction():
            next_token = None
            if self._rotates(app):
                self._set_state("sha256 = ?", digest(refresh_token), REPLACED)
                next_token = self._add_token(number, "refresh")
            return Issued(self._add_token(number, "access"), next_token, scope, user_id)

    def revoke(self, token: str) -> None:
        """End a token; a refresh token takes its whole grant along. Raises `OAuthError`."""
        found = self._find(token, "refresh")
        if found is not None:
            self._end_grant(int(str(found["grant_number"])), "revoked by the app")
        elif self._find(token, "access") is not None:
            self._set_state("sha256 = ?", digest(token), REVOKED)
        else:
            raise OAuthError("unsupported_token_type", "invalid token")

    def caller(self, access_token: str) -> Caller | None:
        """Whom an access token speaks for, or None if it is dead or its user inactive."""
        token = self._find(access_token, "access")
        if token is None or token["state"] != CURRENT or self._is_idle(access_token, "access"):
            return None
        user = self._org.store.get(self._org.sobject("User"), str(token["user_id"]))
        if user is None or not user["IsActive"]:
            return None
        return Caller(
            str(token["user_id"]),
            str(token["consumer_key"]),
            frozenset(str(token["scope"]).split()),
            ZoneInfo(str(user["TimeZoneSidKey"])),
        )

    def introspect(self, app: OAuthApp, token: str) -> Introspected | None:
        """What a token of this app is worth; None if it is dead or of another app."""
        for kind in ("access", "refresh"):
            found = self._find(token, kind)
            if found is None or found["state"] != CURRENT:
                continue
            now, life = self._org.now().timestamp(), self._org.switches.token_life.of(kind)
            times = token_clock.times_of(self._store, digest(token), now)
            if found["consumer_key"] != app.consumer_key or times.used_at + life <= now:
                continue
            scope = frozenset(str(found["scope"]).split())
            expires_at = times.used_at + life
            return Introspected(kind, str(found["user_id"]), scope, times.issued_at, expires_at)
        return None

    def _is_idle(self, token: str, kind: str) -> bool:
        now, life = self._org.now().timestamp(), self._org.switches.token_life.of(kind)
        return token_clock.is_idle(self._store, digest(token), now, life)

    def refresh_token_state(self, token: str) -> str:
        """current, replaced, revoked or unknown."""
        found = self._find(token, "refresh")
        return "unknown" if found is None else str(found["state"])

    def expire_access_tokens(self, user_id: str | None = None) -> int:
        """Let access tokens time out, of one user or of all; how many."""
        return self._store.execute(
            "UPDATE sim_token SET state = ? WHERE kind = 'access' AND state = ? AND grant_number "
            "IN (SELECT number FROM sim_grant WHERE coalesce(?, user_id) = user_id)",
            [EXPIRED, CURRENT, user_id],
        )

    def revoke_grants(self, user_id: str | None = None) -> int:
        """End grants, of one user or of all; how many."""
        rows = self._store.rows(
            "SELECT number FROM sim_grant WHERE NOT revoked AND coalesce(?, user_id) = user_id",
            [user_id],
        )
        for row in rows:
            self._end_grant(row["number"], "revoked by the user")
        return len(rows)

    def to_json(self) -> list[Record]:
        """Every grant, for tests and people."""
        return [dict(row) for row in self._store.rows("SELECT * FROM sim_grant ORDER BY number")]

    def _rotates(self, app: OAuthApp) -> bool:
        switch = self._org.switches.rotation
        return app.rotation if switch is None else switch

    def _require_active(self, user_id: str) -> None:
        user = self._store.get(self._org.sobject("User"), user_id)
        if user is None or not user["IsActive"]:
            raise OAuthError("invalid_grant", "inactive user")

    def _evict_oldest(self, app: OAuthApp, user_id: str) -> None:
        rows = self._store.rows(
            "SELECT number FROM sim_grant WHERE consumer_key = ? AND user_id = ? AND NOT revoked "
            "ORDER BY number DESC LIMIT -1 OFFSET ?",
            [app.consumer_key, user_id, MAX_GRANTS],
        )
        for row in rows:
            self._end_grant(row["number"], "more than five grants of this user for this app")

    def _end_grant(self, number: int, reason: str) -> None:
        self._store.execute(
            "UPDATE sim_grant SET revoked = 1, reason = ? WHERE number = ? AND NOT revoked",
            [reason, number],
        )
        self._set_state("state = 'current' AND grant_number = ?", number, REVOKED)

    def _set_state(self, where: str, value: str | int, state: str) -> None:
        self._store.execute(
            f"UPDATE sim_token SET state = ? WHERE {where}",  # noqa: S608 - our own words
            [state, value],
        )

    def _add_token(self, grant_number: int, kind: str) -> str:
        token = f"5Aep861{_opaque(48)}"
        if kind == "access":
            token = f"{self._org.org_id[:15]}!AQ{_opaque(60)}"
        self._store.execute(
            "INSERT INTO sim_token VALUES (?, ?, ?, ?)",
            [digest(token), grant_number, kind, CURRENT],
        )
        token_clock.start(self._store, digest(token), self._org.now().timestamp())
        return token

    def _find(self, token: str, kind: str) -> Record | None:
        rows = self._store.rows(
            "SELECT t.grant_number, t.state, g.consumer_key, g.user_id, g.scope FROM sim_token t "
            "JOIN sim_grant g ON g.number = t.grant_number WHERE t.sha256 = ? AND t.kind = ?",
            [digest(token), kind],
        )
        return dict(rows[0]) if rows else None


def _check_verifier(challenge: str | None, verifier: str | None) -> None:
    """PKCE. Verifiers over 128 characters pass, as at real orgs (reference 1.5)."""
    if challenge is None:
        return
    if not verifier:
        raise OAuthError("invalid_grant", "code verifier is missing")
    hashed = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not secrets.compare_digest(hashed, challenge):
        raise OAuthError("invalid_request", "invalid code verifier")
