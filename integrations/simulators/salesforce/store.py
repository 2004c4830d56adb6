"""The org's data in SQLite: one table for each object, one column for each field.

Everything runs on the server's event loop and never waits, so a request is atomic by itself;
`transaction` makes it whole or nothing, and nests (composite inside a request).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from integrations.simulators.salesforce.ids import make_id
from integrations.simulators.salesforce.schema import Schema, SObject
from integrations.simulators.salesforce.soql_functions import IN_ZONE, in_zone
from integrations.simulators.salesforce.values import Column

Record = dict[str, Column]

NAME_VIEW = "Name"
"""What a polymorphic relationship such as `Who` or `Owner` leads to."""

_OWN_TABLES = """
CREATE TABLE IF NOT EXISTS sim_sequence (prefix TEXT PRIMARY KEY, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS sim_grant (
    number INTEGER PRIMARY KEY, consumer_key TEXT NOT NULL, user_id TEXT NOT NULL,
    scope TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0, reason TEXT);
CREATE TABLE IF NOT EXISTS sim_token (
    sha256 TEXT PRIMARY KEY, grant_number INTEGER NOT NULL REFERENCES sim_grant,
    kind TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sim_code (
    sha256 TEXT PRIMARY KEY, consumer_key TEXT NOT NULL, user_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL, scope TEXT NOT NULL, challenge TEXT, expires_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS sim_token_time (
    sha256 TEXT PRIMARY KEY, issued_at REAL NOT NULL, used_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sim_nonce (sha256 TEXT PRIMARY KEY, nonce TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sim_record_access (
    user_id TEXT NOT NULL, record_id TEXT NOT NULL, level TEXT NOT NULL,
    PRIMARY KEY (user_id, record_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sim_viewed (
    user_id TEXT NOT NULL, record_id TEXT NOT NULL, viewed_at REAL NOT NULL,
    PRIMARY KEY (user_id, record_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sim_search (
    token TEXT NOT NULL, kind TEXT NOT NULL, sobject TEXT NOT NULL, record_id TEXT NOT NULL,
    field TEXT NOT NULL, place INTEGER NOT NULL,
    visible_from REAL NOT NULL, visible_until REAL);
CREATE INDEX IF NOT EXISTS sim_search_by_token ON sim_search (token);
CREATE INDEX IF NOT EXISTS sim_search_by_record ON sim_search (record_id, field);
"""
_NAMED = ("Account", "Campaign", "Contact", "Group", "Lead", "Opportunity", "User")
_INDEXED = {
    "Task": ("CallObject", "WhoId", "WhatId", "AccountId", "CreatedDate"),
    "Event": ("WhoId", "WhatId", "AccountId"),
    "Opportunity": ("AccountId",),
    "Case": ("AccountId", "ContactId"),
    "Contact": ("AccountId",),
    "CampaignMember": ("CampaignId", "LeadId", "LeadOrContactId"),
    "CampaignMemberStatus": ("CampaignId",),
}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _create_object(sobject: SObject) -> str:
    columns = ", ".join(
        f"{_quoted(field.name)} {field.sql_type}" + (" PRIMARY KEY" if field.name == "Id" else "")
        for field in sobject.fields
    )
    return f"CREATE TABLE IF NOT EXISTS {_quoted(sobject.name)} ({columns});"


def _create_indexes(sobject: SObject) -> Iterator[str]:
    for name in (
        *_INDEXED.get(sobject.name, ()),
        *(one.name for one in sobject.fields if one.external_id),
    ):
        yield (
            f"CREATE INDEX IF NOT EXISTS {sobject.name}_by_{name} "
            f"ON {_quoted(sobject.name)} ({_quoted(name)}, Id)"
        )
    yield (
        f"CREATE INDEX IF NOT EXISTS {sobject.name}_in_bin "
        f"ON {_quoted(sobject.name)} (Id) WHERE IsDeleted = 1"
    )


def _of_users(column: str, name: str) -> str:
    """Names show these columns of users only (reference 3.4)."""
    return f"{column if name == 'User' else 'NULL'} AS {column}"


def _create_name_view() -> str:
    parts = [
        f"SELECT Id, Name, '{name}' AS Type, {_of_users('Phone', name)}, "  # noqa: S608
        f"{_of_users('Email', name)} FROM {_quoted(name)}"
        for name in _NAMED
    ]
    parts.append("SELECT Id, CaseNumber, 'Case', NULL, NULL FROM \"Case\"")
    drop = f"DROP VIEW IF EXISTS {NAME_VIEW};"
    return f"{drop} CREATE VIEW {NAME_VIEW} AS {' UNION ALL '.join(parts)};"


class Store:
    """The tables of one org. `instance` is the part of every id that names the org."""

    def __init__(self, schema: Schema, instance: str, path: str = ":memory:") -> None:
        self.schema = schema
        self.instance = instance
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.create_function(IN_ZONE, 2, in_zone, deterministic=True)
        self._depth = 0
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        self._create()

    def _create(self) -> None:
        tables = "".join(_create_object(one) for one in self.schema.objects.values())
        self._db.executescript(_OWN_TABLES + tables)
        self.add_columns(self.schema)
        self._db.executescript(_create_name_view())

    def _add_new_columns(self, sobject: SObject) -> None:
        """A file of an older simulator lacks the fields that came since."""
        table = _quoted(sobject.name)
        known = {row["name"] for row in self.rows(f"PRAGMA table_info({table})")}
        for one in sobject.fields:
            if one.name not in known:
                column = f"{_quoted(one.name)} {one.sql_type}"
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")

    def add_columns(self, schema: Schema) -> None:
        """Make room for the fields that a schema has more."""
        for sobject in schema.objects.values():
            self._add_new_columns(sobject)
            for statement in _create_indexes(sobject):
                self._db.execute(statement)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def clear(self) -> None:
        """Empty every table."""
        tables = self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        with self.transaction():
            for table in tables:
                self._db.execute(f"DELETE FROM {_quoted(table['name'])}")  # noqa: S608

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever created here."""
        return not self.rows("SELECT 1 FROM sim_sequence LIMIT 1")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested."""
        self._depth += 1
        name = f"level_{self._depth}"
        self._db.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self._db.execute(f"ROLLBACK TO {name}")
            raise
        finally:
            self._db.execute(f"RELEASE {name}")
            self._depth -= 1

    def rows(self, sql: str, parameters: Sequence[Column] = ()) -> list[sqlite3.Row]:
        """The rows of a SELECT."""
        return self._db.execute(sql, parameters).fetchall()

    def execute(self, sql: str, parameters: Sequence[Column] = ()) -> int:
        """Run a statement; how many rows it changed."""
        return self._db.execute(sql, parameters).rowcount

    def execute_many(self, sql: str, parameters: Sequence[Sequence[Column]]) -> None:
        """Run a statement once for each row of parameters."""
        self._db.executemany(sql, parameters)

    def next_number(self, prefix: str) -> int:
        """The next number of a sequence, from 1."""
        row = self._db.execute(
            "INSERT INTO sim_sequence VALUES (?, 1) "
            "ON CONFLICT (prefix) DO UPDATE SET number = number + 1 RETURNING number",
            (prefix,),
        ).fetchone()
        return int(row[0])

    def find_number(self, prefix: str) -> int:
        """The number that a sequence gave out last; 0 before the first."""
        rows = self.rows("SELECT number FROM sim_sequence WHERE prefix = ?", [prefix])
        return int(rows[0]["number"]) if rows else 0

    def reserve_numbers(self, prefix: str, count: int) -> int:
        """Take so many numbers of a sequence; the first of them."""
        row = self._db.execute(
            "INSERT INTO sim_sequence VALUES (?, ?) "
            "ON CONFLICT (prefix) DO UPDATE SET number = number + excluded.number "
            "RETURNING number",
            (prefix, count),
        ).fetchone()
        return int(row[0]) - count + 1

    def next_id(self, sobject: SObject) -> str:
        """A fresh record id."""
        number = self.next_number(sobject.key_prefix)
        return make_id(sobject.key_prefix, self.instance, number)

    def insert(self, sobject: SObject, record: Mapping[str, Column]) -> None:
        """Add a row; fields that are not named become null."""
        names = ", ".join(_quoted(name) for name in record)
        marks = ", ".join("?" * len(record))
        self._db.execute(
            f"INSERT INTO {_quoted(sobject.name)} ({names}) VALUES ({marks})",  # noqa: S608
            list(record.values()),
        )

    def insert_many(self, sobject: SObject, records: Sequence[Mapping[str, Column]]) -> None:
        """Add rows with all of their fields named."""
        names = [one.name for one in sobject.fields]
        marks = ", ".join("?" * len(names))
        self._db.executemany(
            f"INSERT INTO {_quoted(sobject.name)} ({', '.join(map(_quoted, names))}) "  # noqa: S608
            f"VALUES ({marks})",
            ([record[name] for name in names] for record in records),
        )

    def update(self, sobject: SObject, record_id: str, changes: Mapping[str, Column]) -> None:
        """Change some columns of a row."""
        pairs = ", ".join(f"{_quoted(name)} = ?" for name in changes)
        self._db.execute(
            f"UPDATE {_quoted(sobject.name)} SET {pairs} WHERE Id = ?",  # noqa: S608
            [*changes.values(), record_id],
        )

    def get(self, sobject: SObject, record_id: str) -> Record | None:
        """The whole row, deleted or not."""
        rows = self.find(sobject, {"Id": record_id})
        return rows[0] if rows else None

    def find(self, sobject: SObject, equal: Mapping[str, Column]) -> list[Record]:
        """Whole rows with these columns (by their exact names), deleted ones too, by id."""
        where = " AND ".join(f"{_quoted(name)} IS ?" for name in equal) or "1"
        sql = f"SELECT * FROM {_quoted(sobject.name)} WHERE {where} ORDER BY Id"  # noqa: S608
        return [dict(row) for row in self.rows(sql, list(equal.values()))]
