"""The objects in which an org tells who may do what (reference 6).

Their rows are worked out when somebody asks: see `access_rows`.
"""

from __future__ import annotations

from dataclasses import replace

from integrations.simulators.salesforce.access import ADMIN_PERMISSIONS, USER_PERMISSIONS
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
    *(read_only(flag(name, name)) for name in sorted(ADMIN_PERMISSIONS + USER_PERMISSIONS)),
)

PERMISSION_SET = _told(
    "PermissionSet",
    "Permission Set",
    "0PS",
    replace(text("Name", "Name", 80), name_field=True),
    text("Label", "Label", 80),
    lookup("ProfileId", "Profile ID", "Profile"),
    flag("IsOwnedByProfile", "Is Owned By Profile"),
)

PERMISSION_SET_ASSIGNMENT = _told(
    "PermissionSetAssignment",
    "Permission Set Assignment",
    "0Pa",
    lookup("AssigneeId", "Assignee ID", "User"),
    lookup("PermissionSetId", "Permission Set ID", "PermissionSet"),
)

OBJECT_PERMISSIONS = _told(
    "ObjectPermissions",
    "Object Permission",
    "110",
    lookup("ParentId", "Parent ID", "PermissionSet"),
    text("SobjectType", "Object Type", 40),
    *(flag(f"Permissions{name}", name) for name in _OBJECT_PERMISSIONS),
)

FIELD_PERMISSIONS = _told(
    "FieldPermissions",
    "Field Permission",
    "01k",
    lookup("ParentId", "Parent ID", "PermissionSet"),
    text("SobjectType", "Object Type", 40),
    text("Field", "Field Name", 255),
    flag("PermissionsRead", "Read Field"),
    flag("PermissionsEdit", "Edit Field"),
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
