"""What a SOQL query says, as `soql` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldPath:
    """A field, perhaps through relationships: `("Account", "Name")`. `column` counts from 1."""

    names: tuple[str, ...]
    column: int

    @property
    def text(self) -> str:
        """As it was written."""
        return ".".join(self.names)


@dataclass(frozen=True)
class Function:
    """`COUNT(field)`, `CALENDAR_YEAR(field)` and their like; `name` in capitals.

    `in_zone`: the field is wrapped in `convertTimezone`. Without `alias` it is `expr0`; a label has
    the name of its field.
    """

    name: str
    field: FieldPath
    in_zone: bool = False
    alias: str | None = None

    @property
    def is_label(self) -> bool:
        """Whether it is `toLabel(field)`."""
        return self.name == "TOLABEL"


Operand = FieldPath | Function
"""What can be compared, grouped and sorted."""


@dataclass(frozen=True)
class Literal:
    """A value. Kinds: string, number, boolean, null, date, datetime, date_literal.

    A date literal's value is its name and count, such as `("LAST_N_DAYS", 3)`.
    """

    kind: str
    value: Any


@dataclass(frozen=True)
class Compare:
    """`operand operator literal`; operators =, !=, <, <=, >, >=, LIKE."""

    operand: Operand
    operator: str
    literal: Literal


@dataclass(frozen=True)
class Among:
    """`operand [NOT] IN (...)`."""

    operand: Operand
    literals: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class SemiJoin:
    """`operand [NOT] IN (SELECT selected FROM sobject WHERE ...)`."""

    operand: Operand
    selected: FieldPath
    sobject: str
    where: Condition | None
    negated: bool


@dataclass(frozen=True)
class Negation:
    """`NOT condition`."""

    condition: Condition


@dataclass(frozen=True)
class Junction:
    """Conditions joined by AND or OR."""

    operator: str
    conditions: tuple[Condition, ...]


Condition = Compare | Among | SemiJoin | Negation | Junction


@dataclass(frozen=True)
class Order:
    """One sort key. Nulls come first unless the query says otherwise."""

    operand: Operand
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Children:
    """A sub-select of the children behind `relationship`, such as `Contacts`."""

    relationship: str
    fields: tuple[FieldPath, ...]
    where: Condition | None
    order_by: tuple[Order, ...]
    limit: int | None
    alias: str | None


@dataclass(frozen=True)
class TypeOf:
    """Fields by the object that stands behind a polymorphic `relationship`."""

    relationship: str
    by_type: tuple[tuple[str, tuple[FieldPath, ...]], ...]
    otherwise: tuple[FieldPath, ...]


@dataclass(frozen=True)
class FieldGroup:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)` or `FIELDS(CUSTOM)`."""

    name: str


Selected = FieldPath | Function | Children | TypeOf | FieldGroup


@dataclass(frozen=True)
class Query:
    """A SELECT; `fields` is empty for `COUNT()`.

    `scope` is that of USING SCOPE, in lower case; `purpose` is FOR's: VIEW, REFERENCE or UPDATE.
    """

    sobject: str
    sobject_column: int
    fields: tuple[Selected, ...]
    where: Condition | None = None
    group_by: tuple[Operand, ...] = ()
    having: Condition | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    alias: str | None = None
    scope: str | None = None
    purpose: str | None = None
