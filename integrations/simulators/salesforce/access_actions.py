"""What an administrator can take from users, as `POST /_sim/actions/<name>`.

| action              | arguments                                                              |
| ------------------- | ---------------------------------------------------------------------- |
| `restrict-field`    | `sobject`, `field`, `hidden` (true; false: read only), `username`      |
| `restrict-object`   | `sobject`, `lost` (all: read, create, edit, delete), `username`        |
| `restrict-record`   | `id`, `level` (None, Read, Edit, All), `username` (every non-admin)    |
| `set-permission`    | `username`, `permission`, `on`                                         |
| `set-activity-sharing` | `private` (false: as the related records are shared)              |
| `lift-restrictions` | everything is open again                                               |

Where no `username` is given, fields and objects are taken from everybody, administrators too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from integrations.simulators.control import ControlError
from integrations.simulators.salesforce.access import (
    ALL_PERMISSIONS,
    OPERATIONS,
    AccessRules,
    FieldRule,
    ObjectRule,
)
from integrations.simulators.salesforce.action_group import ActionGroup, Arguments
from integrations.simulators.salesforce.record_access import NONE, set_level


class AccessActions(ActionGroup):
    """Permissions, field-level security, sharing."""

    def _actions(self) -> Mapping[str, Callable[[Arguments], object]]:
        return {
            "restrict-field": self.restrict_field,
            "restrict-object": self.restrict_object,
            "restrict-record": self.restrict_record,
            "set-permission": self.set_permission,
            "set-activity-sharing": self.set_activity_sharing,
            "lift-restrictions": self.lift_restrictions,
        }

    @property
    def _rules(self) -> AccessRules:
        return self._org.switches.access

    def restrict_field(self, arguments: Arguments) -> object:
        """Field-level security hides a field, or makes it read only."""
        sobject = self._org.sobject(arguments["sobject"])
        field = sobject.field(arguments["field"])
        if field is None or field.name == "Id":
            raise ControlError(f"{arguments['field']} cannot be hidden")
        hidden = bool(arguments.get("hidden", True))
        user_id = self._optional_user_id(arguments)
        self._rules.fields.append(FieldRule(sobject.name, field.name, hidden, user_id))
        self._rules.changed()
        return {}

    def restrict_object(self, arguments: Arguments) -> object:
        """Users lose operations on an object; without read it is not there for them."""
        lost = frozenset(arguments.get("lost", OPERATIONS))
        if unknown := sorted(lost - set(OPERATIONS)):
            raise ControlError(f"unknown operations: {', '.join(unknown)}")
        sobject = self._org.sobject(arguments["sobject"])
        rule = ObjectRule(sobject.name, lost, self._optional_user_id(arguments))
        self._rules.objects.append(rule)
        self._rules.changed()
        return {}

    def restrict_record(self, arguments: Arguments) -> object:
        """Sharing leaves users this much access to one record."""
        only = self._optional_user_id(arguments)
        users = self._org.store.find(self._org.sobject("User"), {})
        ids = [only] if only else [str(user["Id"]) for user in users]
        for user_id in ids:
            if only or not self._org.may(user_id, "PermissionsViewAllData"):
                set_level(self._org, user_id, arguments["id"], arguments.get("level", NONE))
        return {}

    def set_permission(self, arguments: Arguments) -> object:
        """A user gets a permission, or loses it."""
        permission = arguments["permission"]
        if permission not in ALL_PERMISSIONS:
            raise ControlError(f"no permission {permission}", 404)
        key = (self._user_id(arguments["username"]), permission)
        self._rules.permissions[key] = bool(arguments["on"])
        self._rules.changed()
        return {}

    def set_activity_sharing(self, arguments: Arguments) -> object:
        """The org-wide default of tasks and events."""
        self._org.switches.private_activities = bool(arguments["private"])
        return {}

    def lift_restrictions(self, arguments: Arguments) -> object:
        """Everything is open again."""
        self._org.switches.access = AccessRules()
        self._org.store.execute("DELETE FROM sim_record_access")
        return {}
