"""A permission set as a file: what it must fulfil, and how it becomes rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from integrations.simulators.salesforce.metadata_package import Element, elements
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.permission_sets import NOT_BY_OBJECT, names_permissionable
from integrations.simulators.salesforce.records import create_record, update_record

COMPOUNDS = {"Address": "", "BillingAddress": "Billing", "MailingAddress": "Mailing"}
"""Addresses, whose permissions are those of all of their parts."""
PARTS = ("Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode")
PARENTS = {"Contact": "Account", "Opportunity": "Account", "CampaignMember": "Campaign"}
"""Objects that cannot be read without another one."""
_FLAGS = {
    "PermissionsRead": "allowRead",
    "PermissionsCreate": "allowCreate",
    "PermissionsEdit": "allowEdit",
    "PermissionsDelete": "allowDelete",
    "PermissionsViewAllRecords": "viewAllRecords",
    "PermissionsModifyAllRecords": "modifyAllRecords",
}


def _is_on(element: Mapping[str, object], name: str) -> bool:
    return element.get(name) == "true"


@dataclass(frozen=True)
class PermissionSetFile:
    """One `.permissionset`, read."""

    name: str
    content: Element

    def problem(
        self, org: Org, new_fields: Collection[str], permissions: Collection[str]
    ) -> str | None:
        """The first thing that is wrong with it; `new_fields` come with the same package."""
        if not self.content.get("label"):
            return "Required field is missing: label"
        for name in self._user_permissions():
            if f"Permissions{name}" not in permissions:
                return f"Unknown user permission: {name}"
        for one in elements(self.content, "fieldPermissions"):
            if not self._is_field(org, str(one["field"]), new_fields):
                return f"In field: field - no CustomField named {one['field']} found"
        return self._problem_of_objects(org)

    def _problem_of_objects(self, org: Org) -> str | None:
        readable = {
            str(one["object"])
            for one in elements(self.content, "objectPermissions")
            if _is_on(one, "allowRead")
        }
        for one in elements(self.content, "objectPermissions"):
            name = str(one["object"])
            if name in NOT_BY_OBJECT or org.schema.find(name) is None:
                return f"In field: object - no CustomObject named {name} found"
            parent = PARENTS.get(name)
            if parent is not None and parent not in readable:
                return f"Permission Read {name} depends on permission(s): Read {parent}"
        return None

    def _is_field(self, org: Org, name: str, new_fields: Collection[str]) -> bool:
        if name in new_fields:
            return True
        parts = list(_parts_of(name))
        return all(names_permissionable(org, part) for part in parts[:1])

    def _user_permissions(self) -> Iterator[str]:
        for one in elements(self.content, "userPermissions"):
            if _is_on(one, "enabled"):
                yield str(one["name"])

    def save(self, org: Org, actor_id: str) -> None:
        """Make the set, or make an older one anew with the same name."""
        wanted = {
            "Label": str(self.content["label"]),
            "Description": self.content.get("description") or None,
            **{f"Permissions{name}": True for name in self._user_permissions()},
        }
        sobject = org.sobject("PermissionSet")
        found = org.store.find(sobject, {"Name": self.name, "IsDeleted": 0})
        if found:
            set_id = str(found[0]["Id"])
            update_record(org, actor_id, sobject, set_id, wanted)
            for name in ("ObjectPermissions", "FieldPermissions"):
                org.store.execute(
                    f"DELETE FROM {name} WHERE ParentId = ?",  # noqa: S608 - our own tables
                    [set_id],
                )
        else:
            set_id = create_record(org, actor_id, sobject, {"Name": self.name, **wanted})
        for name, row in self._rows(org):
            create_record(org, actor_id, org.sobject(name), {"ParentId": set_id, **row})
        org.switches.access.changed()

    def _rows(self, org: Org) -> Iterator[tuple[str, dict[str, object]]]:
        for one in elements(self.content, "objectPermissions"):
            flags = {column: _is_on(one, element) for column, element in _FLAGS.items()}
            yield "ObjectPermissions", {"SobjectType": str(one["object"]), **flags}
        for one in elements(self.content, "fieldPermissions"):
            for name in _parts_of(str(one["field"])):
                if not names_permissionable(org, name):
                    continue  # codes of places, where the org has none
                yield (
                    "FieldPermissions",
                    {
                        "SobjectType": name.partition(".")[0],
                        "Field": name,
                        "PermissionsRead": _is_on(one, "readable"),
                        "PermissionsEdit": _is_on(one, "editable"),
                    },
                )


def _parts_of(full_name: str) -> Iterator[str]:
    """The fields behind a name: an address has several."""
    sobject, _, name = full_name.partition(".")
    prefix = COMPOUNDS.get(name)
    if prefix is None:
        yield full_name
        return
    yield from (f"{sobject}.{prefix}{part}" for part in PARTS)
