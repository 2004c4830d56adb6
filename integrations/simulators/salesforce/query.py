"""Answering SOQL, in pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from integrations.simulators.salesforce.access_rows import fill
from integrations.simulators.salesforce.aggregates import aggregate_records
from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.ids import make_id
from integrations.simulators.salesforce.org import Cursor, Org
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.selection import (
    Readable,
    Selection,
    select_ids,
    select_records,
)
from integrations.simulators.salesforce.soql import malformed, parse_query
from integrations.simulators.salesforce.soql_names import place_of
from integrations.simulators.salesforce.soql_tree import (
    Children,
    Compare,
    Condition,
    FieldGroup,
    FieldPath,
    Function,
    Junction,
    Literal,
    Query,
    Selected,
)
from integrations.simulators.salesforce.viewed import note_view

MIN_BATCH, MAX_BATCH = 200, 2_000
MAX_FIELD_GROUP_ROWS = 200
MAX_SUB_SELECTS = 20
CURSOR_PREFIX = "01g"


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
    if query.having is not None and not query.group_by:
        raise malformed(text, 1, "HAVING clause requires a GROUP BY clause")
    if query.group_by or any(_is_aggregate(one) for one in query.fields):
        records = aggregate_records(org, caller, selection, query)
        return {"totalSize": len(records), "done": True, "records": records}
    beyond = batch_size + 1 if selection.limit is None else min(batch_size + 1, selection.limit)
    records = select_records(org, caller, base, replace(selection, limit=beyond))
    if query.purpose in ("VIEW", "REFERENCE"):
        for record in records[:batch_size]:
            note_view(org, caller.user_id, record["attributes"]["url"].rpartition("/")[2])
    if len(records) <= batch_size:
        return {"totalSize": len(records), "done": True, "records": records}
    number = org.store.next_number(CURSOR_PREFIX)
    locator = make_id(CURSOR_PREFIX, org.store.instance, number)
    org.keep_cursor(locator, _open_cursor(org, caller, base, selection, batch_size))
    return _page(org, base, locator, 0)


def _open_cursor(
    org: Org, caller: Caller, base: str, selection: Selection, batch_size: int
) -> Cursor:
    """The ids of a long result; its records are read page by page."""

    def read(ids: Sequence[str]) -> list[dict[str, Any]]:
        page = replace(selection, where=None, among=ids, limit=None, offset=0, include_deleted=True)
        return select_records(org, caller, base, page)

    return Cursor(select_ids(org, caller, selection), batch_size, read)


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
        "totalSize": len(cursor.ids),
        "done": end >= len(cursor.ids),
        "records": cursor.read(cursor.ids[offset:end]),
    }
    if not answer["done"]:
        answer["nextRecordsUrl"] = f"{base}/query/{locator}-{end}"
    return answer


def _selection(
    org: Org, caller: Caller, query: Query, text: str, include_deleted: bool
) -> Selection:
    sobject = org.view_for(caller).find(query.sobject)
    if sobject is None:
        message = (
            f"sObject type '{query.sobject}' is not supported. If you are attempting to use a "
            "custom object, be sure to append the '__c' after the entity name. Please reference "
            "your WSDL or the describe call for the appropriate names."
        )
        raise malformed(text, query.sobject_column, message, "INVALID_TYPE")
    if query.purpose == "UPDATE" and query.order_by:
        raise malformed(text, 1, "ORDER BY cannot be used in a query that locks rows")
    fields = list(_readable(query, sobject, text))
    _check_fields(fields, text)
    return Selection(
        text,
        sobject,
        fields,
        _within_scope(query, sobject, caller, text),
        query.order_by,
        query.limit,
        query.offset,
        query.alias,
        include_deleted=include_deleted,
    )


def _within_scope(query: Query, sobject: SObject, caller: Caller, text: str) -> Condition | None:
    """The WHERE, narrowed by USING SCOPE: everything, or what the caller owns."""
    if query.scope in (None, "everything"):
        return query.where
    if query.scope != "mine" or sobject.field("OwnerId") is None:
        message = f"scope '{query.scope}' is not supported for {sobject.name}"
        raise malformed(text, query.sobject_column, message)
    owner = FieldPath(("OwnerId",), query.sobject_column)
    mine = Compare(owner, "=", Literal("string", caller.user_id))
    return mine if query.where is None else Junction("AND", (mine, query.where))


def _is_aggregate(one: Selected) -> bool:
    return isinstance(one, Function) and not one.is_label


def _readable(query: Query, sobject: SObject, text: str) -> Iterator[Readable]:
    """What is selected, with `FIELDS(...)` spelled out and aggregates left to others."""
    for one in query.fields:
        if isinstance(one, FieldGroup):
            yield from _field_group(one, query, sobject, text)
        elif not _is_aggregate(one):
            yield one


def _check_fields(fields: Sequence[Readable], text: str) -> None:
    """Refuse what is selected twice, and more sub-selects than Salesforce takes."""
    names: set[str] = set()
    for one in fields:
        if isinstance(one, FieldPath) or (isinstance(one, Function) and one.alias is None):
            name = place_of(one).text
            if name.lower() in names:
                message = f"duplicate field selected: {name}"
                raise malformed(text, place_of(one).column, message)
            names.add(name.lower())
    if sum(isinstance(one, Children) for one in fields) > MAX_SUB_SELECTS:
        raise malformed(text, 1, f"a query may have at most {MAX_SUB_SELECTS} sub-selects")


def _field_group(
    group: FieldGroup, query: Query, sobject: SObject, text: str
) -> Iterator[FieldPath]:
    if group.name not in ("ALL", "CUSTOM", "STANDARD"):
        raise malformed(text, 1, f"unexpected token: '{group.name}'")
    is_small = query.limit is not None and query.limit <= MAX_FIELD_GROUP_ROWS
    if group.name != "STANDARD" and not is_small:
        message = f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELD_GROUP_ROWS}"
        raise malformed(text, 1, message)
    for field in sobject.fields:
        if group.name == "ALL" or field.custom is (group.name == "CUSTOM"):
            yield FieldPath((field.name,), 1)


def _count(org: Org, caller: Caller, selection: Selection) -> int:
    compiler = selection.compiler(org, caller)
    where, values = selection.condition(compiler)
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
