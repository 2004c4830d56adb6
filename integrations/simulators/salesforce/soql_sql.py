"""From the SOQL tree to SQL over the store, with the checks that need the schema.

Salesforce compares text without regard to case, counts an unset value as different from any
value (`!=`, `NOT IN`), and takes ids in both lengths; so does this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.ids import MalformedIdError, to_18
from integrations.simulators.salesforce.record_access import visible
from integrations.simulators.salesforce.schema import Field, Schema, SObject, text
from integrations.simulators.salesforce.soql import malformed
from integrations.simulators.salesforce.soql_dates import literal_days, midnight
from integrations.simulators.salesforce.soql_tree import (
    Aggregate,
    Among,
    Compare,
    Condition,
    FieldPath,
    Junction,
    Literal,
    Order,
    SemiJoin,
)
from integrations.simulators.salesforce.standard_fields import ID
from integrations.simulators.salesforce.store import NAME_VIEW
from integrations.simulators.salesforce.values import Column, parse_time, to_wire_time

MAX_LEVELS = 5

NAME_OBJECT = SObject(
    NAME_VIEW,
    "Name",
    "Names",
    "",
    (
        ID,
        text("Name", "Name"),
        text("Type", "Type"),
        text("Phone", "Phone"),
        text("Email", "Email"),
    ),
)
"""What a polymorphic reference shows of whatever stands behind it."""

LITERAL_KINDS = {
    "boolean": "boolean",
    "int": "number",
    "double": "number",
    "currency": "number",
    "date": "date",
    "datetime": "datetime",
}

Sql = tuple[str, list[Column]]


@dataclass(frozen=True)
class Join:
    """A related record in the FROM clause."""

    alias: str
    sobject: SObject
    clause: str


@dataclass
class Compiler:
    """Resolves names and builds SQL for one query on `sobject`."""

    text: str
    schema: Schema
    sobject: SObject
    caller: Caller
    now: datetime
    own_name: str | None = None
    joins: dict[tuple[str, ...], Join] = field(default_factory=dict)

    def resolve(self, path: FieldPath) -> tuple[str, Field, tuple[str, ...]]:
        """SQL expression, field and canonical relationship path. Raises INVALID_FIELD."""
        names = path.names
        if self.own_name and len(names) > 1 and names[0].lower() == self.own_name.lower():
            names = names[1:]
        if len(names) > MAX_LEVELS + 1:
            raise self._refuse(path, "only five levels of relationships are supported")
        join = self._root
        steps: tuple[str, ...] = ()
        for name in names[:-1]:
            steps, join = self._step(path, steps, join, name)
        found = join.sobject.field(names[-1])
        if found is None:
            raise self._refuse(path, _no_such_column(names[-1], join.sobject.name))
        return f'{join.alias}."{found.name}"', found, steps

    @property
    def _root(self) -> Join:
        return Join("root", self.sobject, f'"{self.sobject.name}" root')

    def _step(
        self, path: FieldPath, steps: tuple[str, ...], join: Join, name: str
    ) -> tuple[tuple[str, ...], Join]:
        reference = join.sobject.relationship(name)
        if reference is None or reference.relationship is None:
            message = (
                f"Didn't understand relationship '{name}' in field path. If you are attempting "
                "to use a custom relationship, be sure to append the '__r' after the custom "
                "relationship name. Please reference your WSDL or the describe call for the "
                "appropriate names."
            )
            raise self._refuse(path, message)
        steps = (*steps, reference.relationship)
        if steps not in self.joins:
            is_single = len(reference.reference_to) == 1
            target = NAME_OBJECT
            if is_single:
                target = self._target(path, reference.reference_to[0])
            alias = f"r{len(self.joins)}"
            shown = visible(f"{alias}.Id", self.caller.user_id)
            clause = (
                f'LEFT JOIN "{target.name}" {alias} '
                f'ON {alias}.Id = {join.alias}."{reference.name}" AND {shown}'
            )
            self.joins[steps] = Join(alias, target, clause)
        return steps, self.joins[steps]

    def _target(self, path: FieldPath, name: str) -> SObject:
        target = self.schema.find(name)
        if target is None:
            raise self._refuse(path, f"Relation to sObject type '{name}' is not supported.")
        return target

    def source(self) -> str:
        """The FROM clause with every relationship that was resolved."""
        return " ".join([self._root.clause, *(join.clause for join in self.joins.values())])

    def condition(self, condition: Condition) -> Sql:
        """A WHERE clause."""
        if isinstance(condition, Compare):
            return self._compare(condition)
        if isinstance(condition, Among):
            return self._among(condition)
        if isinstance(condition, SemiJoin):
            return self._semi_join(condition)
        if isinstance(condition, Junction):
            parts = [self.condition(one) for one in condition.conditions]
            clause = f" {condition.operator} ".join(f"({sql})" for sql, _ in parts)
            return clause, [value for _, values in parts for value in values]
        sql, values = self.condition(condition.condition)
        return f"NOT coalesce(({sql}), 0)", values

    def order(self, orders: Sequence[Order]) -> str:
        """An ORDER BY clause; the id breaks ties, so that pages are stable."""
        parts = []
        for order in orders:
            if isinstance(order.field, Aggregate):
                raise malformed(
                    self.text, order.field.field.column, "Ordering by an aggregate needs groups"
                )
            expression, found, _ = self.resolve(order.field)
            if not found.filterable:
                raise self._refuse(
                    order.field, f"field '{found.name}' can not be sorted in a query call"
                )
            direction = "DESC" if order.descending else "ASC"
            nulls = "LAST" if order.nulls_last else "FIRST"
            parts.append(f"{expression} {direction} NULLS {nulls}")
        return ", ".join([*parts, "root.Id"])

    def _filterable(self, path: FieldPath) -> tuple[str, Field]:
        expression, found, _ = self.resolve(path)
        if not found.filterable:
            raise self._refuse(path, f"field '{found.name}' can not be filtered in a query call")
        return expression, found

    def _compare(self, compare: Compare) -> Sql:
        expression, found = self._filterable(compare.field)
        literal = compare.literal
        if literal.kind == "date_literal":
            return self._compare_range(compare, expression, found)
        value = self._value(compare.field, found, literal)
        if compare.operator == "LIKE":
            if found.sql_type != "TEXT COLLATE NOCASE" or value is None:
                raise self._bad_operator(compare.field, "LIKE")
            return f"{expression} LIKE ? ESCAPE '\\'", [value]
        if compare.operator == "=":
            return f"{expression} IS ?", [value]
        if compare.operator == "!=":
            return f"{expression} IS NOT ?", [value]
        if value is None or found.type == "boolean":
            raise self._bad_operator(compare.field, compare.operator)
        return f"{expression} {compare.operator} ?", [value]

    def _among(self, among: Among) -> Sql:
        expression, found = self._filterable(among.field)
        values = [self._value(among.field, found, literal) for literal in among.literals]
        known = [value for value in values if value is not None]
        clause = f"{expression} IN ({', '.join('?' * len(known))})"
        if None in values:
            clause = f"({clause} OR {expression} IS NULL)"
        if among.negated:
            clause = f"NOT coalesce({clause}, 0)"
        return clause, list(known)

    def _semi_join(self, wanted: SemiJoin) -> Sql:
        """Aliases of the inner query hide those of the outer one, as SQL has it."""
        expression, _ = self._filterable(wanted.field)
        sobject = self.schema.find(wanted.sobject)
        if sobject is None:
            message = f"sObject type '{wanted.sobject}' is not supported."
            raise malformed(self.text, wanted.selected.column, message, "INVALID_TYPE")
        inner = Compiler(self.text, self.schema, sobject, self.caller, self.now, sobject.name)
        selected, found, _ = inner.resolve(wanted.selected)
        if not found.is_reference:
            message = f"The inner select of a semi-join must be an id: {found.name}"
            raise malformed(self.text, wanted.selected.column, message)
        where, values = inner.condition(wanted.where) if wanted.where else ("1", [])
        clause = (
            f"{expression} IN (SELECT {selected} FROM {inner.source()} "  # noqa: S608
            f"WHERE root.IsDeleted IS NOT 1 AND {selected} IS NOT NULL AND ({where}))"
        )
        return (f"NOT coalesce({clause}, 0)" if wanted.negated else clause), values

    def _compare_range(self, compare: Compare, expression: str, found: Field) -> Sql:
        name, count = compare.literal.value
        today = self.now.astimezone(self.caller.time_zone).date()
        days = literal_days(name, count, today)
        if days is None or found.type not in ("date", "datetime"):
            raise malformed(self.text, compare.field.column, f"unexpected token: '{name}'")
        bounds: list[Column] = [day.isoformat() for day in days]
        if found.type == "datetime":
            bounds = [to_wire_time(midnight(day, self.caller.time_zone)) for day in days]
        first, after = bounds
        by_operator: dict[str, Sql] = {
            "=": (f"{expression} >= ? AND {expression} < ?", [first, after]),
            "!=": (f"coalesce({expression} < ? OR {expression} >= ?, 1)", [first, after]),
            "<": (f"{expression} < ?", [first]),
            "<=": (f"{expression} < ?", [after]),
            ">": (f"{expression} >= ?", [after]),
            ">=": (f"{expression} >= ?", [first]),
        }
        if compare.operator not in by_operator:
            raise self._bad_operator(compare.field, compare.operator)
        return by_operator[compare.operator]

    def _value(self, path: FieldPath, found: Field, literal: Literal) -> Column:
        if literal.kind == "null":
            return None
        wanted = LITERAL_KINDS.get(found.type, "string")
        if literal.kind != wanted:
            quotes = "should be" if wanted == "string" else "should not be"
            raise self._refuse(
                path,
                f"value of filter criterion for field '{found.name}' must be of type "
                f"{found.type} and {quotes} enclosed in quotes",
            )
        if wanted == "boolean":
            return int(literal.value)
        if wanted == "datetime":
            return to_wire_time(parse_time(literal.value))
        if found.is_reference and literal.value:
            return self._id(str(literal.value))
        value: Column = literal.value
        return None if value == "" else value

    def _id(self, value: str) -> str:
        try:
            return to_18(value)
        except MalformedIdError:
            message = f"invalid ID field: {value}"
            raise SalesforceError("INVALID_QUERY_FILTER_OPERATOR", message) from None

    def _bad_operator(self, path: FieldPath, operator: str) -> Exception:
        message = f"invalid operator on {path.names[-1]} field: {operator}"
        return malformed(self.text, path.column, message, "INVALID_QUERY_FILTER_OPERATOR")

    def _refuse(self, path: FieldPath, message: str) -> Exception:
        return malformed(self.text, path.column, message, "INVALID_FIELD")


def _no_such_column(name: str, entity: str) -> str:
    return (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom "
        "field, be sure to append the '__c' after the custom field name. Please reference your "
        "WSDL or the describe call for the appropriate names."
    )
