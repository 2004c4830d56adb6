"""Filling a table by COPY: what a row does not say has the model's default."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

_CHUNK = 5_000
_KEYS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY (%s::regclass[])
"""
#: Of those that are no constraint.
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = ANY (%s::regclass[])
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


def fill(
    model: type[models.Model],
    varying: Sequence[str],
    rows: Iterable[tuple[object, ...]],
    **same: object,
) -> None:
    """Add ``rows``, each the texts of the columns ``varying`` as COPY reads them; ``same`` and the
    model's defaults are in every row."""
    table, columns, line = _describe(model, varying, same)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        chunk: list[str] = []
        for row in rows:
            chunk.append(line % row)
            if len(chunk) == _CHUNK:
                copy.write("".join(chunk))
                chunk.clear()
        copy.write("".join(chunk))


def empty(tables: Sequence[type[models.Model]]) -> None:
    """Take all rows out of these tables and of what hangs on them."""
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} CASCADE")


def strip(tables: Sequence[type[models.Model]]) -> list[str]:
    """Drop the indexes and foreign keys of these tables, because making them at the end is much
    faster than keeping them; the statements that make them again."""
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, [names])
        keys = cursor.fetchall()
        cursor.execute(_INDEXES, [names])
        indexes = cursor.fetchall()
        for table, name, _definition in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
    return [
        *(definition for _name, definition in indexes),
        *(f"ALTER TABLE {table} ADD CONSTRAINT {name} {key}" for table, name, key in keys),
    ]


def finish(tables: Sequence[type[models.Model]], statements: Sequence[str]) -> None:
    """Run the statements, let the keys go on behind the rows, and have the planner look at them."""
    resets = connection.ops.sequence_reset_sql(no_style(), list(tables))
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for statement in [*statements, *resets]:
            cursor.execute(statement)
        # Index-only scans need to know which pages are visible to all, as autovacuum tells them.
        how = "ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE"
        for model in tables:
            cursor.execute(f"{how} {connection.ops.quote_name(model._meta.db_table)}")


def _describe(
    model: type[models.Model], varying: Sequence[str], same: dict[str, object]
) -> tuple[str, str, str]:
    quote = connection.ops.quote_name
    columns, cells = [], []
    fields: dict[str, Any] = {field.attname: field for field in model._meta.concrete_fields}
    for field in fields.values():
        if field.attname in varying:
            continue
        if field.attname not in same and (field.primary_key or field.has_db_default()):
            continue
        value = same.get(field.attname, field.get_default())
        columns.append(quote(field.column))
        cells.append(_as_cell(field, value).replace("%", "%%"))
    columns += [quote(fields[name].column) for name in varying]
    line = "\t".join([*cells, *["%s"] * len(varying)]) + "\n"
    return quote(model._meta.db_table), ", ".join(columns), line


def _as_cell(field: "models.Field[Any, Any]", value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(field, models.JSONField):
        return json.dumps(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
