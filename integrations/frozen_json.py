"""Frozen dataclasses to plain JSON and back, for facts and plans that are kept (RULES C9).

Handles what such records are made of: text, numbers, booleans, None, aware datetimes (ISO 8601,
UTC), tuples, frozen sets of text, mappings of JSON values and further dataclasses. Keys that a
record does not know are left out and missing keys take the field's default, so that rows written
by the release before or after can be read.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

JsonObject = dict[str, Any]
Record = TypeVar("Record")


def to_json_object(record: Any) -> JsonObject:
    """`record` (a dataclass instance) as a JSON object with the names of its fields."""
    return {field.name: _to_json(getattr(record, field.name)) for field in fields(record)}


def from_json_object(record_type: type[Record], data: Mapping[str, Any]) -> Record:
    """The `record_type` that `to_json_object` made `data` of.

    Raises TypeError when a field without default is missing, ValueError for a malformed datetime.
    """
    hashable: Any = record_type  # a type always is; only its type variable does not say so
    types_by_name = _field_types(hashable)
    known = {
        name: _from_json(declared, data[name])
        for name, declared in types_by_name.items()
        if name in data
    }
    return record_type(**known)


def _to_json(value: Any) -> Any:
    if is_dataclass(value):
        return to_json_object(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _to_json(item) for key, item in value.items()}
    return value


def _from_json(declared: Any, value: Any) -> Any:
    wanted = _without_none(declared)
    if value is None:
        return None
    origin = typing.get_origin(wanted)
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if isinstance(wanted, type) and is_dataclass(wanted):
        return from_json_object(wanted, value)
    if origin is tuple:
        item_type = typing.get_args(wanted)[0]
        return tuple(_from_json(item_type, item) for item in value)
    return frozenset(value) if origin is frozenset else value


def _without_none(declared: Any) -> Any:
    """`X` of `X | None`; other unions are not used in such records."""
    if typing.get_origin(declared) in (typing.Union, types.UnionType):
        return next(part for part in typing.get_args(declared) if part is not types.NoneType)
    return declared


@cache
def _field_types(record_type: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(record_type)
    return {field.name: hints[field.name] for field in fields(record_type)}
