"""Reading SOQL into the tree of `soql_tree`; `soql_sql` turns that into SQL.

As in Salesforce, AND and OR must not be mixed on one level without parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.soql_tree import (
    Among,
    Children,
    Compare,
    Condition,
    FieldGroup,
    FieldPath,
    Function,
    Junction,
    Literal,
    Negation,
    Operand,
    Order,
    Query,
    Selected,
    SemiJoin,
    TypeOf,
)

GRAMMAR = Path(__file__).with_name("soql.lark").read_text()

#: Characters of a statement, and of one string in its conditions (reference 3.4).
MAX_STATEMENT, MAX_STRING = 100_000, 4_000
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_LIKE_ESCAPES = {"_": r"\_", "%": r"\%", "\\": r"\\"}


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
    return Literal("string", _within_limit(unescape(literal.value)))


def _pattern(literal: Literal) -> Literal:
    """A LIKE pattern as SQL has it, with the backslash as its escape character."""
    if literal.kind != "quoted":
        return literal
    return Literal("string", _within_limit(unescape(literal.value, _LIKE_ESCAPES)))


def _within_limit(value: str) -> str:
    if len(value) > MAX_STRING:
        raise ValueError(f"a string in a query may have at most {MAX_STRING} characters")
    return value


class TreeBuilder(Transformer[Token, Any]):
    """From the parser's tree to the classes of `soql_tree`."""

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

    def semi_join(self, items: list[Any]) -> tuple[FieldPath, str, Condition | None]:
        path, name, _, where = items
        return path, str(name), where

    def among_selected(self, items: list[Any]) -> SemiJoin:
        selected, sobject, where = items[1]
        return SemiJoin(items[0], selected, sobject, where, negated=False)

    def not_among_selected(self, items: list[Any]) -> SemiJoin:
        selected, sobject, where = items[1]
        return SemiJoin(items[0], selected, sobject, where, negated=True)

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

    def count_all(self, items: list[Token]) -> tuple[Selected, ...]:
        return ()

    def field_list(self, items: list[Selected]) -> tuple[Selected, ...]:
        return tuple(items)

    def inner_function(self, items: list[Any]) -> Function:
        return Function(str(items[0]).upper(), items[1])

    def function(self, items: list[Any]) -> Function:
        name, inner = str(items[0]), items[1]
        if isinstance(inner, FieldPath):
            return Function(name.upper(), inner)
        if inner.name != "CONVERTTIMEZONE":
            raise ValueError(f"unexpected token: '{inner.name}'")
        return Function(name.upper(), inner.field, in_zone=True)

    def aliased(self, items: list[Any]) -> Function:
        function: Function = items[0]
        return replace(function, alias=str(items[1]) if items[1] else None)

    def children_list(self, items: list[FieldPath]) -> tuple[FieldPath, ...]:
        return tuple(items)

    def children(self, items: list[Any]) -> Children:
        fields, name, alias, where, order_by, limit = items
        return Children(str(name), fields, where, order_by or (), limit, alias)

    def when(self, items: list[Any]) -> tuple[str, tuple[FieldPath, ...]]:
        return str(items[0]), tuple(items[1:])

    def else_fields(self, items: list[FieldPath]) -> list[FieldPath]:
        return items

    def typeof(self, items: list[Any]) -> TypeOf:
        name, *cases, otherwise = items
        return TypeOf(str(name), tuple(cases), tuple(otherwise or ()))

    def field_group(self, items: list[Token]) -> FieldGroup:
        return FieldGroup(str(items[1]).upper())

    def alias(self, items: list[Token]) -> str:
        return str(items[0])

    def scope(self, items: list[Token]) -> str:
        return str(items[0]).lower()

    def purpose(self, items: list[Token]) -> str:
        return str(items[0]).upper()

    def group_by(self, items: list[Operand]) -> tuple[Operand, ...]:
        return tuple(items)

    def having(self, items: list[Condition]) -> Condition:
        return items[0]

    def query(self, items: list[Any]) -> Query:
        fields, name, alias, scope, where, group_by, having, order_by, *rest = items
        limit, offset, purpose = rest
        return Query(
            str(name),
            name.column,
            fields,
            where,
            group_by or (),
            having,
            order_by or (),
            limit,
            offset or 0,
            alias,
            scope,
            purpose,
        )


_PARSER = Lark(
    GRAMMAR, start=["query", "condition", "order_by"], parser="lalr", maybe_placeholders=True
)
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
    if len(text) > MAX_STATEMENT:
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


def parse_order(text: str) -> tuple[Order, ...]:
    """Read an ORDER BY without its keywords, as parameterized search sends it."""
    orders: tuple[Order, ...] = _parse(f"ORDER BY {text}", "order_by")
    return orders
