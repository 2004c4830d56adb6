"""The copies in which the demo's past is played, and how their rows come home.

The running demo leaves room in its numbers when the copies are taken, so every row that a copy adds
keeps its id. What came meanwhile on both sides (a number searched for, a person of the directory)
stays as the running demo has it.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from django.apps import apps
from django.db import connections, models, transaction
from django.db.backends.utils import CursorWrapper

from integrations.models import DrainLease
from integrations.tenancy import WorkspaceOwned

ROOM = 20_000
"""Ids of every table that belong to the past."""


def copy_file(source: Path, target: Path) -> None:
    """A consistent copy of an SQLite file that others may be writing to."""
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)


def leave_room() -> None:
    """Skip ``ROOM`` ids in every table whose rows will come home."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        for model in _moving_models():
            skip: list[int | str] = [ROOM, model._meta.db_table]
            cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s", skip)
            if not cursor.rowcount:
                cursor.execute("INSERT INTO sqlite_sequence (seq, name) VALUES (%s, %s)", skip)


def bring_home(copy: Path, *, base: Path) -> int:
    """Take the rows that ``copy`` added to what ``base`` held; how many. All of them or none."""
    connection = connections["default"]
    with connection.cursor() as cursor:
        cursor.execute("ATTACH DATABASE %s AS past", [str(copy)])
        cursor.execute("ATTACH DATABASE %s AS base", [str(base)])
        try:
            with transaction.atomic():
                moved = [_move(cursor, model) for model in _moving_models()]
                moved += [-_drop_orphans(cursor, model) for model in _moving_models()]
        finally:
            cursor.execute("DETACH DATABASE past")
            cursor.execute("DETACH DATABASE base")
    return sum(moved)


def _moving_models() -> Iterable[type[models.Model]]:
    """What belongs to a workspace and has a history; a lease has none."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, WorkspaceOwned) and not model._meta.proxy and model is not DrainLease
    ]


def _move(cursor: CursorWrapper, model: type[models.Model]) -> int:
    table = f'"{model._meta.db_table}"'
    columns = ", ".join(f'"{field.column}"' for field in model._meta.local_concrete_fields)
    cursor.execute(
        f"INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM past.{table} "  # noqa: S608
        f"WHERE id > (SELECT COALESCE(MAX(id), 0) FROM base.{table})"
    )
    return int(cursor.rowcount)


def _drop_orphans(cursor: CursorWrapper, model: type[models.Model]) -> int:
    """Rows that came home while what they belong to was here under another id."""
    dropped = 0
    for field in model._meta.local_concrete_fields:
        if isinstance(field, models.ForeignKey) and not field.null:
            cursor.execute(
                f'DELETE FROM main."{model._meta.db_table}" WHERE "{field.column}" NOT IN '  # noqa: S608
                f'(SELECT id FROM main."{field.related_model._meta.db_table}")'
            )
            dropped += cursor.rowcount
    return dropped
