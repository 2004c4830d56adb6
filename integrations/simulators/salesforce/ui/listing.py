"""Reading many records for a page, quickly: in the order of an index, and never all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from integrations.simulators.salesforce.access import SETUP_OBJECTS
from integrations.simulators.salesforce.access_rows import fill
from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.find_term import find_ids
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.search_index import tokens_of
from integrations.simulators.salesforce.sosl import KINDS
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui.layouts import name_field
from integrations.simulators.salesforce.ui.visit import Visit
from integrations.simulators.salesforce.values import Column

PAGE_SIZE = 50
MAX_COUNTED = 2_000
MAX_FOUND = 200


@dataclass(frozen=True)
class Condition:
    """SQL that narrows a list, with its values."""

    sql: str
    values: tuple[Column, ...] = ()


LIVING = Condition("IsDeleted IS NOT 1")
DELETED = Condition("IsDeleted = 1")


@dataclass(frozen=True)
class Sheet:
    """One page of a list; `next_before` leads to the next one."""

    rows: Sequence[Record]
    next_before: str | None


def read_sheet(
    visit: Visit, sobject: SObject, *conditions: Condition, before: str = "", size: int = PAGE_SIZE
) -> Sheet:
    """The newest records, those before the id `before`: ids grow, so they are their own order."""
    if sobject.name in SETUP_OBJECTS:
        fill(visit.org, Caller(visit.user_id, "", frozenset(), visit.zone), sobject, None)
    if before:
        conditions = (*conditions, Condition("Id < ?", (before,)))
    where, values = _where(visit, sobject, conditions)
    found = visit.org.store.rows(
        f'SELECT * FROM "{sobject.name}" root WHERE {where} ORDER BY Id DESC LIMIT ?',  # noqa: S608
        [*values, size + 1],
    )
    rows = [dict(row) for row in found[:size]]
    return Sheet(rows, str(rows[-1]["Id"]) if len(found) > size else None)


def count(visit: Visit, sobject: SObject, *conditions: Condition) -> str:
    """How many records there are, as a text; beyond `MAX_COUNTED` it says so.

    The rows of some objects are made when somebody asks: those are not counted.
    """
    if sobject.name in SETUP_OBJECTS:
        return "on request"
    where, values = _where(visit, sobject, conditions)
    rows = visit.org.store.rows(
        f'SELECT count(*) AS found FROM (SELECT 1 FROM "{sobject.name}" root '  # noqa: S608
        f"WHERE {where} LIMIT ?)",
        [*values, MAX_COUNTED + 1],
    )
    found = int(rows[0]["found"])
    return f"{MAX_COUNTED:,}+" if found > MAX_COUNTED else f"{found:,}"


def _where(
    visit: Visit, sobject: SObject, conditions: Sequence[Condition]
) -> tuple[str, list[Column]]:
    seen = visit.sharing.visible("root", sobject.name)
    sql = " AND ".join([seen, *(f"({one.sql})" for one in conditions)])
    return sql, [value for one in conditions for value in one.values]


def matching(visit: Visit, sobject: SObject, words: str) -> Condition:
    """Records that a search finds: by the search index, else by words in the name.

    Raises `SalesforceError` where the words cannot be searched for.
    """
    if sobject.searchable:
        ids = [one for one in found_ids(visit, words) if one.startswith(sobject.key_prefix)]
        newest = sorted(ids, reverse=True)[:MAX_FOUND]
        return Condition("Id IN (SELECT value FROM json_each(?))", (json.dumps(newest),))
    escaped = "".join(f"\\{char}" if char in "%_\\" else char for char in words.strip())
    column = name_field(sobject)
    return Condition(f"\"{column}\" LIKE ? ESCAPE '\\'", (f"%{escaped}%",))


def found_ids(visit: Visit, words: str) -> set[str]:
    """What the search index knows of words that begin so. Raises `SalesforceError`."""
    terms = ["\\-".join(tokens_of(word)) for word in words.split()]
    term = " AND ".join(f"{one}*" for one in terms if one)
    if not term:
        raise SalesforceError("INVALID_SEARCH", "Enter at least two letters or digits.")
    return find_ids(visit.org, term, KINDS["ALL"])
