"""Permission sets to download: all that Patchbay needs, or exactly what is missing (PLUS-11). Pure.

Activities have no object permissions: Tasks and Events are opened by the permissions EditTask and
EditEvent (salesforce.md 6). Required and system fields never have field permissions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from integrations.salesforce.metadata import Component, Values, build_xml
from integrations.salesforce.proofs import Finding
from integrations.salesforce.rights import Need, Operation

#: Field permissions of an address are those of the whole address.
_WHOLE_ADDRESS = {
    ("Contact", "MailingCountry"): "MailingAddress",
    ("Account", "BillingCountry"): "BillingAddress",
    ("Lead", "Country"): "Address",
}
#: Always visible: names, what a record must have, and what describes a call (salesforce.md 4.1).
_WITHOUT_PERMISSIONS = frozenset(
    {
        "Name", "Company", "IsConverted", "Subject", "Status", "OwnerId", "TaskSubtype",
        "CallType", "CallDurationInSeconds", "CallDisposition", "CallObject",
    }
)  # fmt: skip
_USER_PERMISSIONS = {
    ("", Operation.USE_API): "ApiEnabled",
    ("User", Operation.READ): "ViewAllUsers",
    ("Task", Operation.READ): "EditTask",
    ("Task", Operation.CREATE): "EditTask",
    ("Task", Operation.EDIT): "EditTask",
    ("Event", Operation.READ): "EditEvent",
    ("Event", Operation.CREATE): "EditEvent",
    ("Event", Operation.EDIT): "EditEvent",
}
_OBJECT_FLAGS = {
    Operation.READ: "allowRead",
    Operation.CREATE: "allowCreate",
    Operation.EDIT: "allowEdit",
    Operation.VIEW_ALL: "viewAllRecords",
}
#: Objects that cannot be read without these (Contacts hang on Accounts).
_PARENTS = {"Contact": "Account", "Opportunity": "Account", "CampaignMember": "Campaign"}


@dataclass
class Grants:
    """What a permission set gives: flags by object, edit or read by field, user permissions."""

    objects: dict[str, set[str]] = field(default_factory=dict)
    fields: dict[str, bool] = field(default_factory=dict)
    user_permissions: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether it would give nothing."""
        return not (self.objects or self.fields or self.user_permissions)

    def add(self, sobject: str, operation: str, field_name: str = "") -> None:
        """Give one right, and what it rests on; nothing where no permission set can."""
        wanted = Operation(operation)
        if wanted in (Operation.READ_FIELD, Operation.WRITE_FIELD):
            whole = _WHOLE_ADDRESS.get((sobject, field_name), field_name)
            name = f"{sobject}.{whole}"
            edits = wanted is Operation.WRITE_FIELD
            self.fields[name] = self.fields.get(name, False) or edits
        elif permission := _USER_PERMISSIONS.get((sobject, wanted)):
            self.user_permissions.add(permission)
        elif wanted in _OBJECT_FLAGS:
            self.objects.setdefault(sobject, set()).update({"allowRead", _OBJECT_FLAGS[wanted]})
            if parent := _PARENTS.get(sobject):
                self.objects.setdefault(parent, set()).add("allowRead")


def grants_for_needs(needs: Iterable[Need]) -> Grants:
    """A set with everything that is needed, for an org where nothing was granted yet."""
    grants = Grants()
    for need in needs:
        if need.field not in _WITHOUT_PERMISSIONS or not need.field:
            grants.add(need.sobject, need.operation, need.field)
    return grants


def grants_for_missing(findings: Iterable[Finding]) -> Grants:
    """A set with exactly what is missing; fields that come with their object are left out, because
    a set that names one cannot be deployed."""
    grants = Grants()
    for one in findings:
        if one.field not in _WITHOUT_PERMISSIONS or not one.field:
            grants.add(one.sobject, one.operation, one.field)
    return grants


def build_permission_set(name: str, label: str, description: str, grants: Grants) -> Component:
    """The component ``permissionsets/<name>.permissionset``."""
    values: dict[str, str | bool | Values | list[Values]] = {"description": description[:255]}
    if grants.fields:
        values["fieldPermissions"] = [
            {"editable": edits, "field": field_name, "readable": True}
            for field_name, edits in sorted(grants.fields.items())
        ]
    values |= {"hasActivationRequired": False, "label": label}
    if grants.objects:
        values["objectPermissions"] = [
            _object_permissions(sobject, flags) for sobject, flags in sorted(grants.objects.items())
        ]
    if grants.user_permissions:
        values["userPermissions"] = [
            {"enabled": True, "name": permission} for permission in sorted(grants.user_permissions)
        ]
    return Component(
        "PermissionSet",
        name,
        f"permissionsets/{name}.permissionset",
        build_xml("PermissionSet", values),
    )


def _object_permissions(sobject: str, flags: set[str]) -> Mapping[str, str | bool]:
    return {
        "allowCreate": "allowCreate" in flags,
        "allowDelete": False,
        "allowEdit": "allowEdit" in flags,
        "allowRead": True,
        "modifyAllRecords": False,
        "object": sobject,
        "viewAllRecords": "viewAllRecords" in flags,
    }
