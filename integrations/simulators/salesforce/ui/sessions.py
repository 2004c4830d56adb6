"""Who is logged in at the pages.

It is kept with the data of the org, so that a reset forgets it and a restart does not.
"""

from __future__ import annotations

import secrets

from integrations.simulators.salesforce.grants import digest
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.store import Record

COOKIE = "sid"
_TABLE = "CREATE TABLE IF NOT EXISTS sim_session (sha256 TEXT PRIMARY KEY, user_id TEXT NOT NULL)"


class Sessions:
    """The sessions of one org; they end when the user logs out."""

    def __init__(self, org: Org) -> None:
        self._org = org
        org.store.execute(_TABLE)

    def log_in(self, username: str, password: str) -> str | None:
        """The cookie of a new session; None where user name or password is wrong."""
        users = self._org.store.find(
            self._org.sobject("User"), {"Username": username.strip(), "IsActive": 1}
        )
        is_right = secrets.compare_digest(password.encode(), self._org.config.password.encode())
        return self.begin(str(users[0]["Id"])) if users and is_right else None

    def begin(self, user_id: str) -> str:
        """The cookie of a new session of this user."""
        token = secrets.token_urlsafe(32)
        self._org.store.execute("INSERT INTO sim_session VALUES (?, ?)", [digest(token), user_id])
        return token

    def user(self, token: str | None) -> Record | None:
        """The active user behind a cookie."""
        rows = self._org.store.rows(
            "SELECT user_id FROM sim_session WHERE sha256 = ?", [digest(token or "")]
        )
        user = self._org.store.get(self._org.sobject("User"), rows[0]["user_id"]) if rows else None
        return user if user and user["IsActive"] else None

    def end(self, token: str | None) -> None:
        """Log out."""
        self._org.store.execute("DELETE FROM sim_session WHERE sha256 = ?", [digest(token or "")])
