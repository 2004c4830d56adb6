"""Functions of SOQL as SQL: aggregates, and the parts of a date.

Dates are kept as text (see `values`), so a part is cut out of the text. Parts are those of UTC,
or with `convertTimezone` those of the caller's zone. Weeks begin on Sunday, the first of January
begins the first week, and the fiscal year is the calendar's, as in a new org.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from integrations.simulators.salesforce.schema import Field

IN_ZONE = "sim_in_zone"
"""The SQL function (text, zone name) that `in_zone` becomes."""

AGGREGATES = {
    "COUNT": "count({})",
    "COUNT_DISTINCT": "count(DISTINCT {})",
    "SUM": "sum({})",
    "AVG": "avg({})",
    "MIN": "min({})",
    "MAX": "max({})",
}
_NUMERIC = ("int", "double", "currency")
_NUMBER = Field("number", "Number", "double")

_MONTH = "cast(strftime('%m', {}) as integer)"
_DAY = "cast(strftime('%d', {}) as integer)"
_DAY_OF_YEAR = "cast(strftime('%j', {}) as integer)"
_YEAR = "cast(strftime('%Y', {}) as integer)"
_QUARTER = f"(({_MONTH} + 2) / 3)"
DATE_PARTS = {
    "CALENDAR_YEAR": _YEAR,
    "CALENDAR_QUARTER": _QUARTER,
    "CALENDAR_MONTH": _MONTH,
    "FISCAL_YEAR": _YEAR,
    "FISCAL_QUARTER": _QUARTER,
    "FISCAL_MONTH": _MONTH,
    "DAY_IN_MONTH": _DAY,
    "DAY_IN_WEEK": "(cast(strftime('%w', {}) as integer) + 1)",
    "DAY_IN_YEAR": _DAY_OF_YEAR,
    "DAY_ONLY": "substr({}, 1, 10)",
    "HOUR_IN_DAY": "cast(strftime('%H', {}) as integer)",
    "WEEK_IN_MONTH": f"(({_DAY} + 6) / 7)",
    "WEEK_IN_YEAR": f"(({_DAY_OF_YEAR} + 6) / 7)",
}
_LABELLED = ("combobox", "picklist")
_STATUS_LABEL = (
    "(coalesce((SELECT MasterLabel FROM TaskStatus WHERE ApiName = {0}), {0}) COLLATE NOCASE)"
)
_ONLY_OF_MOMENTS = ("DAY_ONLY", "HOUR_IN_DAY")


class UnknownFunctionError(ValueError):
    """No such function, or not for this field; the message is Salesforce's."""


def in_zone(value: str | None, zone: str) -> str | None:
    """A point in time as the clock of a zone shows it, without a zone; dates stay."""
    if value is None or len(value) < 19:
        return value
    moment = datetime.fromisoformat(value[:19]).replace(tzinfo=UTC)
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")


def aggregate_sql(name: str, expression: str, field: Field) -> tuple[str, Field]:
    """SQL of an aggregate, and what kind of value it gives. Raises `UnknownFunctionError`."""
    is_sum = name in ("SUM", "AVG")
    if not field.filterable or (is_sum and field.type not in _NUMERIC):
        raise UnknownFunctionError(f"field {field.name} does not support aggregate operator {name}")
    kind = field if name in ("MIN", "MAX") else _NUMBER
    return AGGREGATES[name].format(expression), kind


def label_sql(expression: str, field: Field, *, is_task_status: bool) -> tuple[str, Field]:
    """SQL of a picklist's value as people read it. Raises `UnknownFunctionError`.

    Only the statuses of tasks have labels that are not their values.
    """
    if field.type not in _LABELLED:
        raise UnknownFunctionError(f"function toLabel not supported on field {field.name}")
    return _STATUS_LABEL.format(expression) if is_task_status else expression, field


def date_part_sql(name: str, expression: str, field: Field, zone: str | None) -> tuple[str, Field]:
    """SQL of a part of a date, and what kind of value it gives. Raises `UnknownFunctionError`."""
    template = DATE_PARTS.get(name)
    if template is None:
        raise UnknownFunctionError(f"Unknown function: {name}")
    suits = field.type == "datetime" or (
        field.type == "date" and name not in _ONLY_OF_MOMENTS and zone is None
    )
    if not suits:
        raise UnknownFunctionError(f"function {name} not supported on field {field.name}")
    local = f"substr({expression}, 1, 19)"
    if zone is not None:
        local = f"{IN_ZONE}({expression}, '{zone}')"
    kind = Field("day", "Day", "date") if name == "DAY_ONLY" else _NUMBER
    return template.format(local), kind
