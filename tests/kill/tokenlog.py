"""When which refresh token was stored: what a process then *knew* to be the newest."""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Stored(NamedTuple):
    """One refresh token that was committed, as a digest, and when (seconds since 1970)."""

    connection_id: int
    digest: str
    at: float


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def write_stored(log: Path, connection_id: int, credentials: Mapping[str, Any]) -> None:
    """Note that this token is stored now; one short line, so that appends do not mix."""
    with log.open("a") as lines:
        lines.write(f"{connection_id} {digest(credentials['refresh_token'])} {time.time():.6f}\n")


def read_stored(log: Path) -> list[Stored]:
    """All of them, in the order in which they were stored."""
    rows = (line.split() for line in log.read_text().splitlines())
    return [Stored(int(number), token, float(at)) for number, token, at in rows]


def log_stored_tokens(connection_class: type[Any], log: Path) -> None:
    """Let every committed change of credentials leave a line in ``log``."""
    original = connection_class.replace_credentials

    def replace_credentials(self: Any, credentials: Mapping[str, Any], **changes: Any) -> bool:
        stored: bool = original(self, credentials, **changes)
        if stored and "refresh_token" in credentials:
            write_stored(log, self.pk, credentials)
        return stored

    connection_class.replace_credentials = replace_credentials
