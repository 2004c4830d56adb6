"""Reading SOQL into a tree; `soql_sql` turns the tree into SQL.

As in Salesforce, AND and OR must not be mixed on one level without parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

from integrations.simulators.salesforce.errors import SalesforceError

GRAMMAR = Path(__file__).with_name("soql.lark").read_text()

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_LIKE_ESCAPES = {"_": r"\_", "%": r"\%", "\\": r"\\"}


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
class Negation:
    """`NOT condition`."""

    condition: Condition


@dataclass(frozen=True)
class Junction:
    """Conditions joined by AND or OR."""

    operator: str
    conditions: tuple[Condition, ...]


Condition = Compare | Among | Negation | Junction


@dataclass(frozen=True)
class Order:
    """One sort key. Nulls come first unless the query says otherwise."""

    field: FieldPath
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """A SELECT; `fields` is empty for `COUNT()`."""

    sobject: str
    sobject_column: int
    fields: tuple[FieldPath, ...]
    where: Condition | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    alias: str | None = None


def malformed(text: str, column: int, message: str, code: str = "MALFORMED_QUERY") -> Exception:
    """The error with the caret that Salesforce draws below the query."""
    caret = " " * max(column - 1, 0) + "^"
    full = f"\n{text}\n{caret}\nERROR at Row:1:Column:{column}\n{message}"
    return SalesforceError(code, full)


def unescape(quoted: str, also: Mapping[str, str] | None = None) -> str:
    """The text of a string literal with its quotes. Raises `ValueError` for other backslashes."""
    known = _ESCAPES | dict(also or {})

    def replacement(match: re.Match[str]) -> str:
        sequence = match[1]
        if len(sequence) == 5:
            return chr(int(sequence[1:], 16))
        if sequence not in known:
            raise ValueError(f"Illegal escape sequence: {match[0]}")
        return known[sequence]

    return _ESCAPE.sub(replacement, quoted[1:-1])


def _text(literal: Literal) -> Literal:
    if literal.kind != "quoted":
        return literal
    return Literal("string", unescape(literal.value))


def _pattern(literal: Literal) -> Literal:
    """A LIKE pattern as SQL has it, with the backslash as its escape character."""
    if literal.kind != "quoted":
        return literal
    return Literal("string", unescape(literal.value, _LIKE_ESCAPES))


class TreeBuilder(Transformer[Token, Any]):
    """From the parser's tree to the classes of this module."""

    def field(self, names: list[Token]) -> FieldPath:
        return FieldPath(tuple(str(name) for name in names), names[0].column or 0)

    def string(self, items: list[Token]) -> Literal:
        return Literal("quoted", str(items[0]))

    def moment(self, items: list[Token]) -> Literal:
        return Literal("datetime", str(items[0]).upper())

    def day(self, items: list[Token]) -> Literal:
        return Literal("date", str(items[0]))

    def number(self, items: list[Token]) -> Literal:
        text = str(items[0])
        return Literal("number", float(text) if "." in text else int(text))

    def true(self, items: list[Token]) -> Literal:
        return Literal("boolean", True)

    def false(self, items: list[Token]) -> Literal:
        return Literal("boolean", False)

    def null(self, items: list[Token]) -> Literal:
        return Literal("null", None)

    def date_literal(self, items: list[Token]) -> Literal:
        count = int(items[1]) if len(items) > 1 else 0
        return Literal("date_literal", (str(items[0]).upper(), count))

    def literal_list(self, items: list[Literal]) -> tuple[Literal, ...]:
        return tuple(_text(item) for item in items)

    def compare(self, items: list[Any]) -> Compare:
        operator = "!=" if items[1] == "<>" else str(items[1])
        return Compare(items[0], operator, _text(items[2]))

    def like(self, items: list[Any]) -> Compare:
        return Compare(items[0], "LIKE", _pattern(items[1]))

    def among(self, items: list[Any]) -> Among:
        return Among(items[0], items[1], negated=False)

    def not_among(self, items: list[Any]) -> Among:
        return Among(items[0], items[1], negated=True)

    def negation(self, items: list[Condition]) -> Negation:
        return Negation(items[0])

    def all_of(self, items: list[Condition]) -> Junction:
        return Junction("AND", tuple(items))

    def any_of(self, items: list[Condition]) -> Junction:
        return Junction("OR", tuple(items))

    def where(self, items: list[Condition]) -> Condition:
        return items[0]

    def nulls(self, items: list[Token]) -> bool:
        return items[0].upper() == "LAST"

    def order_item(self, items: list[Any]) -> Order:
        path, direction, nulls_last = items
        return Order(path, bool(direction and direction.upper() == "DESC"), bool(nulls_last))

    def order_by(self, items: list[Order]) -> tuple[Order, ...]:
        return tuple(items)

    def limit(self, items: list[Token]) -> int:
        return int(items[0])

    def offset(self, items: list[Token]) -> int:
        return int(items[0])

    def count_all(self, items: list[Token]) -> tuple[FieldPath, ...]:
        return ()

    def field_list(self, items: list[FieldPath]) -> tuple[FieldPath, ...]:
        return tuple(items)

    def query(self, items: list[Any]) -> Query:
        fields, name, alias, where, order_by, limit, offset = items
        alias_name = str(alias.children[0]) if alias else None
        return Query(
            str(name), name.column, fields, where, order_by or (), limit, offset or 0, alias_name
        )


_PARSER = Lark(GRAMMAR, start=["query", "condition"], parser="lalr", maybe_placeholders=True)
_BUILDER = TreeBuilder()


def _parse(text: str, start: str) -> Any:
    try:
        return _BUILDER.transform(_PARSER.parse(text, start=start))
    except UnexpectedInput as error:
        raise _unexpected(text, error) from None
    except VisitError as error:
        raise malformed(text, 1, str(error.orig_exc)) from None


def _unexpected(text: str, error: UnexpectedInput) -> Exception:
    place = error.pos_in_stream or 0
    token: Token | None = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        return malformed(text, len(text) + 1, "unexpected token: '<EOF>'")
    return malformed(text, error.column, f"unexpected token: '{token or text[place : place + 1]}'")


def parse_query(text: str) -> Query:
    """Read a SELECT. Raises `SalesforceError` (MALFORMED_QUERY)."""
    if len(text) > 100_000:
        raise malformed(text[:100], 1, "SOQL statement is longer than 100,000 characters")
    query: Query = _parse(text, "query")
    if query.offset > 2_000:
        message = "Maximum SOQL offset allowed is 2000"
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", message)
    return query


def parse_condition(text: str) -> Condition:
    """Read a WHERE without its keyword, as parameterized search sends it."""
    condition: Condition = _parse(text, "condition")
    return condition
