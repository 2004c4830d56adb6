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
from integrations.simulators.salesforce.soql_sql import Compiler
from integrations.simulators.salesforce.soql_tree import Aggregate, FieldPath, Order, Selected
from integrations.simulators.salesforce.values import to_json

MAX_GROUPS = 2_000
_FUNCTIONS = {
    "COUNT": "count({})",
    "COUNT_DISTINCT": "count(DISTINCT {})",
    "SUM": "sum({})",
    "AVG": "avg({})",
    "MIN": "min({})",
    "MAX": "max({})",
}
_NUMERIC = ("int", "double", "currency")


def aggregate_records(
    org: Org,
    caller: Caller,
    selection: Selection,
    selected: Sequence[Selected],
    group_by: Sequence[FieldPath],
) -> list[dict[str, Any]]:
    """One record for each group. Raises `SalesforceError`."""
    compiler = selection.compiler(org, caller)
    groups = [compiler.resolve(path)[0] for path in group_by]
    columns: list[str] = []
    outputs: list[tuple[str, Field | None]] = []
    unnamed = 0
    for one in selected:
        if isinstance(one, Aggregate):
            expression, field = _aggregate(compiler, one)
            name = one.alias or f"expr{unnamed}"
            unnamed += one.alias is None
        else:
            expression, field, name = _grouped(compiler, one, groups)
        columns.append(expression)
        outputs.append((name, field))
    where, values = selection.condition(compiler)
    order = _order(compiler, selection.order_by, groups)
    grouping = f"GROUP BY {', '.join(groups)}" if groups else ""
    limit = -1 if selection.limit is None else selection.limit
    rows = org.store.rows(
        f"SELECT {', '.join(columns)} FROM {compiler.source()} WHERE {where} "  # noqa: S608
        f"{grouping} {order} LIMIT {limit} OFFSET {selection.offset}",
        values,
    )
    if len(rows) > MAX_GROUPS:
        message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results"
        raise SalesforceError("EXCEEDED_ID_LIMIT", message)
    return [
        {
            "attributes": {"type": "AggregateResult"},
            **{
                name: to_json(field, value) if field else value
                for (name, field), value in zip(outputs, tuple(row), strict=True)
            },
        }
        for row in rows
    ]


def _aggregate(compiler: Compiler, wanted: Aggregate) -> tuple[str, Field | None]:
    expression, field, _ = compiler.resolve(wanted.field)
    template = _FUNCTIONS.get(wanted.function)
    column = wanted.field.column
    if template is None:
        raise malformed(compiler.text, column, f"Unknown function: {wanted.function}")
    is_sum = wanted.function in ("SUM", "AVG")
    if not field.filterable or (is_sum and field.type not in _NUMERIC):
        message = f"field {field.name} does not support aggregate operator {wanted.function}"
        raise malformed(compiler.text, column, message)
    keeps_type = wanted.function in ("MIN", "MAX")
    return template.format(expression), field if keeps_type else None


def _grouped(compiler: Compiler, one: Selected, groups: Sequence[str]) -> tuple[str, Field, str]:
    if not isinstance(one, FieldPath):
        raise malformed(compiler.text, 1, "Only fields and aggregates can be selected by groups")
    expression, field, _ = compiler.resolve(one)
    if expression not in groups:
        message = f"Field must be grouped or aggregated: {one.names[-1]}"
        raise malformed(compiler.text, one.column, message)
    return expression, field, field.name


def _order(compiler: Compiler, orders: Sequence[Order], groups: Sequence[str]) -> str:
    parts = []
    for order in orders:
        if isinstance(order.field, Aggregate):
            expression, _ = _aggregate(compiler, order.field)
        else:
            expression, _, _ = _grouped(compiler, order.field, groups)
        direction = "DESC" if order.descending else "ASC"
        parts.append(f"{expression} {direction} NULLS {'LAST' if order.nulls_last else 'FIRST'}")
    parts += groups  # ties have a fixed order
    return f"ORDER BY {', '.join(parts)}" if parts else ""
