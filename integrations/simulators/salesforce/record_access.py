"""Which records a user may see and change (reference 6, row 8; RULES B9).

Everybody may do everything with every record, unless a row of `sim_record_access` says less.
Tasks and events are seen by their owner, by those above the owner in the role hierarchy, and by
whoever sees all of the records that they are about; about nothing means by nobody else.
What one may do with them then is what one may do with those records, or only read, as the
org-wide default says. View All Data opens them all.
"""

from __future__ import annotations

from dataclasses import dataclass

from integrations.simulators.salesforce.errors import SalesforceError, unknown_record
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.store import Record

NONE, READ, EDIT, ALL = LEVELS = ("None", "Read", "Edit", "All")
ACTIVITIES = ("Task", "Event")
NEEDED_LEVEL = {"Read": READ, "Edit": EDIT, "Delete": ALL, "Transfer": ALL, "All": ALL}
"""What each `Has...Access` of UserRecordAccess asks for."""

_BELOW = """
WITH RECURSIVE below (id) AS (
    SELECT r.Id FROM UserRole r JOIN "User" u ON r.ParentRoleId = u.UserRoleId WHERE u.Id = ?
    UNION SELECT r.Id FROM UserRole r JOIN below ON r.ParentRoleId = below.id)
SELECT u.Id FROM "User" u JOIN below ON u.UserRoleId = below.id
"""


@dataclass(frozen=True)
class Sharing:
    """What one user may see and do, as SQL. Ids stand in the text: they are the org's own."""

    user_id: str
    owners: tuple[str, ...]
    """Whose activities are open: the user's own, and of those below in the hierarchy."""
    sees_all: bool
    is_private: bool

    def visible(self, alias: str, sobject: str) -> str:
        """SQL that is true where the record behind `alias` is not hidden."""
        shown = self._shown(f"{alias}.Id")
        if sobject not in ACTIVITIES or self.sees_all:
            return shown
        who, what = f"{alias}.WhoId", f"{alias}.WhatId"
        related = (
            f"coalesce({who}, {what}) IS NOT NULL AND ({who} IS NULL OR {self._shown(who)}) "
            f"AND ({what} IS NULL OR {self._shown(what)})"
        )
        return f"({shown} AND ({self._owned(alias)} OR ({related})))"

    def level(self, alias: str, sobject: str) -> str:
        """SQL of the access to the record behind `alias`: one of `LEVELS`."""
        own = self._level(f"{alias}.Id")
        if sobject not in ACTIVITIES or self.sees_all:
            return own
        related = f"'{READ}'"
        if not self.is_private:
            parents = f"({self._level(f'{alias}.WhoId')}, {self._level(f'{alias}.WhatId')})"
            related = (
                f"CASE WHEN '{READ}' IN {parents} THEN '{READ}' "
                f"WHEN '{EDIT}' IN {parents} THEN '{EDIT}' ELSE {own} END"
            )
        return (
            f"CASE WHEN NOT {self.visible(alias, sobject)} THEN '{NONE}' "
            f"WHEN {self._owned(alias)} THEN {own} ELSE {related} END"
        )

    def _shown(self, record_id: str) -> str:
        return (
            f"{record_id} NOT IN (SELECT record_id FROM sim_record_access "  # noqa: S608
            f"WHERE user_id = '{self.user_id}' AND level = '{NONE}')"
        )

    def _level(self, record_id: str) -> str:
        return (
            "coalesce((SELECT level FROM sim_record_access "  # noqa: S608
            f"WHERE user_id = '{self.user_id}' AND record_id = {record_id}), '{ALL}')"
        )

    def _owned(self, alias: str) -> str:
        owners = ", ".join(f"'{one}'" for one in self.owners)
        return f"{alias}.OwnerId IN ({owners})"


EVERYTHING = Sharing("", (), sees_all=True, is_private=False)
"""How the org itself looks at its records."""


def sharing_of(org: Org, user_id: str) -> Sharing:
    """What a user may see and do at this moment."""
    return Sharing(
        user_id,
        (user_id, *(row["Id"] for row in org.store.rows(_BELOW, [user_id]))),
        org.may(user_id, "PermissionsViewAllData"),
        org.switches.private_activities,
    )


def join_on_level(alias: str, level: str) -> str:
    """SQL that joins the columns of UserRecordAccess that follow from a level."""
    columns = ", ".join(
        f"MaxAccessLevel IN ({', '.join(repr(one) for one in _from(needed))}) AS Has{name}Access"
        for name, needed in NEEDED_LEVEL.items()
    )
    levels = " UNION ALL ".join(f"SELECT '{one}' AS MaxAccessLevel" for one in LEVELS)
    return (
        f"JOIN (SELECT MaxAccessLevel, {columns} FROM ({levels})) {alias} "  # noqa: S608
        f"ON {alias}.MaxAccessLevel = {level}"
    )


def _from(level: str) -> tuple[str, ...]:
    return LEVELS[LEVELS.index(level) :]


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
    sobject = org.schema.of_id(record_id)
    if sobject is None:
        return NONE
    level = sharing_of(org, user_id).level("root", sobject.name)
    rows = org.store.rows(
        f'SELECT {level} FROM "{sobject.name}" root '  # noqa: S608
        "WHERE root.Id = ? AND root.IsDeleted IS NOT 1",
        [record_id],
    )
    return str(rows[0][0]) if rows else NONE


def is_hidden(org: Org, user_id: str, record_id: str) -> bool:
    """Whether sharing keeps a record, deleted or not, from a user altogether."""
    sobject = org.schema.of_id(record_id)
    if sobject is None:
        return False
    visible = sharing_of(org, user_id).visible("root", sobject.name)
    return bool(
        org.store.rows(
            f'SELECT 1 FROM "{sobject.name}" root '  # noqa: S608
            f"WHERE root.Id = ? AND NOT {visible}",
            [record_id],
        )
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
