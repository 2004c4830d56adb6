"""What permission sets give their users, on top of what the profile left them (reference 6, 7).

Sets add up and never take away. A set is a row of PermissionSet with a column for each permission
of users; objects and fields are rows of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from integrations.simulators.salesforce.store import Store

SHADOW_NUMBERS = 62**8
"""The shadow sets of profiles, and their rows, have ids from here on."""

OPERATION_FLAGS = {
    "read": "PermissionsRead",
    "create": "PermissionsCreate",
    "edit": "PermissionsEdit",
    "delete": "PermissionsDelete",
}
OPENED_BY_PERMISSIONS = {
    "PermissionsEditEvent": ("Event", frozenset({"create", "edit", "delete"})),
    "PermissionsEditTask": ("Task", frozenset({"create", "edit", "delete"})),
    "PermissionsViewAllUsers": ("User", frozenset({"read"})),
}
"""Objects that sets open by a permission of users."""
_ASSIGNED = (
    "SELECT PermissionSetId FROM PermissionSetAssignment "
    "WHERE AssigneeId = ? AND IsDeleted IS NOT 1 AND PermissionSetId IN "
    "(SELECT Id FROM PermissionSet WHERE IsOwnedByProfile IS NOT 1 AND IsDeleted IS NOT 1)"
)


@dataclass(frozen=True)
class Granted:
    """What sets give one user. Objects: operations by name. Fields: whether it may be edited."""

    permissions: frozenset[str] = frozenset()
    objects: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], bool] = field(default_factory=dict)


NOTHING = Granted()


def granted_to(store: Store, user_id: str, permission_names: tuple[str, ...]) -> Granted:
    """What the sets of a user give, of these permissions and of objects and fields."""
    sets = [str(row[0]) for row in store.rows(_ASSIGNED, [user_id])]
    if not sets:
        return NOTHING
    marks = ", ".join("?" * len(sets))
    rows = store.rows(f"SELECT * FROM PermissionSet WHERE Id IN ({marks})", sets)  # noqa: S608
    permissions = {name for row in rows for name in permission_names if row[name]}
    objects: dict[str, set[str]] = {}
    for permission in permissions & OPENED_BY_PERMISSIONS.keys():
        name, opened = OPENED_BY_PERMISSIONS[permission]
        objects.setdefault(name, set()).update(opened)
    for row in store.rows(_of_sets("ObjectPermissions", marks), sets):
        given = {name for name, flag in OPERATION_FLAGS.items() if row[flag]}
        objects.setdefault(str(row["SobjectType"]), set()).update(given)
    fields: dict[tuple[str, str], bool] = {}
    for row in store.rows(_of_sets("FieldPermissions", marks), sets):
        if row["PermissionsRead"]:
            sobject, _, name = str(row["Field"]).partition(".")
            edits = fields.get((sobject, name), False) or bool(row["PermissionsEdit"])
            fields[sobject, name] = edits
    return Granted(
        frozenset(permissions),
        {name: frozenset(given) for name, given in objects.items()},
        fields,
    )


def _of_sets(table: str, marks: str) -> str:
    return (
        f"SELECT * FROM {table} WHERE IsDeleted IS NOT 1 "  # noqa: S608 - our own tables
        f"AND ParentId IN ({marks})"
    )
