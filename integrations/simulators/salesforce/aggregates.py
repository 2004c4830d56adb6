"""COUNT, SUM and their like, with GROUP BY (reference 3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.schema import Field
from integrations.simulators.salesforce.selection import Selection
from integrations.simulators.salesforce.soql import malformed
from integrations.simulators.salesforce.soql_functions import AGGREGATES
from integrations.simulators.salesforce.soql_names import place_of
from integrations.simulators.salesforce.soql_sql import Compiler
from integrations.simulators.salesforce.soql_tree import (
    FieldPath,
    Function,
    Operand,
    Order,
    Query,
    Selected,
)
from integrations.simulators.salesforce.values import Column, to_json

MAX_GROUPS = 2_000


def aggregate_records(
    org: Org, caller: Caller, selection: Selection, query: Query
) -> list[dict[str, Any]]:
    """One record for each group. Raises `SalesforceError`."""
    compiler = selection.compiler(org, caller)
    groups = [compiler.operand(one)[0] for one in query.group_by]
    columns, outputs = _columns(compiler, query.fields, groups)
    where, values = selection.condition(compiler)
    grouping, more = _grouping(compiler, query, groups)
    order = _order(compiler, selection.order_by, groups)
    limit = -1 if selection.limit is None else selection.limit
    rows = org.store.rows(
        f"SELECT {', '.join(columns)} FROM {compiler.source()} WHERE {where} "  # noqa: S608
        f"{grouping} {order} LIMIT {limit} OFFSET {selection.offset}",
        [*values, *more],
    )
    if len(rows) > MAX_GROUPS:
        message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results"
        raise SalesforceError("EXCEEDED_ID_LIMIT", message)
    return [
        {
            "attributes": {"type": "AggregateResult"},
            **{
                name: to_json(field, value)
                for (name, field), value in zip(outputs, tuple(row), strict=True)
            },
        }
        for row in rows
    ]


def _columns(
    compiler: Compiler, selected: Sequence[Selected], groups: Sequence[str]
) -> tuple[list[str], list[tuple[str, Field]]]:
    """SQL of each column, and under which name and as what it goes out."""
    columns: list[str] = []
    outputs: list[tuple[str, Field]] = []
    unnamed = 0
    for one in selected:
        if not isinstance(one, FieldPath | Function):
            message = "Only fields and aggregates can be selected by groups"
            raise malformed(compiler.text, 1, message)
        expression, field = _column(compiler, one, groups)
        name = field.name if isinstance(one, FieldPath) else one.alias or f"expr{unnamed}"
        unnamed += isinstance(one, Function) and one.alias is None
        columns.append(expression)
        outputs.append((name, field))
    return columns, outputs


def _grouping(compiler: Compiler, query: Query, groups: Sequence[str]) -> tuple[str, list[Column]]:
    """GROUP BY and HAVING."""
    if not groups:
        return "", []
    clause = f"GROUP BY {', '.join(groups)}"
    if query.having is None:
        return clause, []
    having, values = compiler.having(query.having, groups)
    return f"{clause} HAVING {having}", values


def _column(compiler: Compiler, one: Operand, groups: Sequence[str]) -> tuple[str, Field]:
    """SQL of an aggregate, or of something that the query groups by. Raises `SalesforceError`."""
    if isinstance(one, Function) and one.name in AGGREGATES:
        return compiler.aggregate(one)
    expression, field = compiler.operand(one)
    if expression not in groups:
        name, column = place_of(one).names[-1], place_of(one).column
        raise malformed(compiler.text, column, f"Field must be grouped or aggregated: {name}")
    return expression, field


def _order(compiler: Compiler, orders: Sequence[Order], groups: Sequence[str]) -> str:
    parts = []
    for order in orders:
        expression, _ = _column(compiler, order.operand, groups)
        direction = "DESC" if order.descending else "ASC"
        parts.append(f"{expression} {direction} NULLS {'LAST' if order.nulls_last else 'FIRST'}")
    parts += groups  # ties have a fixed order
    return f"ORDER BY {', '.join(parts)}" if parts else ""
