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
class Literal:
    """A value. Kinds: string, number, boolean, null, date, datetime, date_literal.

    A date literal's value is its name and count, such as `("LAST_N_DAYS", 3)`.
    """

    kind: str
    value: Any


@dataclass(frozen=True)
class Compare:
    """`field operator literal`; operators =, !=, <, <=, >, >=, LIKE."""

    field: FieldPath
    operator: str
    literal: Literal


@dataclass(frozen=True)
class Among:
    """`field [NOT] IN (...)`."""

    field: FieldPath
    literals: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class SemiJoin:
    """`field [NOT] IN (SELECT selected FROM sobject WHERE ...)`."""

    field: FieldPath
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
class Aggregate:
    """`COUNT(field)` and its like; `function` in capitals. Without `alias` it is `expr0`."""

    function: str
    field: FieldPath
    alias: str | None = None


@dataclass(frozen=True)
class Order:
    """One sort key. Nulls come first unless the query says otherwise."""

    field: FieldPath | Aggregate
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


Selected = FieldPath | Aggregate | Children | TypeOf | FieldGroup


@dataclass(frozen=True)
class Query:
    """A SELECT; `fields` is empty for `COUNT()`."""

    sobject: str
    sobject_column: int
    fields: tuple[Selected, ...]
    where: Condition | None = None
    group_by: tuple[FieldPath, ...] = ()
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    alias: str | None = None
