"""Putting deliveries into the inbox's table: many in one statement, each key once (RULES A1)."""

import enum
import json
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.utils import timezone

from integrations.models import InboundEvent

#: What makes a delivery the same one: connection id and the sender's own id.
Key = tuple[int, str]
Written = TypeVar("Written")


class Received(enum.Enum):
    """What became of a delivery at the door."""

    STORED = "stored"
    REPEATED = "repeated"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Delivery:
    """One delivery on its way into the table. The fields are columns."""

    workspace_id: int
    connection_id: int
    handler: str
    dedupe_key: str
    body: str
    body_digest: str

    @property
    def key(self) -> Key:
        return self.connection_id, self.dedupe_key


_INSERT = (
    "INSERT INTO integrations_inboundevent (workspace_id, connection_id, handler, dedupe_key, "
    "body, body_digest, received_at, next_attempt_at) {rows} "
    "ON CONFLICT (connection_id, dedupe_key) DO NOTHING RETURNING connection_id, dedupe_key"
)
#: Each database reads the rows from one parameter of JSON in its own way.
_STATEMENTS = {
    "postgresql": _INSERT.format(
        rows="SELECT workspace_id, connection_id, handler, dedupe_key, body, body_digest, %s, %s "
        "FROM json_to_recordset(%s) AS delivery(workspace_id bigint, connection_id bigint, "
        "handler text, dedupe_key text, body text, body_digest text)"
    ),
    "sqlite": _INSERT.format(
        rows="SELECT json_extract(value, '$.workspace_id'), "
        "json_extract(value, '$.connection_id'), json_extract(value, '$.handler'), "
        "json_extract(value, '$.dedupe_key'), json_extract(value, '$.body'), "
        "json_extract(value, '$.body_digest'), %s, %s "
        "FROM json_each(%s) WHERE true"
    ),
}


def insert_new(database: BaseDatabaseWrapper, deliveries: Sequence[Delivery]) -> set[Key]:
    """Insert those whose key is not in the table, the first of each; returns the keys inserted.

    One statement whose rows are one parameter: ``bulk_create`` cannot tell which rows it left out,
    and binding every value by itself costs as much as all the rest of an intake. Columns that are
    not named have their defaults in the database.
    """
    now = database.ops.adapt_datetimefield_value(timezone.now())
    rows = json.dumps([vars(delivery) for delivery in deliveries])
    with database.cursor() as cursor:
        cursor.execute(_STATEMENTS[database.vendor], [now, now, rows])
        return set(cursor.fetchall())


def known_digests(keys: Collection[Key]) -> dict[Key, str]:
    """The digests of the bodies that the table holds under these keys."""
    if not keys:
        return {}
    known = Q()
    for connection_id, dedupe_key in keys:
        known |= Q(connection_id=connection_id, dedupe_key=dedupe_key)
    rows = InboundEvent.unscoped.filter(known).order_by()
    return {(row.connection_id, row.dedupe_key): row.body_digest for row in rows.defer("body")}


class WriterConnection:
    """A database connection of this process for whichever thread writes at the moment.

    The connections of all threads would take turns instead, each cold and each asked for its health
    first. This one is not asked: if it turns out to be dead, the statement is repeated over a new
    one, which is safe because a key is inserted once.
    """

    def __init__(self) -> None:
        self._database: BaseDatabaseWrapper | None = None
        # A forked child must neither use the parent's session nor end it.
        os.register_at_fork(after_in_child=self._forget)

    def run(self, write: Callable[[BaseDatabaseWrapper], Written]) -> Written:
        """Call ``write`` with the connection in autocommit mode; one thread at a time."""
        if self._database is not None:
            try:
                return write(self._database)
            except (OperationalError, InterfaceError):
                self.close()
        self._database = connections.create_connection(DEFAULT_DB_ALIAS)
        self._database.inc_thread_sharing()
        return write(self._database)

    def close(self) -> None:
        """End the session; the next statement opens another."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _forget(self) -> None:
        self._database = None
