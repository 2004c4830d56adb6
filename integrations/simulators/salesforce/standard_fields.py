"""The fields that every object has, and the way objects are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from integrations.simulators.salesforce.schema import Field, SObject, flag, lookup, moment


def read_only(one: Field) -> Field:
    """The same field, which only Salesforce itself sets."""
    return replace(one, createable=False, updateable=False)


ID = Field("Id", "Record ID", "id", 18, createable=False, updateable=False, nillable=False)
SYSTEM_FIELDS: tuple[Field, ...] = (
    read_only(flag("IsDeleted", "Deleted")),
    read_only(moment("CreatedDate", "Created Date")),
    read_only(lookup("CreatedById", "Created By ID", "User")),
    read_only(moment("LastModifiedDate", "Last Modified Date")),
    read_only(lookup("LastModifiedById", "Last Modified By ID", "User")),
    read_only(moment("SystemModstamp", "System Modstamp")),
)

_SYSTEM_NAMES = frozenset({ID.name, *(one.name for one in SYSTEM_FIELDS)})


def is_permissionable(one: Field) -> bool:
    """Whether a field can be given or withheld: required and system fields cannot."""
    can_be_empty = one.nillable or (one.type == "boolean" and one.updateable)
    return can_be_empty and one.name not in _SYSTEM_NAMES


def define_object(
    name: str,
    label: str,
    label_plural: str,
    key_prefix: str,
    fields: Sequence[Field],
    *,
    createable: bool = True,
    updateable: bool = True,
    deletable: bool = True,
    searchable: bool = False,
) -> SObject:
    """An object with its own fields between the id and the system fields."""
    return SObject(
        name,
        label,
        label_plural,
        key_prefix,
        (ID, *fields, *SYSTEM_FIELDS),
        createable=createable,
        updateable=updateable,
        deletable=deletable,
        searchable=searchable,
    )
