"""Answering SOSL and parameterized search (reference 3.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lark import Lark, UnexpectedInput
from lark.exceptions import VisitError

from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.errors import SalesforceError, unsupported_object
from integrations.simulators.salesforce.find_term import Ids, find_ids, find_words, malformed_search
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.selection import Selection, select_records
from integrations.simulators.salesforce.soql import (
    GRAMMAR,
    TreeBuilder,
    parse_condition,
    parse_order,
)
from integrations.simulators.salesforce.soql_tree import Condition, FieldPath, Order

KINDS = {
    "ALL": ("name", "email", "phone"),
    "SIDEBAR": ("name", "email", "phone"),
    "NAME": ("name",),
    "EMAIL": ("email",),
    "PHONE": ("phone",),
}
MAX_ROWS, MAX_ROWS_OF_PLAIN_OBJECT = 2_000, 250
ID_PATH = FieldPath(("Id",), 0)


@dataclass(frozen=True)
class Returning:
    """What a search returns of one object."""

    sobject: str
    fields: tuple[FieldPath, ...] = (ID_PATH,)
    where: Condition | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True)
class Search:
    """A FIND. `term` is what stands between the braces."""

    term: str
    group: str
    returning: tuple[Returning, ...]
    limit: int | None


class _SearchBuilder(TreeBuilder):
    def returning(self, items: list[Any]) -> Returning:
        name, *fields, where, order_by, limit, offset = items
        paths = tuple(path for path in fields if path is not None) or (ID_PATH,)
        return Returning(str(name), paths, where, order_by or (), limit, offset or 0)

    def returning_list(self, items: list[Returning]) -> tuple[Returning, ...]:
        return tuple(items)

    def search(self, items: list[Any]) -> Search:
        term, group, returning, limit = items
        return Search(str(term)[1:-1], str(group or "ALL").upper(), returning or (), limit)


_GRAMMAR = GRAMMAR + Path(__file__).with_name("sosl.lark").read_text()
_PARSER = Lark(_GRAMMAR, start="search", parser="lalr", maybe_placeholders=True)
_BUILDER = _SearchBuilder()


def parse_search(text: str) -> Search:
    """Read a FIND. Raises `SalesforceError` (MALFORMED_SEARCH)."""
    if not re.match(r"\s*FIND\s*\{", text, re.IGNORECASE):
        raise malformed_search("No search term found. The search term must be enclosed in braces.")
    try:
        search: Search = _BUILDER.transform(_PARSER.parse(text))
    except UnexpectedInput as error:
        raise malformed_search(
            f"unexpected token at row {error.line} column {error.column}"
        ) from None
    except VisitError as error:
        raise malformed_search(str(error.orig_exc)) from None
    return search


def run_search(org: Org, caller: Caller, base: str, text: str) -> dict[str, Any]:
    """The answer of `/search`. Raises `SalesforceError`."""
    search = parse_search(text)
    ids = find_ids(org, search.term, KINDS[search.group])
    returning = search.returning or tuple(
        Returning(one.name) for one in org.view_for(caller).objects.values() if one.searchable
    )
    return _answer(org, caller, base, text, ids, returning, search.limit)


def run_parameterized(
    org: Org, caller: Caller, base: str, wanted: Mapping[str, Any]
) -> dict[str, Any]:
    """The answer of `/parameterizedSearch`, given the POST form of its parameters."""
    text = str(wanted.get("q", ""))
    if len(text.strip()) < 2:
        message = f"search term must be longer than one character: {text}"
        raise SalesforceError("INVALID_SEARCH", message)
    kinds = KINDS.get(str(wanted.get("in", "ALL")).upper())
    if kinds is None:
        raise SalesforceError("ILLEGAL_QUERY_PARAMETER_VALUE", f"in: {wanted['in']}")
    ids = find_words(org, text, kinds)
    default = Returning("", _paths(wanted.get("fields")), limit=_limit(wanted, "defaultLimit"))
    returning = tuple(_returning(default, one) for one in wanted.get("sobjects", ()))
    offset = _limit(wanted, "offset") or 0
    if offset and len(returning) != 1:
        message = "offset: only for a search of one object"
        raise SalesforceError("ILLEGAL_QUERY_PARAMETER_VALUE", message)
    returning = tuple(replace(one, offset=offset) for one in returning)
    return _answer(org, caller, base, text, ids, returning, _limit(wanted, "overallLimit"))


def _limit(wanted: Mapping[str, Any], name: str) -> int | None:
    """A number of rows, at most 2,000; None where it is not given."""
    value = wanted.get(name)
    if value is None:
        return None
    if not str(value).isdecimal() or int(value) > MAX_ROWS:
        raise SalesforceError("ILLEGAL_QUERY_PARAMETER_VALUE", f"{name}: {value}")
    return int(value)


def _paths(names: Sequence[str] | None) -> tuple[FieldPath, ...]:
    if not names:
        return (ID_PATH,)
    return tuple(FieldPath(tuple(name.strip().split(".")), 0) for name in names)


def _returning(default: Returning, wanted: Mapping[str, Any]) -> Returning:
    fields = wanted.get("fields")
    return replace(
        default,
        sobject=str(wanted.get("name", "")),
        fields=_paths(fields) if fields else default.fields,
        where=parse_condition(wanted["where"]) if wanted.get("where") else None,
        order_by=parse_order(wanted["orderBy"]) if wanted.get("orderBy") else (),
        limit=_limit(wanted, "limit") or default.limit,
    )


def _answer(
    org: Org,
    caller: Caller,
    base: str,
    text: str,
    ids: Ids,
    returning: Sequence[Returning],
    limit: int | None,
) -> dict[str, Any]:
    records: list[dict[str, Any]] = []
    for one in returning:
        sobject = _seen_object(org, caller, one.sobject)
        own = sorted(record_id for record_id in ids if record_id.startswith(sobject.key_prefix))
        selection = Selection(
            text,
            sobject,
            one.fields,
            one.where,
            one.order_by,
            _row_cap(one, len(returning)),
            one.offset,
            among=own[:MAX_ROWS],
        )
        records += select_records(org, caller, base, selection)
    return {"searchRecords": records[: limit if limit is not None else MAX_ROWS]}


def _seen_object(org: Org, caller: Caller, name: str) -> SObject:
    sobject = org.view_for(caller).find(name)
    if sobject is None:
        raise unsupported_object(name)
    return sobject


def _row_cap(returning: Returning, objects: int) -> int:
    is_plain = returning.where is None and not returning.order_by
    cap = MAX_ROWS // objects
    if is_plain or objects > 1:
        cap = min(cap, MAX_ROWS_OF_PLAIN_OBJECT)
    return cap if returning.limit is None else min(cap, returning.limit)
