"""Which records a user may see and change (reference 6, row 8; RULES B9).

Everybody may do everything with every record, unless a row of `sim_record_access` says less.
"""

from __future__ import annotations

from integrations.simulators.salesforce.errors import SalesforceError, unknown_record
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.store import Record

NONE, READ, EDIT, ALL = LEVELS = ("None", "Read", "Edit", "All")


def set_level(org: Org, user_id: str, record_id: str, level: str) -> None:
    """Give a user this much access to a record. Raises `ValueError` for an unknown level."""
    if level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)}")
    org.store.execute(
        "INSERT INTO sim_record_access VALUES (?, ?, ?) "
        "ON CONFLICT (user_id, record_id) DO UPDATE SET level = excluded.level",
        [user_id, record_id, level],
    )


def level_of(org: Org, user_id: str, record_id: str) -> str:
    """How much access a user has to a record; none to one that is not there."""
    rows = org.store.rows(
        "SELECT level FROM sim_record_access WHERE user_id = ? AND record_id = ?",
        [user_id, record_id],
    )
    if rows:
        return str(rows[0]["level"])
    target = org.target(record_id)
    return ALL if target is not None and not target[1]["IsDeleted"] else NONE


def is_hidden(org: Org, user_id: str, record_id: str) -> bool:
    """Whether sharing keeps a record from a user altogether."""
    return bool(
        org.store.rows(
            "SELECT 1 FROM sim_record_access WHERE user_id = ? AND record_id = ? AND level = ?",
            [user_id, record_id, NONE],
        )
    )


def visible(expression: str, user_id: str) -> str:
    """SQL that is true where the id in `expression` is not hidden from the user.

    The user id stands in the text itself: it comes from the org's own tables.
    """
    return (
        f"{expression} NOT IN (SELECT record_id FROM sim_record_access "  # noqa: S608
        f"WHERE user_id = '{user_id}' AND level = '{NONE}')"
    )


def require(org: Org, user_id: str, record: Record, needed: str) -> None:
    """Raise what PATCH and DELETE answer to somebody who may not."""
    level = level_of(org, user_id, str(record["Id"]))
    if level == NONE:
        raise unknown_record()
    if LEVELS.index(level) < LEVELS.index(needed):
        raise SalesforceError(
            "INSUFFICIENT_ACCESS_OR_READONLY",
            "insufficient access rights on object id",
            status=403,
            fields=(),
        )


def require_reference(org: Org, user_id: str, record_id: str) -> None:
    """Raise what a write answers that points to a record hidden from its user."""
    if is_hidden(org, user_id, record_id):
        raise SalesforceError(
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
            f"insufficient access rights on cross-reference id: {record_id[:15]}",
            fields=(),
        )
