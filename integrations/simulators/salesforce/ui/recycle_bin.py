"""The recycle bin: what was deleted, and the way back."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response

from integrations.simulators.control import Action, ControlError
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui.html import (
    Html,
    button,
    el,
    hidden,
    notice,
    post_form,
    table,
)
from integrations.simulators.salesforce.ui.listing import DELETED, read_sheet
from integrations.simulators.salesforce.ui.shell import RECYCLE_BIN, dressed_page
from integrations.simulators.salesforce.ui.shown import moment, title_link
from integrations.simulators.salesforce.ui.visit import Visit


class RecycleBin:
    """The page; it acts through the actions of the outside world."""

    def __init__(self, actions: Mapping[str, Action]) -> None:
        self._actions = actions

    def show(self, visit: Visit, problem: Html | None = None) -> Response:
        """The latest deleted records of every object."""
        rows = [
            _line(visit, one, row)
            for one in visit.schema.objects.values()
            if one.deletable
            for row in read_sheet(visit, one, DELETED).rows
        ]
        head = ("Name", "Type", "Deleted", "Action")
        listed = table(head, rows, label="Deleted records") if rows else el("p", "It is empty.")
        empty = post_form(f"{RECYCLE_BIN}/empty", button("Empty Recycle Bin")) if rows else None
        heading = el("div", el("h1", "Recycle Bin"), empty, class_="heading")
        page = el("section", heading, problem, listed, class_="card")
        return dressed_page(visit, "Recycle Bin", page)

    def restore(self, visit: Visit) -> Response:
        """Take one record out."""
        target = visit.target(visit.form.get("id", ""))
        if target is None:
            return self.show(visit, notice("This record is gone for good.", "error"))
        sobject, row = target
        try:
            self._actions["undelete-record"]({"sobject": sobject.name, "id": row["Id"]})
        except ControlError as error:
            return self.show(visit, notice(str(error), "error"))
        return RedirectResponse(visit.dress.view(sobject, str(row["Id"])), 303)

    def empty(self, visit: Visit) -> Response:
        """Remove everything for good."""
        self._actions["empty-recycle-bin"]({})
        return RedirectResponse(RECYCLE_BIN, 303)


def _line(visit: Visit, sobject: SObject, row: Record) -> tuple[str, ...]:
    deleted = row["LastModifiedDate"]
    at = moment(visit, str(deleted)) if deleted else ""
    return (title_link(visit, sobject, row), sobject.label, at, restore_form(str(row["Id"])))


def restore_form(record_id: str) -> Html:
    """The button that takes a record out of the recycle bin."""
    return post_form(f"{RECYCLE_BIN}/restore", hidden({"id": record_id}), button("Restore"))
