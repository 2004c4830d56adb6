"""From the SOQL tree to SQL over the store, with the checks that need the schema.

Salesforce compares text without regard to case, counts an unset value as different from any
value (`!=`, `NOT IN`), and takes ids in both lengths; so does this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.ids import MalformedIdError, to_18
from integrations.simulators.salesforce.schema import Field
from integrations.simulators.salesforce.soql import malformed
from integrations.simulators.salesforce.soql_dates import literal_days, midnight
from integrations.simulators.salesforce.soql_functions import (
    AGGREGATES,
    UnknownFunctionError,
    aggregate_sql,
    date_part_sql,
    label_sql,
)
from integrations.simulators.salesforce.soql_names import Names, place_of
from integrations.simulators.salesforce.soql_tree import (
    Among,
    Compare,
    Condition,
    FieldPath,
    Function,
    Junction,
    Literal,
    Operand,
    Order,
    SemiJoin,
)
from integrations.simulators.salesforce.values import Column, parse_time, to_wire_time

LITERAL_KINDS = {
    "boolean": "boolean",
    "int": "number",
    "double": "number",
    "currency": "number",
    "date": "date",
    "datetime": "datetime",
}

Sql = tuple[str, list[Column]]


@dataclass
class Compiler(Names):
    """Builds SQL for one query on `sobject`.

    `groups` are the expressions that a HAVING may name beside aggregates; None anywhere else.
    """

    groups: Sequence[str] | None = None

    def operand(self, operand: Operand) -> tuple[str, Field]:
        """SQL of a field, its label, or a part of a date. Raises `SalesforceError`."""
        if isinstance(operand, FieldPath):
            return self.resolve(operand)[:2]
        expression, found, _ = self.resolve(operand.field)
        zone = self.caller.time_zone.key if operand.in_zone else None
        try:
            if operand.is_label:
                task = self.schema.find("Task")
                is_task_status = task is not None and found == task.field("Status")
                return label_sql(expression, found, is_task_status=is_task_status)
            return date_part_sql(operand.name, expression, found, zone)
        except UnknownFunctionError as error:
            raise malformed(self.text, operand.field.column, str(error)) from None

    def aggregate(self, wanted: Function) -> tuple[str, Field]:
        """SQL of an aggregate. Raises `SalesforceError`."""
        expression, found, _ = self.resolve(wanted.field)
        try:
            return aggregate_sql(wanted.name, expression, found)
        except UnknownFunctionError as error:
            raise malformed(self.text, wanted.field.column, str(error)) from None

    def having(self, condition: Condition, groups: Sequence[str]) -> Sql:
        """A HAVING clause."""
        return replace(self, groups=groups).condition(condition)

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
            if isinstance(order.operand, Function) and order.operand.is_label:
                message = "function toLabel is not supported in an ORDER BY clause"
                raise malformed(self.text, order.operand.field.column, message)
            expression, found = self.operand(order.operand)
            if not found.filterable:
                raise self.refuse(
                    order.operand, f"field '{found.name}' can not be sorted in a query call"
                )
            direction = "DESC" if order.descending else "ASC"
            nulls = "LAST" if order.nulls_last else "FIRST"
            parts.append(f"{expression} {direction} NULLS {nulls}")
        return ", ".join([*parts, "root.Id"])

    def _filterable(self, operand: Operand) -> tuple[str, Field]:
        if self.groups is not None:
            return self._of_group(operand, self.groups)
        expression, found = self.operand(operand)
        if not found.filterable:
            raise self.refuse(operand, f"field '{found.name}' can not be filtered in a query call")
        return expression, found

    def _of_group(self, operand: Operand, groups: Sequence[str]) -> tuple[str, Field]:
        if isinstance(operand, Function) and operand.name in AGGREGATES:
            return self.aggregate(operand)
        expression, found = self.operand(operand)
        if expression not in groups:
            name, column = found.name, place_of(operand).column
            raise malformed(self.text, column, f"Field must be grouped or aggregated: {name}")
        return expression, found

    def _compare(self, compare: Compare) -> Sql:
        expression, found = self._filterable(compare.operand)
        literal = compare.literal
        if literal.kind == "date_literal":
            return self._compare_range(compare, expression, found)
        value = self._value(compare.operand, found, literal)
        if compare.operator == "LIKE":
            if found.sql_type != "TEXT COLLATE NOCASE" or value is None:
                raise self._bad_operator(compare.operand, "LIKE")
            return f"{expression} LIKE ? ESCAPE '\\'", [value]
        if compare.operator == "=":
            return f"{expression} IS ?", [value]
        if compare.operator == "!=":
            return f"{expression} IS NOT ?", [value]
        if value is None or found.type == "boolean":
            raise self._bad_operator(compare.operand, compare.operator)
        return f"{expression} {compare.operator} ?", [value]

    def _among(self, among: Among) -> Sql:
        expression, found = self._filterable(among.operand)
        values = [self._value(among.operand, found, literal) for literal in among.literals]
        known = [value for value in values if value is not None]
        clause = f"{expression} IN ({', '.join('?' * len(known))})"
        if None in values:
            clause = f"({clause} OR {expression} IS NULL)"
        if among.negated:
            clause = f"NOT coalesce({clause}, 0)"
        return clause, list(known)

    def _semi_join(self, wanted: SemiJoin) -> Sql:
        """Aliases of the inner query hide those of the outer one, as SQL has it."""
        expression, _ = self._filterable(wanted.operand)
        sobject = self.schema.find(wanted.sobject)
        if sobject is None:
            message = f"sObject type '{wanted.sobject}' is not supported."
            raise malformed(self.text, wanted.selected.column, message, "INVALID_TYPE")
        inner = Compiler(
            self.text,
            self.schema,
            sobject,
            self.caller,
            self.sharing,
            self.now,
            own_name=sobject.name,
        )
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
            raise malformed(
                self.text, place_of(compare.operand).column, f"unexpected token: '{name}'"
            )
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
            raise self._bad_operator(compare.operand, compare.operator)
        return by_operator[compare.operator]

    def _value(self, operand: Operand, found: Field, literal: Literal) -> Column:
        if literal.kind == "null":
            return None
        wanted = LITERAL_KINDS.get(found.type, "string")
        if literal.kind != wanted:
            quotes = "should be" if wanted == "string" else "should not be"
            raise self.refuse(
                operand,
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

    def _bad_operator(self, operand: Operand, operator: str) -> Exception:
        path = place_of(operand)
        message = f"invalid operator on {path.names[-1]} field: {operator}"
        return malformed(self.text, path.column, message, "INVALID_QUERY_FILTER_OPERATOR")
