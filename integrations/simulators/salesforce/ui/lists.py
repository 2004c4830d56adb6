"""Pages with many records: home, lists, related lists in full, search results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from starlette.responses import Response

from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui.html import Html, button, el, join, link, notice, table
from integrations.simulators.salesforce.ui.layouts import columns, label_of
from integrations.simulators.salesforce.ui.listing import (
    LIVING,
    MAX_FOUND,
    PAGE_SIZE,
    Condition,
    Sheet,
    count,
    found_ids,
    matching,
    read_sheet,
)
from integrations.simulators.salesforce.ui.shell import dressed_page, recent_list
from integrations.simulators.salesforce.ui.shown import shown, title_link
from integrations.simulators.salesforce.ui.visit import PageNotFoundError, Visit


def home(visit: Visit) -> Response:
    """What the user looked at last, and everything that the org holds."""
    visit.settle(visit.dress.home())
    recent = el("section", el("h2", "Recently Viewed"), recent_list(visit), class_="card")
    objects = [one for one in visit.schema.objects.values() if one.key_prefix]
    rows = [
        (link(visit.dress.list(one), one.label_plural), count(visit, one, LIVING), one.name)
        for one in sorted(objects, key=lambda one: one.label_plural)
    ]
    head = ("Object", "Records", "API Name")
    everything = el("h2", "All Objects"), table(head, rows, label="All objects")
    body = (el("h1", "Home"), recent, el("section", *everything, class_="card"))
    return dressed_page(visit, "Home", *body)


def list_records(visit: Visit) -> Response:
    """The records of an object, newest first, or those that a search finds."""
    sobject = visit.addressed_object()
    visit.settle(visit.dress.list(sobject))
    words, before = visit.query.get("q", "").strip(), visit.query.get("before", "")
    conditions, problem = [LIVING], None
    if words:
        try:
            conditions.append(matching(visit, sobject, words))
        except SalesforceError as error:
            problem = notice(error.message, "error")
    sheet = read_sheet(visit, sobject, *conditions, before=before)
    new = link(visit.dress.new(sobject, {}), "New", class_="button") if sobject.createable else None
    about = f"Records: {count(visit, sobject, *conditions)}. Newest first."
    body = (
        el("div", el("h1", sobject.label_plural), new, class_="heading"),
        el("div", _filter(sobject, words), el("p", about, class_="faint"), class_="heading"),
        problem,
        records_table(visit, sobject, columns(sobject), sheet.rows),
        _pager(visit.dress.list(sobject), sheet, q=words),
    )
    return dressed_page(visit, sobject.label_plural, el("section", *body, class_="card"))


def _filter(sobject: SObject, words: str) -> Html:
    label = f"Search {sobject.label_plural}"
    field = el("input", type="search", name="q", value=words, aria_label=label, placeholder=label)
    return el("form", field, button("Find"), role="search", class_="inline")


def records_table(
    visit: Visit, sobject: SObject, fields: Sequence[Field], rows: Iterable[Record]
) -> Html:
    """Records as a table; the first column leads to each."""
    cells = [
        [
            title_link(visit, sobject, row),
            *(shown(visit, field, row[field.name]) for field in fields[1:]),
        ]
        for row in rows
    ]
    if not cells:
        return el("p", "No records.", class_="faint")
    return table((label_of(one) for one in fields), cells, label=sobject.label_plural)


def _pager(address: str, sheet: Sheet, **query: str) -> Html | None:
    given = {name: value for name, value in query.items() if value}
    if sheet.next_before is None:
        return None
    following = f"{address}?{urlencode({**given, 'before': sheet.next_before})}"
    first = link(f"{address}?{urlencode(given)}", "Newest")
    return el("nav", first, " ", link(following, f"Next {PAGE_SIZE}"), aria_label="Pages")


def list_related(visit: Visit) -> Response:
    """All records that point to one record through one relationship."""
    sobject, row = visit.addressed_record()
    wanted = visit.request.path_params["relationship"]
    found = visit.schema.child(sobject, wanted)
    if found is None:
        raise PageNotFoundError("There is no such related list.")
    child, field = found
    address = visit.dress.related(sobject, str(row["Id"]), str(field.child_relationship))
    visit.settle(address)
    below = Condition(f'"{field.name}" = ?', (str(row["Id"]),))
    sheet = read_sheet(visit, child, LIVING, below, before=visit.query.get("before", ""))
    about = join([count(visit, child, LIVING, below), " of ", title_link(visit, sobject, row)])
    body = (
        el("h1", child.label_plural),
        el("p", about, class_="faint"),
        records_table(visit, child, columns(child), sheet.rows),
        _pager(address, sheet),
    )
    return dressed_page(visit, child.label_plural, el("section", *body, class_="card"))


def search(visit: Visit) -> Response:
    """What the search index finds, by object."""
    words = visit.query.get("str", "").strip()
    ids: set[str] = set()
    problem = None
    try:
        ids = found_ids(visit, words)
    except SalesforceError as error:
        problem = notice(error.message, "error")
    parts = [
        _found(visit, sobject, words)
        for sobject in visit.schema.objects.values()
        if sobject.searchable and any(one.startswith(sobject.key_prefix) for one in ids)
    ]
    lag = visit.org.switches.index.lag_seconds
    blind = f" It does not know yet what changed in the last {lag:g} seconds." if lag else ""
    about = f"Searched are names, e-mail addresses and phone numbers.{blind}"
    nothing = el("p", "Nothing was found.") if not parts and problem is None else None
    head = el("h1", f"Search Results for {words}" if words else "Search")
    body = (head, el("p", about, class_="faint"), problem, *parts, nothing)
    return dressed_page(visit, "Search Results", *body)


def _found(visit: Visit, sobject: SObject, words: str) -> Html:
    sheet = read_sheet(visit, sobject, LIVING, matching(visit, sobject, words), size=MAX_FOUND)
    listed = records_table(visit, sobject, columns(sobject), sheet.rows)
    return el("section", el("h2", sobject.label_plural), listed, class_="card")
