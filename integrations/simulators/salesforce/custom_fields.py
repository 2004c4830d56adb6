"""Fields that an administrator adds, by the Tooling or the Metadata API (reference 7).

A field of Activity serves tasks and events. A new field is hidden from everybody until a permission
set shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from integrations.simulators.salesforce.access import FieldRule
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.ids import make_id
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.schema import (
    Field,
    day,
    email,
    flag,
    long_text,
    moment,
    number,
    phone,
    picklist,
    text,
)

ACTIVITY = "Activity"
ACTIVITY_OBJECTS = ("Task", "Event")
KEY_PREFIX = "00N"
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")

Metadata = Mapping[str, Any]


@dataclass(frozen=True)
class CustomField:
    """One definition. `sobject` is what it was defined on, `Activity` for both activities."""

    id: str
    sobject: str
    definition: Field
    metadata: Metadata = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """Such as `Lead.SMS_Opt_Out__c`."""
        return f"{self.sobject}.{self.definition.name}"


_TYPES: Mapping[str, Callable[[str, Metadata], Field]] = {
    "Checkbox": lambda name, given: flag(name, "", on=_is_true(given.get("defaultValue"))),
    "Date": lambda name, given: day(name, ""),
    "DateTime": lambda name, given: moment(name, ""),
    "Email": lambda name, given: email(name),
    "LongTextArea": lambda name, given: long_text(name, ""),
    "Number": lambda name, given: (
        number(name, "") if int(given.get("scale") or 0) == 0 else Field(name, "", "double")
    ),
    "Phone": lambda name, given: phone(name, ""),
    "Picklist": lambda name, given: picklist(name, "", *_values(given)),
    "Text": lambda name, given: text(name, "", int(given.get("length") or 255)),
    "Url": lambda name, given: replace(text(name, "", 255), type="url"),
}


def prepare(org: Org, full_name: str, metadata: Metadata) -> CustomField:
    """A field that may be added. Raises `SalesforceError`."""
    sobject, name = _split(org, full_name)
    make = _TYPES.get(str(metadata.get("type")))
    if make is None:
        raise refused(f"Custom fields of type {metadata.get('type')} cannot be made", "type")
    if not metadata.get("label"):
        raise refused("Required field is missing: label", "label")
    made = replace(
        make(name, metadata),
        label=str(metadata["label"]),
        external_id=_is_true(metadata.get("externalId")),
        unique=_is_true(metadata.get("unique")),
    )
    if _is_true(metadata.get("required")):
        made = replace(made, nillable=False)
    own_id = make_id(KEY_PREFIX, org.store.instance, org.store.next_number(KEY_PREFIX))
    return CustomField(own_id, sobject, made, metadata)


def add(org: Org, one: CustomField) -> None:
    """Add a field, hidden from everybody."""
    targets = objects_of(one.sobject)
    org.add_field(targets, one.definition)
    org.switches.custom_fields.append(one)
    hidden = [FieldRule(target, one.definition.name, hidden=True) for target in targets]
    org.switches.access.fields += hidden
    org.switches.access.changed()


def all_fields(org: Org) -> list[CustomField]:
    """Every custom field: those that came with the org, and those that were added."""
    added = list(org.switches.custom_fields)
    known = {(target, one.definition.name) for one in added for target in objects_of(one.sobject)}
    for sobject in org.schema.objects.values():
        for one in sobject.fields:
            if one.custom and (sobject.name, one.name) not in known:
                own_id = make_id(KEY_PREFIX, org.store.instance, 62**8 + len(added))
                added.append(CustomField(own_id, sobject.name, one))
    return added


def objects_of(sobject: str) -> tuple[str, ...]:
    """The objects that a definition serves."""
    return ACTIVITY_OBJECTS if sobject == ACTIVITY else (sobject,)


def refused(message: str, *fields: str) -> SalesforceError:
    """400 for a definition that cannot be."""
    return SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, fields=fields)


def _split(org: Org, full_name: str) -> tuple[str, str]:
    sobject, _, name = full_name.partition(".")
    bare = name.removesuffix("__c")
    if not name.endswith("__c") or not bare or not set(bare) <= _NAME_CHARACTERS:
        raise refused(f"{full_name} is not the name of a custom field", "FullName")
    if sobject in ACTIVITY_OBJECTS:
        raise refused(f"Fields of {sobject} are defined on {ACTIVITY}", "FullName")
    for target in objects_of(sobject):
        found = org.schema.find(target)
        if found is None or not found.createable:
            raise refused(f"{sobject} cannot have custom fields", "FullName")
        if found.field(name) is not None:
            raise SalesforceError(
                "DUPLICATE_DEVELOPER_NAME",
                f"There is already a field named {bare} on {sobject}.",
                fields=["DeveloperName"],
            )
    return sobject, name


def _values(metadata: Metadata) -> tuple[str, ...]:
    values = metadata.get("valueSet", {}).get("valueSetDefinition", {}).get("value", [])
    return tuple(str(one["fullName"]) for one in values)


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"
