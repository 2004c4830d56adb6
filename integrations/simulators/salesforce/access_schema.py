"""The objects in which an org tells who may do what (reference 6).

Their rows are worked out when somebody asks: see `access_rows`.
"""

from __future__ import annotations

from dataclasses import replace

from integrations.simulators.salesforce.access import ALL_PERMISSIONS
from integrations.simulators.salesforce.schema import Field, SObject, flag, lookup, text
from integrations.simulators.salesforce.standard_fields import define_object, read_only

_OBJECT_PERMISSIONS = ("Read", "Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")


def _told(name: str, label: str, key_prefix: str, *fields: Field) -> SObject:
    return define_object(
        name,
        label,
        f"{label}s",
        key_prefix,
        fields,
        createable=False,
        updateable=False,
        deletable=False,
    )


PROFILE = _told("Profile", "Profile", "00e", replace(text("Name", "Name"), name_field=True))

USER_ROLE = _told(
    "UserRole",
    "Role",
    "00E",
    replace(text("Name", "Name", 80), name_field=True),
    text("DeveloperName", "Developer Name", 80),
    lookup("ParentRoleId", "Parent Role ID", "UserRole"),
)

USER_RECORD_ACCESS = _told(
    "UserRecordAccess",
    "User Record Access",
    "",
    lookup("UserId", "User ID", "User"),
    Field("RecordId", "Record ID", "reference", 18),
    *(
        read_only(flag(f"Has{name}Access", f"Has {name} Access"))
        for name in ("Read", "Edit", "Delete", "Transfer", "All")
    ),
    text("MaxAccessLevel", "Maximum Access Level", 40),
)

USER_PERMISSION_ACCESS = _told(
    "UserPermissionAccess",
    "User Permission Access",
    "",
    *(read_only(flag(name, name)) for name in sorted(ALL_PERMISSIONS)),
)

PERMISSION_SET = define_object(
    "PermissionSet",
    "Permission Set",
    "Permission Sets",
    "0PS",
    [
        replace(text("Name", "Name", 80, required=True), name_field=True, unique=True),
        text("Label", "Label", 80, required=True),
        text("Description", "Description", 255),
        read_only(lookup("ProfileId", "Profile ID", "Profile")),
        read_only(flag("IsOwnedByProfile", "Is Owned By Profile")),
        *(flag(name, name) for name in sorted(ALL_PERMISSIONS)),
    ],
)

PERMISSION_SET_ASSIGNMENT = define_object(
    "PermissionSetAssignment",
    "Permission Set Assignment",
    "Permission Set Assignments",
    "0Pa",
    [
        replace(lookup("AssigneeId", "Assignee ID", "User"), nillable=False),
        replace(lookup("PermissionSetId", "Permission Set ID", "PermissionSet"), nillable=False),
    ],
    updateable=False,
)

OBJECT_PERMISSIONS = define_object(
    "ObjectPermissions",
    "Object Permission",
    "Object Permissions",
    "110",
    [
        replace(lookup("ParentId", "Parent ID", "PermissionSet"), nillable=False),
        text("SobjectType", "Object Type Name", 40, required=True),
        *(flag(f"Permissions{name}", name) for name in _OBJECT_PERMISSIONS),
    ],
)

FIELD_PERMISSIONS = define_object(
    "FieldPermissions",
    "Field Permission",
    "Field Permissions",
    "01k",
    [
        replace(lookup("ParentId", "Parent ID", "PermissionSet"), nillable=False),
        text("SobjectType", "Object Type Name", 40, required=True),
        text("Field", "Field Name", 255, required=True),
        flag("PermissionsRead", "Read Field"),
        flag("PermissionsEdit", "Edit Field"),
    ],
)

ACCESS_OBJECTS = (
    FIELD_PERMISSIONS,
    OBJECT_PERMISSIONS,
    PERMISSION_SET,
    PERMISSION_SET_ASSIGNMENT,
    PROFILE,
    USER_PERMISSION_ACCESS,
    USER_RECORD_ACCESS,
    USER_ROLE,
)
