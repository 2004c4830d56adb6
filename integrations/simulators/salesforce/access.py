"""What an administrator took away from users: objects, fields, permissions (reference 3.3, 6).

Without any rule everybody may do everything, apart from what only administrators may. A user sees
the org through a schema of their own: what is hidden from them is not in it, so it vanishes from
describe and from records, and naming it fails as it does at real orgs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from integrations.simulators.salesforce.permission_grants import Granted
from integrations.simulators.salesforce.schema import Field, Schema, SObject

May = Callable[[str], bool]
"""Whether somebody holds a permission."""

ADMIN_PROFILE = "System Administrator"
ADMIN_PERMISSIONS = (
    "PermissionsBulkApiHardDelete",
    "PermissionsCustomizeApplication",
    "PermissionsManageProfilesPermissionsets",
    "PermissionsManageUsers",
    "PermissionsModifyAllData",
    "PermissionsModifyMetadata",
    "PermissionsViewAllData",
    "PermissionsViewAllUsers",
    "PermissionsViewSetup",
)
USER_PERMISSIONS = (
    "PermissionsApiEnabled",
    "PermissionsConvertLeads",
    "PermissionsEditEvent",
    "PermissionsEditTask",
)
ALL_PERMISSIONS = ADMIN_PERMISSIONS + USER_PERMISSIONS
ACTIVITY_PERMISSIONS = {"Task": "PermissionsEditTask", "Event": "PermissionsEditEvent"}
"""Without which activities can only be read."""
OPERATIONS = ("read", "create", "edit", "delete")
SETUP_OBJECTS = frozenset(
    {"FieldPermissions", "ObjectPermissions", "PermissionSet", "PermissionSetAssignment"}
)
"""Readable only with View Setup and Configuration, and changed only with Manage Profiles and
Permission Sets."""


@dataclass(frozen=True)
class FieldRule:
    """Field-level security: a field is hidden, or only readable. `user_id` None: for everybody."""

    sobject: str
    field: str
    hidden: bool
    user_id: str | None = None


@dataclass(frozen=True)
class ObjectRule:
    """Operations on an object that are taken away. `user_id` None: from everybody."""

    sobject: str
    lost: frozenset[str]
    user_id: str | None = None


@dataclass
class AccessRules:
    """All rules of one org. `permissions` overrides what the profile says, by user and name."""

    fields: list[FieldRule] = field(default_factory=list)
    objects: list[ObjectRule] = field(default_factory=list)
    permissions: dict[tuple[str, str], bool] = field(default_factory=dict)
    _views: dict[str, Schema] = field(default_factory=dict)
    _granted: dict[str, Granted] = field(default_factory=dict)

    def changed(self) -> None:
        """Forget the views that were made before a change."""
        self._views.clear()
        self._granted.clear()

    def granted(self, user_id: str, read: Callable[[], Granted]) -> Granted:
        """What permission sets give a user; read again after each change."""
        if user_id not in self._granted:
            self._granted[user_id] = read()
        return self._granted[user_id]

    def profile_may(self, user_id: str, permission: str, *, is_admin: bool) -> bool:
        """Whether a user's profile gives a permission such as `PermissionsApiEnabled`."""
        usual = is_admin or permission not in ADMIN_PERMISSIONS
        return self.permissions.get((user_id, permission), usual)

    def view(self, schema: Schema, user_id: str, may: May, granted: Granted) -> Schema:
        """The schema as a user sees it."""
        if user_id not in self._views:
            self._views[user_id] = self.make_view(schema, user_id, may, granted)
        return self._views[user_id]

    def make_view(self, schema: Schema, user_id: str, may: May, granted: Granted) -> Schema:
        """The schema as somebody with these permissions sees it."""
        return Schema(
            seen
            for one in schema.objects.values()
            if (seen := self._view_object(one, user_id, may, granted)) is not None
        )

    def _view_object(
        self, sobject: SObject, user_id: str, may: May, granted: Granted
    ) -> SObject | None:
        lost = self._lost(sobject, user_id) | _lost_without(sobject, may)
        lost -= granted.objects.get(sobject.name, frozenset())
        if "read" in lost:
            return None
        fields = [
            seen
            for one in sobject.fields
            if (seen := self._view_field(sobject, one, user_id, granted)) is not None
        ]
        return replace(
            sobject,
            fields=fields,
            createable=sobject.createable and "create" not in lost,
            updateable=sobject.updateable and "edit" not in lost,
            deletable=sobject.deletable and "delete" not in lost,
        )

    def _lost(self, sobject: SObject, user_id: str) -> set[str]:
        rules = [one for one in self.objects if one.sobject == sobject.name]
        return {name for one in rules if one.user_id in (None, user_id) for name in one.lost}

    def _view_field(
        self, sobject: SObject, one: Field, user_id: str, granted: Granted
    ) -> Field | None:
        rules = [
            rule
            for rule in self.fields
            if (rule.sobject, rule.field) == (sobject.name, one.name)
            and rule.user_id in (None, user_id)
        ]
        given = granted.fields.get((sobject.name, one.name))
        if given or not rules:
            return one
        if given is None and any(rule.hidden for rule in rules):
            return None
        return replace(one, createable=False, updateable=False)


def _lost_without(sobject: SObject, may: May) -> set[str]:
    """The operations that take a permission of users which somebody lacks."""
    if sobject.name in SETUP_OBJECTS:
        if not may("PermissionsViewSetup"):
            return set(OPERATIONS)
        if not may("PermissionsManageProfilesPermissionsets"):
            return {"create", "edit", "delete"}
    permission = ACTIVITY_PERMISSIONS.get(sobject.name)
    return {"create", "edit", "delete"} if permission and not may(permission) else set()
