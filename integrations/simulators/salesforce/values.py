"""Values on their way between JSON and SQLite columns.

Datetimes are kept as Salesforce prints them, `2026-11-20T09:30:18.000+0000` in UTC, which also
sorts as text. Booleans are 0 and 1. Empty text becomes null.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.ids import MalformedIdError, to_18
from integrations.simulators.salesforce.schema import Field

Column = str | int | float | None


def to_wire_time(moment: datetime) -> str:
    """A point in time as Salesforce prints it."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def parse_time(value: str) -> datetime:
    """A point in time from ISO 8601 with a zone. Raises `ValueError`."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"no zone: {value}")
    return moment.astimezone(UTC)


def to_json(field: Field, column: Column) -> Any:
    """A column as it stands in an answer."""
    if field.type == "boolean":
        return bool(column)
    return column


def to_column(field: Field, value: Any) -> Column:
    """A value from a request as a column. Raises `SalesforceError` as Salesforce would."""
    if value is None or value == "":
        if field.type == "boolean":
            raise _cannot_read(field, "null")
        return None
    if field.type == "boolean":
        return int(_boolean(field, value))
    if field.sql_type == "INTEGER":
        return _whole_number(field, value)
    if field.sql_type == "REAL":
        return _real(field, value)
    if not isinstance(value, str):
        # Real orgs turn numbers in text fields into text.
        value = str(value)
    if field.type == "date":
        return _date(field, value)
    if field.type == "datetime":
        return _datetime(field, value)
    if field.is_reference:
        return _reference(field, value)
    return _text(field, value)


def _cannot_read(field: Field, value: object) -> SalesforceError:
    return SalesforceError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {field.type} from value {value} or request may be "
        "missing a required field at [line:1, column:2]",
    )


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _cannot_read(field, value)


def _whole_number(field: Field, value: Any) -> int:
    number = _real(field, value)
    if number != int(number):
        raise _cannot_read(field, value)
    if abs(number) >= 10**8:
        raise SalesforceError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            fields=[field.name],
        )
    return int(number)


def _real(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _cannot_read(field, value)
    try:
        return float(value)
    except ValueError:
        raise _cannot_read(field, value) from None


def _date(field: Field, value: str) -> str:
    # A datetime in a date field keeps its date part; the zone is not looked at.
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except ValueError:
        raise _cannot_read(field, value) from None


def _datetime(field: Field, value: str) -> str:
    try:
        return to_wire_time(parse_time(value))
    except ValueError:
        raise _cannot_read(field, value) from None


def _reference(field: Field, value: str) -> str:
    try:
        return to_18(value)
    except MalformedIdError:
        raise wrong_id_type(field, value) from None


def wrong_id_type(field: Field, value: str) -> SalesforceError:
    """400 for an id that is malformed, or of an object that the field does not take."""
    return SalesforceError(
        "MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", fields=[field.name]
    )


def _text(field: Field, value: str) -> str | None:
    value = value.strip()
    if len(value) > field.length:
        raise SalesforceError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {value[:255]} (max length={field.length})",
            fields=[field.name],
        )
    if field.restricted and value not in field.picklist:
        raise SalesforceError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {value}",
            fields=[field.name],
        )
    if field.type == "email" and "@" not in value:
        raise SalesforceError(
            "INVALID_EMAIL_ADDRESS",
            f"{field.label}: invalid email address: {value}",
            fields=[field.name],
        )
    return value or None
