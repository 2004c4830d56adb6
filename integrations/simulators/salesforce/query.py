"""Answering SOQL: rows as Salesforce nests them, in pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.simulators.salesforce.access_rows import fill
from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.ids import make_id
from integrations.simulators.salesforce.org import Cursor, Org
from integrations.simulators.salesforce.record_access import visible
from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.soql import (
    Condition,
    FieldPath,
    Order,
    Query,
    malformed,
    parse_query,
)
from integrations.simulators.salesforce.soql_sql import Compiler
from integrations.simulators.salesforce.store import NAME_VIEW
from integrations.simulators.salesforce.values import Column, to_json

MIN_BATCH, MAX_BATCH = 200, 2_000
CURSOR_PREFIX = "01g"


@dataclass(frozen=True)
class Selection:
    """What to read of one object; the part that SOQL and SOSL share. `among` narrows by id."""

    text: str
    sobject: SObject
    fields: Sequence[FieldPath]
    where: Condition | None = None
    order_by: Sequence[Order] = ()
    limit: int | None = None
    offset: int = 0
    alias: str | None = None
    among: Sequence[str] | None = None
    include_deleted: bool = False


@dataclass(frozen=True)
class _Output:
    """One selected column: where it goes in the answer."""

    column: str
    field: Field
    steps: tuple[str, ...]


@dataclass(frozen=True)
class _Related:
    """Id and object of one related record, for its `attributes`."""

    id_column: str
    type_column: str
    sobject_name: str


@dataclass
class _Shape:
    """How rows become records."""

    base: str
    sobject: SObject
    outputs: list[_Output] = field(default_factory=list)
    related: dict[tuple[str, ...], _Related] = field(default_factory=dict)

    def record(self, row: sqlite3.Row) -> dict[str, Any]:
        """One row as JSON with `attributes`, related records nested."""
        record = _with_attributes(self.base, self.sobject.name, self.sobject.name, row["own_id"])
        for output in self.outputs:
            place = self._place(record, row, output.steps)
            if place is not None:
                place[output.field.name] = to_json(output.field, row[output.column])
        return record

    def _place(
        self, record: dict[str, Any], row: sqlite3.Row, steps: tuple[str, ...]
    ) -> dict[str, Any] | None:
        place = record
        for depth, step in enumerate(steps, start=1):
            if step not in place:
                place[step] = self._related_record(row, self.related[steps[:depth]])
            if place[step] is None:
                return None
            place = place[step]
        return place

    def _related_record(self, row: sqlite3.Row, related: _Related) -> dict[str, Any] | None:
        record_id = row[related.id_column]
        if record_id is None:
            return None
        return _with_attributes(
            self.base, related.sobject_name, row[related.type_column], record_id
        )


def _with_attributes(base: str, shown: str, sobject: str, record_id: str) -> dict[str, Any]:
    url = f"{base}/sobjects/{sobject}/{record_id}"
    return {"attributes": {"type": shown, "url": url}}


def select_records(
    org: Org, caller: Caller, base: str, selection: Selection
) -> list[dict[str, Any]]:
    """The records of a selection. `base` is `/services/data/vXX.X`. Raises `SalesforceError`."""
    compiler = _compiler(org, caller, selection)
    shape = _Shape(base, selection.sobject)
    columns = ["root.Id AS own_id"]
    for number, path in enumerate(selection.fields):
        expression, found, steps = compiler.resolve(path)
        columns.append(f"{expression} AS c{number}")
        shape.outputs.append(_Output(f"c{number}", found, steps))
    where, values = _where(compiler, selection)
    order = compiler.order(selection.order_by)
    for steps, join in compiler.joins.items():
        is_name = join.sobject.name == NAME_VIEW
        type_sql = f"{join.alias}.Type" if is_name else f"'{join.sobject.name}'"
        id_column, type_column = f"{join.alias}_id", f"{join.alias}_type"
        columns += [f"{join.alias}.Id AS {id_column}", f"{type_sql} AS {type_column}"]
        shape.related[steps] = _Related(id_column, type_column, join.sobject.name)
    limit = -1 if selection.limit is None else selection.limit
    rows = org.store.rows(
        f"SELECT {', '.join(columns)} FROM {compiler.source()} WHERE {where} "  # noqa: S608
        f"ORDER BY {order} LIMIT {limit} OFFSET {selection.offset}",
        values,
    )
    return [shape.record(row) for row in rows]


def _compiler(org: Org, caller: Caller, selection: Selection) -> Compiler:
    return Compiler(
        selection.text,
        org.view_of(caller.user_id),
        selection.sobject,
        caller,
        org.now(),
        own_name=selection.alias or selection.sobject.name,
    )


def _where(compiler: Compiler, selection: Selection) -> tuple[str, list[Column]]:
    clauses, values = [visible("root.Id", compiler.caller.user_id)], list[Column]()
    if not selection.include_deleted:
        clauses.append("root.IsDeleted IS NOT 1")
    if selection.among is not None:
        clauses.append(f"root.Id IN ({', '.join('?' * len(selection.among))})")
        values += selection.among
    if selection.where is not None:
        clause, more = compiler.condition(selection.where)
        clauses.append(f"({clause})")
        values += more
    return " AND ".join(clauses), values


def run_query(
    org: Org,
    caller: Caller,
    base: str,
    text: str,
    *,
    include_deleted: bool = False,
    batch_size: int = MAX_BATCH,
) -> dict[str, Any]:
    """The answer of `/query` or `/queryAll`. Raises `SalesforceError`."""
    query = parse_query(text)
    selection = _selection(org, caller, query, text, include_deleted)
    fill(org, caller, selection.sobject, selection.where)
    if not query.fields:
        return {"totalSize": _count(org, caller, selection), "done": True, "records": []}
    records = select_records(org, caller, base, selection)
    if len(records) <= batch_size:
        return {"totalSize": len(records), "done": True, "records": records}
    number = org.store.next_number(CURSOR_PREFIX)
    locator = make_id(CURSOR_PREFIX, org.store.instance, number)
    org.keep_cursor(locator, Cursor(records, batch_size))
    return _page(org, base, locator, 0)


def fetch_page(org: Org, base: str, locator: str) -> dict[str, Any]:
    """The page behind a `nextRecordsUrl`. Raises `SalesforceError` (INVALID_QUERY_LOCATOR)."""
    cursor_id, _, offset = locator.rpartition("-")
    if cursor_id not in org.switches.cursors or not offset.isdecimal():
        raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(org, base, cursor_id, int(offset))


def _page(org: Org, base: str, locator: str, offset: int) -> dict[str, Any]:
    cursor = org.switches.cursors[locator]
    end = offset + cursor.batch_size
    answer: dict[str, Any] = {
        "totalSize": len(cursor.records),
        "done": end >= len(cursor.records),
        "records": cursor.records[offset:end],
    }
    if not answer["done"]:
        answer["nextRecordsUrl"] = f"{base}/query/{locator}-{end}"
    return answer


def _selection(
    org: Org, caller: Caller, query: Query, text: str, include_deleted: bool
) -> Selection:
    sobject = org.view_of(caller.user_id).find(query.sobject)
    if sobject is None:
        message = (
            f"sObject type '{query.sobject}' is not supported. If you are attempting to use a "
            "custom object, be sure to append the '__c' after the entity name. Please reference "
            "your WSDL or the describe call for the appropriate names."
        )
        raise malformed(text, query.sobject_column, message, "INVALID_TYPE")
    return Selection(
        text,
        sobject,
        query.fields,
        query.where,
        query.order_by,
        query.limit,
        query.offset,
        query.alias,
        include_deleted=include_deleted,
    )


def _count(org: Org, caller: Caller, selection: Selection) -> int:
    compiler = _compiler(org, caller, selection)
    where, values = _where(compiler, selection)
    rows = org.store.rows(
        f"SELECT count(*) FROM {compiler.source()} WHERE {where}",  # noqa: S608
        values,
    )
    return int(rows[0][0])


def batch_size_from(headers: Mapping[str, str]) -> int:
    """The page size that `Sforce-Query-Options: batchSize=n` asks for, kept within bounds."""
    for option in headers.get("sforce-query-options", "").split(","):
        name, _, value = option.strip().partition("=")
        if name.lower() == "batchsize" and value.isdecimal():
            return min(max(int(value), MIN_BATCH), MAX_BATCH)
    return MAX_BATCH
