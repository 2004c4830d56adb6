"""Reading the records of one object, related records nested: what SOQL and SOSL share."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.record_access import sharing_of
from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.soql import malformed
from integrations.simulators.salesforce.soql_names import NAME_OBJECT, place_of
from integrations.simulators.salesforce.soql_sql import Compiler
from integrations.simulators.salesforce.soql_tree import (
    Children,
    Condition,
    FieldPath,
    Function,
    Operand,
    Order,
    TypeOf,
)
from integrations.simulators.salesforce.store import NAME_VIEW
from integrations.simulators.salesforce.values import Column, to_json

Readable = FieldPath | Function | Children | TypeOf
"""What can be read of a record; of functions only labels."""

Rows = list[tuple[str, dict[str, Any]]]
"""Records with the id by which the reader wants to find them."""


@dataclass(frozen=True)
class Selection:
    """What to read of one object. `among` narrows by the ids in the field `key` (default: Id)."""

    text: str
    sobject: SObject
    fields: Sequence[Readable]
    where: Condition | None = None
    order_by: Sequence[Order] = ()
    limit: int | None = None
    offset: int = 0
    alias: str | None = None
    among: Sequence[str] | None = None
    key: str = "Id"
    include_deleted: bool = False

    def compiler(self, org: Org, caller: Caller) -> Compiler:
        """What resolves the names of this selection."""
        return Compiler(
            self.text,
            org.view_for(caller),
            self.sobject,
            caller,
            sharing_of(org, caller.user_id),
            org.now(),
            own_name=self.alias or self.sobject.name,
        )

    def condition(self, compiler: Compiler) -> tuple[str, list[Column]]:
        """The WHERE clause, with what nobody has to ask for: living, visible records."""
        clauses = [compiler.sharing.visible("root", self.sobject.name)]
        values: list[Column] = []
        if not self.include_deleted:
            clauses.append("root.IsDeleted IS NOT 1")
        if self.among is not None:
            among = "IN (SELECT value FROM json_each(?))"
            clauses.append(f'root."{self.key}" {among}')
            values.append(json.dumps(list(self.among)))
        if self.where is not None:
            clause, more = compiler.condition(self.where)
            clauses.append(f"({clause})")
            values += more
        return " AND ".join(clauses), values


@dataclass(frozen=True)
class _Output:
    """One selected column: where it goes in the answer."""

    column: str
    name: str
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
                place[output.name] = to_json(output.field, row[output.column])
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
    rows = _select(org, caller, base, replace(selection, fields=_plain(selection)))
    for one in selection.fields:
        if isinstance(one, Children):
            _add_children(org, caller, base, selection, one, rows)
        elif isinstance(one, TypeOf):
            _add_typed(org, caller, base, selection, one, rows)
    return [record for _, record in rows]


def select_ids(org: Org, caller: Caller, selection: Selection) -> list[str]:
    """The ids of a selection in its order. Raises `SalesforceError`."""
    compiler = selection.compiler(org, caller)
    where, values = selection.condition(compiler)
    order = compiler.order(selection.order_by)
    limit = -1 if selection.limit is None else selection.limit
    rows = org.store.rows(
        f"SELECT root.Id FROM {compiler.source()} WHERE {where} "  # noqa: S608
        f"ORDER BY {order} LIMIT {limit} OFFSET {selection.offset}",
        values,
    )
    return [str(row[0]) for row in rows]


def _plain(selection: Selection) -> list[Operand]:
    return [one for one in selection.fields if isinstance(one, FieldPath | Function)]


def _select(org: Org, caller: Caller, base: str, selection: Selection) -> Rows:
    compiler = selection.compiler(org, caller)
    shape = _Shape(base, selection.sobject)
    columns = ["root.Id AS own_id", f'root."{selection.key}" AS own_key']
    for number, one in enumerate(_plain(selection)):
        expression, output = _output(compiler, one, f"c{number}")
        columns.append(f"{expression} AS {output.column}")
        shape.outputs.append(output)
    where, values = selection.condition(compiler)
    order = compiler.order(selection.order_by)
    columns += _related_columns(compiler, shape)
    limit = -1 if selection.limit is None else selection.limit
    rows = org.store.rows(
        f"SELECT {', '.join(columns)} FROM {compiler.source()} WHERE {where} "  # noqa: S608
        f"ORDER BY {order} LIMIT {limit} OFFSET {selection.offset}",
        values,
    )
    return [(row["own_key"], shape.record(row)) for row in rows]


def _output(compiler: Compiler, one: Operand, column: str) -> tuple[str, _Output]:
    """SQL of a selected field or label, and its place in the answer."""
    expression, found, steps = compiler.resolve(place_of(one))
    if isinstance(one, FieldPath):
        return expression, _Output(column, found.name, found, steps)
    expression, found = compiler.operand(one)
    if one.alias is not None:
        return expression, _Output(column, one.alias, found, ())
    return expression, _Output(column, found.name, found, steps)


def _related_columns(compiler: Compiler, shape: _Shape) -> Iterator[str]:
    for steps, join in compiler.joins.items():
        is_name = join.sobject.name == NAME_VIEW
        type_sql = f"{join.alias}.Type" if is_name else f"'{join.sobject.name}'"
        id_column, type_column = f"{join.alias}_id", f"{join.alias}_type"
        yield f"{join.id_sql} AS {id_column}"
        yield f"{type_sql} AS {type_column}"
        shape.related[steps] = _Related(id_column, type_column, join.sobject.name)


def _add_children(
    org: Org, caller: Caller, base: str, selection: Selection, wanted: Children, rows: Rows
) -> None:
    """Nest the children of a sub-select as a query answer of their own; null without any."""
    found = org.view_for(caller).child(selection.sobject, wanted.relationship)
    if found is None:
        message = f"Didn't understand relationship '{wanted.relationship}' in FROM part of query."
        raise malformed(selection.text, 1, message, "INVALID_TYPE")
    child, link = found
    by_parent: dict[str, list[dict[str, Any]]] = {}
    below = Selection(
        selection.text,
        child,
        wanted.fields,
        wanted.where,
        wanted.order_by,
        alias=wanted.alias,
        among=[parent_id for parent_id, _ in rows],
        key=link.name,
        include_deleted=selection.include_deleted,
    )
    for parent_id, record in _select(org, caller, base, below):
        by_parent.setdefault(parent_id, []).append(record)
    for parent_id, record in rows:
        records = by_parent.get(parent_id, [])[: wanted.limit]
        answer = {"totalSize": len(records), "done": True, "records": records}
        record[str(link.child_relationship)] = answer if records else None


def _add_typed(
    org: Org, caller: Caller, base: str, selection: Selection, wanted: TypeOf, rows: Rows
) -> None:
    """Nest what TYPEOF asks of each related record; null where nothing is related."""
    reference = selection.sobject.relationship(wanted.relationship)
    if reference is None or len(reference.reference_to) < 2:
        message = f"TYPEOF is not supported on the field '{wanted.relationship}'"
        raise malformed(selection.text, 1, message, "INVALID_FIELD")
    related = _related_ids(org, selection.sobject, reference, [own_id for own_id, _ in rows])
    nested: dict[str, dict[str, Any]] = {}
    for name, paths in (*wanted.by_type, (NAME_VIEW, wanted.otherwise)):
        nested |= {
            record_id: record
            for record_id, record in _typed(org, caller, base, selection, name, paths, related)
            if record_id not in nested
        }
    for own_id, record in rows:
        record[str(reference.relationship)] = nested.get(related.get(own_id, ""))


def _related_ids(
    org: Org, sobject: SObject, reference: Field, own_ids: Sequence[str]
) -> Mapping[str, str]:
    rows = org.store.rows(
        f'SELECT Id, "{reference.name}" AS other FROM "{sobject.name}" '  # noqa: S608
        f'WHERE Id IN (SELECT value FROM json_each(?)) AND "{reference.name}" IS NOT NULL',
        [json.dumps(list(own_ids))],
    )
    return {row["Id"]: row["other"] for row in rows}


def _typed(
    org: Org,
    caller: Caller,
    base: str,
    selection: Selection,
    name: str,
    paths: Sequence[FieldPath],
    related: Mapping[str, str],
) -> Rows:
    sobject = NAME_OBJECT if name == NAME_VIEW else org.view_for(caller).find(name)
    if sobject is None:
        message = f"sObject type '{name}' is not supported."
        raise malformed(selection.text, 1, message, "INVALID_TYPE")
    of_this = [one for one in related.values() if one.startswith(sobject.key_prefix)]
    below = Selection(selection.text, sobject, paths, among=of_this, include_deleted=True)
    return _select(org, caller, base, below)
