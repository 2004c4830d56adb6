"""The demo's database, made in one go, is the one that all migrations make."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
SCRIPT = """
import django
django.setup()
from django.core.management import call_command
from integrations.demo.database import prepare_database
{make}
"""


def make_database(path: Path, make: str) -> dict[str, Any]:
    """Tables with columns, foreign keys, indexes and how many rows they were born with."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{path}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "of this test",
    }
    subprocess.run(
        [sys.executable, "-c", SCRIPT.format(make=make)], cwd=ROOT, env=environment, check=True
    )
    with closing(sqlite3.connect(path)) as database:
        names = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name != "sqlite_sequence"
        ]
        tables = {
            name: (
                sorted(row[1:] for row in database.execute(f'PRAGMA table_info("{name}")')),
                sorted(row[2:] for row in database.execute(f'PRAGMA foreign_key_list("{name}")')),
                database.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone(),
            )
            for name in names
        }
        indexes = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'")
        return {"tables": tables, "indexes": dict(indexes.fetchall())}


def test_it_is_the_one_that_the_migrations_make(tmp_path: Path) -> None:
    quick = make_database(tmp_path / "quick.sqlite3", "prepare_database()")
    proper = make_database(tmp_path / "proper.sqlite3", "call_command('migrate', verbosity=0)")
    assert quick == proper
    again = make_database(tmp_path / "quick.sqlite3", "prepare_database()")
    assert again == quick
