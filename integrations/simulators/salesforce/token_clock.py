"""How long tokens live: sessions end after a time without requests, and so do grants.

An access token lasts as long as the session timeout after its last request (reference 1.8), a
refresh token as long as the app's policy after its last use (1.9). Both are kept in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from integrations.simulators.salesforce.store import Store

NOTED_EVERY_SECONDS = 60.0


@dataclass
class TokenLife:
    """The policies of an org. A refresh token that lives 0 seconds is never usable."""

    session_seconds: float = 7_200.0
    refresh_idle_seconds: float = 30 * 86_400.0

    def of(self, kind: str) -> float:
        """Seconds that a token of a kind lives without being used."""
        return self.session_seconds if kind == "access" else self.refresh_idle_seconds


@dataclass(frozen=True)
class Times:
    """When a token was issued and last used, in seconds since the epoch."""

    issued_at: float
    used_at: float


def start(store: Store, sha256: str, now: float) -> None:
    """A token was issued."""
    store.execute("INSERT INTO sim_token_time VALUES (?, ?, ?)", [sha256, now, now])


def times_of(store: Store, sha256: str, now: float) -> Times:
    """When it was issued and used; a token of an older file counts as fresh."""
    rows = store.rows("SELECT * FROM sim_token_time WHERE sha256 = ?", [sha256])
    return Times(rows[0]["issued_at"], rows[0]["used_at"]) if rows else Times(now, now)


def is_idle(store: Store, sha256: str, now: float, life_seconds: float) -> bool:
    """Whether a token was not used for too long; otherwise this is a use."""
    times = times_of(store, sha256, now)
    unused = now - times.used_at
    if unused >= life_seconds:
        return True
    if unused > min(NOTED_EVERY_SECONDS, life_seconds / 2):
        store.execute("UPDATE sim_token_time SET used_at = ? WHERE sha256 = ?", [now, sha256])
    return False


def let_pass(store: Store, seconds: float) -> int:
    """Make every token older and longer unused; how many there are."""
    return store.execute(
        "UPDATE sim_token_time SET issued_at = issued_at - ?, used_at = used_at - ?",
        [seconds, seconds],
    )
