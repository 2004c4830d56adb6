"""The page of one record: details, related lists, activity, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response

from integrations.simulators.salesforce.merging import MERGED
from integrations.simulators.salesforce.record_access import ALL, EDIT, LEVELS, level_of
from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui import activities
from integrations.simulators.salesforce.ui.html import (
    Html,
    button,
    el,
    facts,
    join,
    link,
    post_form,
)
from integrations.simulators.salesforce.ui.layouts import (
    columns,
    highlights,
    label_of,
    sections,
    title_of,
)
from integrations.simulators.salesforce.ui.listing import LIVING, Condition, count, read_sheet
from integrations.simulators.salesforce.ui.lists import records_table
from integrations.simulators.salesforce.ui.recycle_bin import restore_form
from integrations.simulators.salesforce.ui.shell import dressed_page
from integrations.simulators.salesforce.ui.shown import shown
from integrations.simulators.salesforce.ui.visit import Visit
from integrations.simulators.salesforce.viewed import note_view

RELATED_SHOWN = 6
PEOPLE = ("Contact", "Lead")


def show_record(visit: Visit) -> Response:
    """One record, at the address that the visitor's dress has for it."""
    sobject, row = visit.addressed_record()
    visit.settle(visit.dress.view(sobject, str(row["Id"])))
    if not row["IsDeleted"]:
        note_view(visit.org, visit.user_id, str(row["Id"]))
    return record_page(visit, sobject, row)


def record_page(
    visit: Visit, sobject: SObject, row: Record, problem: Html | None = None
) -> Response:
    """The page itself; `problem` stands above everything."""
    title = title_of(sobject, row)
    details = el("section", el("h2", "Details"), *_details(visit, sobject, row), class_="card")
    main = el("div", details, *_related_lists(visit, sobject, row), class_="details")
    has_activity = sobject.name in activities.OWNERS
    beside = activities.time_line(visit, str(row["Id"])) if has_activity else None
    body = (
        problem,
        _deleted_notice(row),
        _head(visit, sobject, row, title),
        el("div", main, beside, class_="record"),
    )
    return dressed_page(visit, f"{title} | {sobject.label}", *body)


def _deleted_notice(row: Record) -> Html | None:
    if not row["IsDeleted"]:
        return None
    words = el("p", "This record is in the recycle bin.", role="status")
    return el("div", words, restore_form(str(row["Id"])), class_="notice info")


def _head(visit: Visit, sobject: SObject, row: Record, title: str) -> Html:
    name = el("h1", el("span", sobject.label, class_="kind"), " ", title)
    actions = el("div", *_actions(visit, sobject, row), class_="actions")
    top = el("div", name, actions, class_="heading")
    short = [(label_of(one), shown(visit, one, row[one.name])) for one in highlights(sobject)]
    summary = el("div", facts(short), class_="highlights") if short else None
    return el("section", top, summary, class_="card head")


def _actions(visit: Visit, sobject: SObject, row: Record) -> Iterator[Html]:
    if row["IsDeleted"]:
        return
    record_id = str(row["Id"])
    level = LEVELS.index(level_of(visit.org, visit.user_id, record_id))
    if sobject.updateable and level >= LEVELS.index(EDIT):
        here = visit.dress.view(sobject, record_id)
        yield link(visit.dress.edit(sobject, record_id, here), "Edit", class_="button")
    yield from _activity_links(visit, sobject, record_id)
    may_convert = visit.org.may(visit.user_id, "PermissionsConvertLeads")
    if sobject.name == "Lead" and not row["IsConverted"] and may_convert:
        yield link(f"/_ui/records/{record_id}/convert", "Convert", class_="button")
    if sobject.deletable and level >= LEVELS.index(ALL):
        if sobject.name in MERGED:
            yield link(f"/_ui/records/{record_id}/merge", "Merge", class_="button")
        yield _delete(sobject, record_id)


def _activity_links(visit: Visit, sobject: SObject, record_id: str) -> Iterator[Html]:
    task = visit.schema.find("Task")
    if sobject.name not in activities.OWNERS or task is None or not task.createable:
        return
    about = {"WhoId" if sobject.name in PEOPLE else "WhatId": record_id}
    call = {"Subject": "Call", "TaskSubtype": "Call", "Status": "Completed"}
    yield link(visit.dress.new(task, about | call), "Log a Call", class_="button")
    yield link(visit.dress.new(task, about), "New Task", class_="button")


def _delete(sobject: SObject, record_id: str) -> Html:
    question = el("p", f"Move this {sobject.label.lower()} to the recycle bin?")
    form = post_form(f"/_ui/records/{record_id}/delete", question, button("Delete"))
    return el("details", el("summary", "Delete", class_="button"), form, class_="menu")


def _details(visit: Visit, sobject: SObject, row: Record) -> Iterator[Html]:
    for title, fields in sections(sobject, row):
        pairs = [(label_of(one), shown(visit, one, row[one.name])) for one in fields]
        yield join([el("h3", title), facts(pairs)])


def _related_lists(visit: Visit, sobject: SObject, row: Record) -> Iterator[Html]:
    for child, field in _children(visit, sobject):
        yield _related_list(visit, sobject, row, child, field)


def _children(visit: Visit, sobject: SObject) -> Iterator[tuple[SObject, Field]]:
    """Who points here through a relationship with a name; activities have the time line."""
    for child in visit.schema.objects.values():
        for field in child.fields:
            if (
                sobject.name in field.reference_to
                and field.child_relationship
                and child.name not in ("Task", "Event")
            ):
                yield child, field


def _related_list(
    visit: Visit, sobject: SObject, row: Record, child: SObject, field: Field
) -> Html:
    record_id, relationship = str(row["Id"]), str(field.child_relationship)
    below = Condition(f'"{field.name}" = ?', (record_id,))
    sheet = read_sheet(visit, child, LIVING, below, size=RELATED_SHOWN)
    own = [one for one in columns(child) if one.name != field.name]
    heading = el("h2", f"{_heading(child, relationship)} ({count(visit, child, LIVING, below)})")
    new = None
    if child.createable and field.createable:
        address = visit.dress.new(child, {field.name: record_id})
        new = link(address, f"New {child.label}", class_="button")
    every = visit.dress.related(sobject, record_id, relationship)
    more = el("p", link(every, "View All")) if sheet.next_before else None
    listed = records_table(visit, child, own, sheet.rows)
    return el("section", el("div", heading, new, class_="heading"), listed, more, class_="card")


def _heading(child: SObject, relationship: str) -> str:
    return f"Child {child.label_plural}" if relationship.startswith("Child") else child.label_plural
