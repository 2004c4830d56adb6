"""The rules of permission sets, their assignments and their rows (reference 7)."""

from __future__ import annotations

from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.standard_fields import is_permissionable
from integrations.simulators.salesforce.store import Record

NOT_BY_OBJECT = ("Task", "Event")
"""Opened by the permissions Edit Tasks and Edit Events, never by object permissions."""


def save_assignment(org: Org, old: Record | None, record: Record) -> None:
    """A user has each set once."""
    _refuse_twin(org, "PermissionSetAssignment", record, "AssigneeId", "PermissionSetId")


def save_object_permissions(org: Org, old: Record | None, record: Record) -> None:
    """An object that has such permissions; whoever edits also reads."""
    name = str(record["SobjectType"])
    if name in NOT_BY_OBJECT or org.schema.find(name) is None:
        raise _bad_value("Object Type Name", name, "SobjectType")
    if any(record[flag] for flag in record if flag.startswith("Permissions")):
        record["PermissionsRead"] = 1
    _refuse_twin(org, "ObjectPermissions", record, "ParentId", "SobjectType")


def save_field_permissions(org: Org, old: Record | None, record: Record) -> None:
    """A field of that object which can be hidden at all; whoever edits also reads."""
    sobject_name = str(record["Field"]).partition(".")[0]
    if sobject_name != record["SobjectType"] or not names_permissionable(org, str(record["Field"])):
        raise _bad_value("Field Name", str(record["Field"]), "Field")
    record["PermissionsRead"] = int(bool(record["PermissionsRead"] or record["PermissionsEdit"]))
    _refuse_twin(org, "FieldPermissions", record, "ParentId", "Field")


def names_permissionable(org: Org, full_name: str) -> bool:
    """Whether a field such as `Lead.Title` is there, and can be given or withheld."""
    sobject_name, _, field_name = full_name.partition(".")
    sobject = org.schema.find(sobject_name)
    found = sobject.field(field_name) if sobject else None
    return found is not None and is_permissionable(found)


def _refuse_twin(org: Org, name: str, record: Record, *keys: str) -> None:
    wanted: Record = {key: record[key] for key in keys}
    for other in org.store.find(org.sobject(name), {**wanted, "IsDeleted": 0}):
        if other["Id"] != record.get("Id"):
            message = f"duplicate value found: {keys[0]} duplicates value on record with id: "
            raise SalesforceError("DUPLICATE_VALUE", message + str(other["Id"])[:15], fields=())


def _bad_value(label: str, value: str, field: str) -> SalesforceError:
    return SalesforceError(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{label}: bad value for restricted picklist field: {value}",
        fields=[field],
    )
