"""The vocabulary of a schema: fields and objects, and short ways to write them down.

Types, lengths and flags follow real describes (reference 3.3). Names are found case-insensitively,
as Salesforce does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Field:
    """One field of an object; the defaults are those of an ordinary optional field."""

    name: str
    label: str
    type: str = "string"
    length: int = 0
    createable: bool = True
    updateable: bool = True
    nillable: bool = True
    default: str | int | None = None
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    filterable: bool = True
    external_id: bool = False
    unique: bool = False
    name_field: bool = False
    child_relationship: str | None = None

    @property
    def custom(self) -> bool:
        """Whether a customer made it."""
        return self.name.endswith("__c")

    @property
    def defaulted(self) -> bool:
        """Whether a create may leave it out although it is never empty."""
        return self.default is not None or self.type == "boolean" or self.name == "OwnerId"

    @property
    def required(self) -> bool:
        """Whether a create must name it."""
        return self.createable and not self.nillable and not self.defaulted

    @property
    def is_reference(self) -> bool:
        """Whether it holds a record id (the record's own included)."""
        return self.type in ("id", "reference")

    @property
    def is_text(self) -> bool:
        """Whether its column holds text."""
        return self.sql_type.startswith("TEXT")

    @property
    def sql_type(self) -> str:
        """The affinity of its column; text compares without regard to case, ids with."""
        if self.type in ("boolean", "int"):
            return "INTEGER"
        if self.type in ("double", "currency", "percent"):
            return "REAL"
        return "TEXT" if self.is_reference else "TEXT COLLATE NOCASE"


@dataclass(frozen=True)
class SObject:
    """One object of the org."""

    name: str
    label: str
    label_plural: str
    key_prefix: str
    fields: Sequence[Field]
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    searchable: bool = False
    is_tooling: bool = False
    _by_name: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {one.name.lower(): one for one in self.fields}
        object.__setattr__(self, "_by_name", by_name)

    def field(self, name: str) -> Field | None:
        """The field of that name in any case, or None."""
        return self._by_name.get(name.lower())

    def relationship(self, name: str) -> Field | None:
        """The reference field behind a relationship name such as `Account` or `Who`."""
        return self._by_relationship.get(name.lower())

    @cached_property
    def _by_relationship(self) -> dict[str, Field]:
        return {one.relationship.lower(): one for one in self.fields if one.relationship}


class Schema:
    """The objects of one org."""

    def __init__(self, objects: Iterable[SObject]) -> None:
        self.objects = {one.name: one for one in objects}
        self._by_name = {one.name.lower(): one for one in self.objects.values()}
        self._by_prefix = {one.key_prefix: one for one in self.objects.values() if one.key_prefix}

    def find(self, name: str) -> SObject | None:
        """The object of that name in any case, or None."""
        return self._by_name.get(name.lower())

    def child(self, parent: SObject, relationship: str) -> tuple[SObject, Field] | None:
        """The object and field behind a parent's name for its children, such as `Contacts`."""
        for one in self.objects.values():
            for link in one.fields:
                name = link.child_relationship or ""
                if name.lower() == relationship.lower() and parent.name in link.reference_to:
                    return one, link
        return None

    def of_id(self, record_id: str) -> SObject | None:
        """The object whose key prefix an id carries, or None."""
        return self._by_prefix.get(record_id[:3])


def text(name: str, label: str, length: int = 255, *, required: bool = False) -> Field:
    """A line of text."""
    return Field(name, label, "string", length, nillable=not required)


def phone(name: str, label: str) -> Field:
    """A phone field: forty characters stored as sent (reference 3.6)."""
    return Field(name, label, "phone", 40)


def email(name: str, label: str = "Email") -> Field:
    """An e-mail address."""
    return Field(name, label, "email", 80)


def long_text(name: str, label: str) -> Field:
    """A long text area, which no query can filter or sort by (reference 3.3)."""
    return Field(name, label, "textarea", 32_000, filterable=False)


def picklist(
    name: str,
    label: str,
    *values: str,
    default: str | None = None,
    restricted: bool = False,
    updateable: bool = True,
) -> Field:
    """A picklist; an unrestricted one takes any text."""
    length = 40 if restricted else 255
    return Field(
        name,
        label,
        "picklist",
        length,
        picklist=values,
        default=default,
        restricted=restricted,
        updateable=updateable,
        nillable=default is None,
    )


def flag(name: str, label: str, *, on: bool = False) -> Field:
    """A checkbox, never null."""
    return Field(name, label, "boolean", default=int(on), nillable=False)


def lookup(
    name: str,
    label: str,
    *targets: str,
    relationship: str | None = None,
    children: str | None = None,
) -> Field:
    """A reference to a record; the relationship name defaults to the field's without `Id`.

    `children` is what the target calls the records that point to it.
    """
    return Field(
        name,
        label,
        "reference",
        18,
        reference_to=targets,
        relationship=relationship or name.removesuffix("Id"),
        child_relationship=children,
        nillable=name != "OwnerId",
    )


def moment(name: str, label: str) -> Field:
    """A point in time (UTC on the wire)."""
    return Field(name, label, "datetime")


def day(name: str, label: str) -> Field:
    """A calendar date, without a zone."""
    return Field(name, label, "date")


def number(name: str, label: str) -> Field:
    """A whole number."""
    return Field(name, label, "int")
