"""What an administrator took away from users: objects, fields, permissions (reference 3.3, 6).

Without any rule everybody may do everything, apart from what only administrators may. A user sees
the org through a schema of their own: what is hidden from them is not in it, so it vanishes from
describe and from records, and naming it fails as it does at real orgs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from integrations.simulators.salesforce.schema import Field, Schema, SObject

ADMIN_PROFILE = "System Administrator"
ADMIN_PERMISSIONS = (
    "PermissionsBulkApiHardDelete",
    "PermissionsCustomizeApplication",
    "PermissionsManageUsers",
    "PermissionsModifyAllData",
    "PermissionsViewAllData",
    "PermissionsViewSetup",
)
USER_PERMISSIONS = (
    "PermissionsApiEnabled",
    "PermissionsConvertLeads",
    "PermissionsEditEvent",
    "PermissionsEditTask",
)
OPERATIONS = ("read", "create", "edit", "delete")
SETUP_OBJECTS = frozenset(
    {"FieldPermissions", "ObjectPermissions", "PermissionSet", "PermissionSetAssignment"}
)
"""Readable only with the permission View Setup and Configuration."""


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

    def changed(self) -> None:
        """Forget the views that were made before a change."""
        self._views.clear()

    def may(self, user_id: str, permission: str, *, is_admin: bool) -> bool:
        """Whether a user holds a permission such as `PermissionsApiEnabled`."""
        granted = is_admin or permission not in ADMIN_PERMISSIONS
        return self.permissions.get((user_id, permission), granted)

    def view(self, schema: Schema, user_id: str, *, is_admin: bool) -> Schema:
        """The schema as a user sees it."""
        if user_id not in self._views:
            sees_setup = self.may(user_id, "PermissionsViewSetup", is_admin=is_admin)
            self._views[user_id] = Schema(
                seen
                for one in schema.objects.values()
                if (seen := self._view_object(one, user_id)) is not None
                and (sees_setup or one.name not in SETUP_OBJECTS)
            )
        return self._views[user_id]

    def _view_object(self, sobject: SObject, user_id: str) -> SObject | None:
        lost = self._lost(sobject, user_id)
        if "read" in lost:
            return None
        fields = [
            seen
            for one in sobject.fields
            if (seen := self._view_field(sobject, one, user_id)) is not None
        ]
        return replace(
            sobject,
            fields=fields,
            createable=sobject.createable and "create" not in lost,
            updateable=sobject.updateable and "edit" not in lost,
            deletable=sobject.deletable and "delete" not in lost,
        )

    def _lost(self, sobject: SObject, user_id: str) -> Collection[str]:
        rules = [one for one in self.objects if one.sobject == sobject.name]
        return {name for one in rules if one.user_id in (None, user_id) for name in one.lost}

    def _view_field(self, sobject: SObject, one: Field, user_id: str) -> Field | None:
        rules = [
            rule
            for rule in self.fields
            if (rule.sobject, rule.field) == (sobject.name, one.name)
            and rule.user_id in (None, user_id)
        ]
        if any(rule.hidden for rule in rules):
            return None
        return replace(one, createable=False, updateable=False) if rules else one
