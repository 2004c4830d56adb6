"""Which connection a callback address belongs to, without asking the database every time.

A row is trusted for a second. So a disabled connection, an ended secret or an archived connection
is noticed within a second by every process; and a delivery that a trusted row would refuse is
judged once more by a fresh one, so that a new secret works at once (``integrations.webhooks``).
"""

import time
from dataclasses import dataclass

from integrations.models import Connection

#: How long a row is trusted, seconds.
TRUSTED_SECONDS = 1.0
#: So that addresses of the past do not gather; far more than busy connections at any moment.
_MOST = 10_000


@dataclass
class _Known:
    """A connection's row, and when somebody last set out to read it (monotonic seconds)."""

    connection: Connection
    read_at: float


_known: dict[tuple[str, str], _Known] = {}


def find(kind: str, key: str, *, fresh: bool = False) -> Connection | None:
    """The connection of this kind with this key, unless archived; ``fresh`` asks the database."""
    known, now = _known.get((kind, key)), time.monotonic()
    if known is not None and not fresh:
        if now - known.read_at < TRUSTED_SECONDS:
            return known.connection
        known.read_at = now  # one thread asks; the others go on with the row meanwhile
    connection = (
        Connection.unscoped.filter(key=key, kind=kind)
        .exclude(state=Connection.State.ARCHIVED)
        .order_by()
        .first()
    )
    if connection is None:
        _known.pop((kind, key), None)
        return None
    if len(_known) >= _MOST:
        _known.clear()
    _known[kind, key] = _Known(connection, now)
    return connection


def forget_all() -> None:
    """Ask the database again for everything (tests, which change rows behind our back)."""
    _known.clear()
