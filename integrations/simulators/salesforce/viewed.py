"""What users looked at last: on pages, and by `FOR VIEW` and `FOR REFERENCE` in a query."""

from __future__ import annotations

from integrations.simulators.salesforce.org import Org

RECENTLY_VIEWED = 10


def note_view(org: Org, user_id: str, record_id: str) -> None:
    """A user opened a record, or a program did for them."""
    org.store.execute(
        "INSERT INTO sim_viewed VALUES (?, ?, ?) "
        "ON CONFLICT (user_id, record_id) DO UPDATE SET viewed_at = excluded.viewed_at",
        [user_id, record_id, org.now().timestamp()],
    )


def recently_viewed(org: Org, user_id: str) -> list[str]:
    """The ids of what a user opened, the latest first."""
    rows = org.store.rows(
        "SELECT record_id FROM sim_viewed WHERE user_id = ? ORDER BY viewed_at DESC LIMIT ?",
        [user_id, RECENTLY_VIEWED],
    )
    return [str(row["record_id"]) for row in rows]
