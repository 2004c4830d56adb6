"""Working out the rows of the objects in `access_schema`, just before a query reads them.

Every user has a permission set of their own, the shadow of a profile, because the switches of the
simulator speak of users.
"""

from __future__ import annotations

from collections.abc import Iterable

from integrations.simulators.salesforce.access import (
    ALL_PERMISSIONS,
    SETUP_OBJECTS,
)
from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.ids import MalformedIdError, make_id, to_18
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.permission_grants import SHADOW_NUMBERS
from integrations.simulators.salesforce.record_access import LEVELS, NEEDED_LEVEL, level_of
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.soql_names import place_of
from integrations.simulators.salesforce.soql_tree import (
    Among,
    Compare,
    Condition,
    Junction,
)
from integrations.simulators.salesforce.standard_fields import is_permissionable
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.tooling_rows import fill_tooling

MAX_RECORDS = 200


def fill(org: Org, caller: Caller, sobject: SObject, where: Condition | None) -> None:
    """Make the rows that a query on `sobject` may ask for; nothing for ordinary objects."""
    if sobject.name == "UserRecordAccess":
        _replace(org, sobject.name, _record_access(org, where))
    elif sobject.name == "UserPermissionAccess":
        _replace(org, sobject.name, [_user_permissions(org, caller)])
    elif sobject.name in SETUP_OBJECTS:
        _fill_setup(org)
    elif sobject.is_tooling:
        for name in {sobject.name, "EntityDefinition"}:
            fill_tooling(org, name)


def _replace(org: Org, name: str, rows: Iterable[Record]) -> None:
    sobject = org.sobject(name)
    org.store.execute(f'DELETE FROM "{sobject.name}"')  # noqa: S608 - a name of the schema
    for row in rows:
        org.store.insert(sobject, {"IsDeleted": 0, **row})


def _user_permissions(org: Org, caller: Caller) -> Record:
    row: Record = {name: int(org.may(caller.user_id, name)) for name in ALL_PERMISSIONS}
    return row | {"Id": caller.user_id}


def _record_access(org: Org, where: Condition | None) -> list[Record]:
    users, records = _asked(where, "userid"), _asked(where, "recordid")
    if len(users) != 1 or not 0 < len(records) <= MAX_RECORDS:
        message = (
            "UserRecordAccess must be filtered by one UserId and by RecordId, with no more than "
            f"{MAX_RECORDS} records"
        )
        raise SalesforceError("MALFORMED_QUERY", message)
    return [_access_to(org, users[0], record_id) for record_id in dict.fromkeys(records)]


def _access_to(org: Org, user_id: str, record_id: str) -> Record:
    level = level_of(org, user_id, record_id)
    row: Record = {
        f"Has{name}Access": int(LEVELS.index(level) >= LEVELS.index(needed))
        for name, needed in NEEDED_LEVEL.items()
    }
    ids: Record = {"Id": record_id, "UserId": user_id, "RecordId": record_id}
    return row | ids | {"MaxAccessLevel": level}


def _asked(where: Condition | None, name: str) -> list[str]:
    """The ids that the query, or a part of its AND, compares a field with."""
    if isinstance(where, Junction) and where.operator == "OR":
        return []
    parts = where.conditions if isinstance(where, Junction) else (where,)
    for part in parts:
        if not isinstance(part, Compare | Among):
            continue
        if place_of(part.operand).names[-1].lower() != name:
            continue
        if isinstance(part, Compare) and part.operator == "=":
            return _ids([part.literal.value])
        if isinstance(part, Among) and not part.negated:
            return _ids(one.value for one in part.literals)
    return []


def _ids(values: Iterable[object]) -> list[str]:
    try:
        return [to_18(str(value)) for value in values]
    except MalformedIdError as error:
        message = f"invalid ID field: {error}"
        raise SalesforceError("INVALID_QUERY_FILTER_OPERATOR", message) from None


def _fill_setup(org: Org) -> None:
    """The shadow sets of profiles, beside the sets that an administrator made."""
    users = org.store.find(org.sobject("User"), {})
    sets = [_own_id(org, "PermissionSet", number) for number, _ in enumerate(users, start=1)]
    rows: dict[str, list[Record]] = {name: [] for name in SETUP_OBJECTS}
    for set_id, user in zip(sets, users, strict=True):
        user_id = str(user["Id"])
        rows["PermissionSet"].append({"Id": set_id, **_shadow_set(org, user)})
        assignment: Record = {"AssigneeId": user_id, "PermissionSetId": set_id}
        rows["PermissionSetAssignment"].append(assignment)
        is_admin = int(org.profile_may(user_id, "PermissionsModifyAllData"))
        for sobject in org.profile_view_of(user_id).objects.values():
            if org.sobject(sobject.name).createable:
                rows["ObjectPermissions"].append(_object_row(set_id, sobject, is_admin))
                rows["FieldPermissions"] += _field_rows(set_id, sobject)
    for name, computed in rows.items():
        numbered = enumerate(computed, start=1)
        _replace_shadows(
            org, name, ({**row, "Id": _own_id(org, name, number)} for number, row in numbered)
        )


def _shadow_set(org: Org, user: Record) -> Record:
    user_id = str(user["Id"])
    row: Record = {name: int(org.profile_may(user_id, name)) for name in ALL_PERMISSIONS}
    names: Record = {
        "Name": f"X00e_{user['Alias']}",
        "Label": f"Profile of {user['Name']}",
        "ProfileId": user["ProfileId"],
        "IsOwnedByProfile": 1,
    }
    return row | names


def _replace_shadows(org: Org, name: str, rows: Iterable[Record]) -> None:
    sobject = org.sobject(name)
    org.store.execute(
        f'DELETE FROM "{sobject.name}" WHERE Id > ?',  # noqa: S608 - a name of the schema
        [_own_id(org, name, 0)],
    )
    for row in rows:
        org.store.insert(sobject, {"IsDeleted": 0, **row})


def _own_id(org: Org, name: str, number: int) -> str:
    return make_id(org.sobject(name).key_prefix, org.store.instance, SHADOW_NUMBERS + number)


def _object_row(set_id: str, sobject: SObject, is_admin: int) -> Record:
    return {
        "ParentId": set_id,
        "SobjectType": sobject.name,
        "PermissionsRead": 1,
        "PermissionsCreate": int(sobject.createable),
        "PermissionsEdit": int(sobject.updateable),
        "PermissionsDelete": int(sobject.deletable),
        "PermissionsViewAllRecords": is_admin,
        "PermissionsModifyAllRecords": is_admin,
    }


def _field_rows(set_id: str, sobject: SObject) -> list[Record]:
    """Required and system fields never have rows."""
    return [
        {
            "ParentId": set_id,
            "SobjectType": sobject.name,
            "Field": f"{sobject.name}.{one.name}",
            "PermissionsRead": 1,
            "PermissionsEdit": int(one.updateable or one.createable),
        }
        for one in sobject.fields
        if is_permissionable(one)
    ]
