"""Forms that change a record or make one. What is saved goes through the rules of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import RedirectResponse, Response

from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.objects import CODE_FIELDS
from integrations.simulators.salesforce.records import create_record, default_row, update_record
from integrations.simulators.salesforce.saving import Saving
from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui.dress import CLASSIC, LIGHTNING, Dress
from integrations.simulators.salesforce.ui.html import (
    Html,
    button,
    el,
    hidden,
    join,
    link,
    notice,
    post_form,
)
from integrations.simulators.salesforce.ui.inputs import input_for, text_of, value_of
from integrations.simulators.salesforce.ui.layouts import SYSTEM, label_of, sections, title_of
from integrations.simulators.salesforce.ui.shell import dressed_page
from integrations.simulators.salesforce.ui.shown import record_link, shown
from integrations.simulators.salesforce.ui.visit import PageNotFoundError, Visit, safe_path

PLACES = ("retURL", "saveURL", "cancelURL")
"""Where Classic goes afterwards: by default, after saving, after cancelling."""
SEEN = "_seen"
"""The state of the record that the form was opened on."""
ASSIGN, SAVE_ANYWAY = "_assign", "_save_anyway"

Save = Callable[[Mapping[str, Any], Saving], str]
"""Saves values; the id of the record. Raises `SalesforceError`."""


@dataclass(frozen=True)
class RecordForm:
    """A form as it stands: on which row, and what was entered."""

    visit: Visit
    sobject: SObject
    row: Record
    is_new: bool
    prefill: Mapping[str, str]

    def fields(self) -> Iterator[tuple[str, list[Field]]]:
        """The fields by section, without those that nobody sets by hand; codes of places follow
        from their names."""
        for title, fields in sections(self.sobject, self.row):
            wanted = [one for one in fields if one.name not in CODE_FIELDS]
            wanted = [one for one in wanted if self.is_editable(one) or not self.is_new]
            if wanted and title != SYSTEM:
                yield title, wanted

    def is_editable(self, one: Field) -> bool:
        """Whether the user may set a field."""
        return one.createable if self.is_new else one.updateable

    def initial(self, one: Field) -> str:
        """What the input held when the form was opened, prefill apart."""
        return text_of(self.visit, one, self.row[one.name])

    def text(self, one: Field) -> str:
        """What the input holds."""
        if self.visit.is_post:
            return self.visit.form.get(one.name, "")
        if one.name not in self.prefill:
            return self.initial(one)
        given = self.prefill[one.name]
        is_id = one.type == "reference" and self.visit.target(given) is not None
        return text_of(self.visit, one, given) if is_id else given

    def changes(self) -> dict[str, Any]:
        """The values that differ from the row. Raises `SalesforceError`."""
        editable = [one for _, fields in self.fields() for one in fields if self.is_editable(one)]
        return {
            one.name: value_of(self.visit, one, self.text(one))
            for one in editable
            if _plain(self.text(one)) != _plain(self.initial(one))
        }

    @property
    def address(self) -> str:
        """Where the form is."""
        dress = self.visit.dress
        if self.is_new:
            return dress.new(self.sobject, {})
        return dress.edit(self.sobject, str(self.row["Id"]))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def edit(visit: Visit) -> Response:
    """The form of a record, and saving it."""
    sobject, row = visit.addressed_record()
    form = RecordForm(visit, sobject, row, is_new=False, prefill={})
    if not visit.is_post:
        visit.settle(visit.dress.edit(sobject, str(row["Id"]), visit.query.get("retURL", "")))
        return _show(form)
    if visit.form.get(SEEN) != row["SystemModstamp"]:
        words = "Somebody changed this record while you did. Compare, and save again."
        return _show(form, SalesforceError("CHANGED_MEANWHILE", words))

    def save(values: Mapping[str, Any], saving: Saving) -> str:
        if values:
            update_record(visit.org, visit.user_id, sobject, str(row["Id"]), values, saving)
        return str(row["Id"])

    return _save(form, save)


def new(visit: Visit) -> Response:
    """The form for a new record, and making it."""
    sobject = visit.addressed_object()
    if not sobject.createable:
        raise PageNotFoundError(f"You cannot create a {sobject.label.lower()}.")
    asked: Dress = LIGHTNING if visit.request.url.path.startswith("/lightning/") else CLASSIC
    given = asked.prefill(sobject, visit.query)
    row = default_row(sobject, visit.user_id)
    form = RecordForm(visit, sobject, row, is_new=True, prefill=given)
    if not visit.is_post:
        visit.settle(visit.dress.new(sobject, given))
        return _show(form)

    def save(values: Mapping[str, Any], saving: Saving) -> str:
        return create_record(visit.org, visit.user_id, sobject, values, saving)

    return _save(form, save)


def _save(form: RecordForm, save: Save) -> Response:
    visit = form.visit
    saving = Saving(auto_assign=ASSIGN in visit.form, allow_duplicates=SAVE_ANYWAY in visit.form)
    try:
        with visit.org.store.transaction():
            record_id = save(form.changes(), saving)
    except SalesforceError as error:
        return _show(form, error)
    saved = visit.dress.view(form.sobject, record_id)
    after = saved if form.is_new else visit.form.get("retURL")
    return RedirectResponse(safe_path(visit.form.get("saveURL"), safe_path(after, saved)), 303)


def _show(form: RecordForm, error: SalesforceError | None = None) -> Response:
    """The form with what is wrong; 200 as at the real one, since the page itself is there."""
    visit = form.visit
    name = form.sobject.label if form.is_new else title_of(form.sobject, form.row)
    title = f"New {name}" if form.is_new else f"Edit {name}"
    places = visit.form if visit.is_post else visit.query
    kept = {key: places[key] for key in PLACES if key in places}
    if not form.is_new:
        kept[SEEN] = str(form.row["SystemModstamp"])
    body = post_form(
        form.address.partition("?")[0],
        hidden(kept),
        _what_is_wrong(form, error),
        *(_section(form, title, fields, error) for title, fields in form.fields()),
        _assign(form),
        el("div", _buttons(form, error), _cancel(form, kept), class_="actions"),
        class_="editor",
    )
    return dressed_page(visit, title, el("section", el("h1", title), body, class_="card"))


def _cancel(form: RecordForm, kept: Mapping[str, str]) -> Html:
    dress = form.visit.dress
    own = dress.view(form.sobject, str(form.row["Id"])) if not form.is_new else None
    back = safe_path(kept.get("retURL"), own or dress.list(form.sobject))
    return link(safe_path(kept.get("cancelURL"), back), "Cancel", class_="button")


def _buttons(form: RecordForm, error: SalesforceError | None) -> Html:
    again = None
    if error is not None and _found_twins(error).get("allowSave"):
        again = button("Save Anyway", name=SAVE_ANYWAY, value="1")
    return join([button("Save", class_="main"), again])


def _section(
    form: RecordForm, title: str, fields: list[Field], error: SalesforceError | None
) -> Html:
    legend = el("legend", title)
    return el("fieldset", legend, *(_entry(form, one, error) for one in fields))


def _entry(form: RecordForm, one: Field, error: SalesforceError | None) -> Html:
    """A field with its label, and what the org says about it."""
    if not form.is_editable(one):
        fixed = shown(form.visit, one, form.row[one.name])
        return el("div", el("span", label_of(one)), el("span", fixed), class_="entry fixed")
    input_id = form.visit.dress.input_id(form.sobject, one.name)
    problem = None
    if error is not None and one.name in (error.fields or ()):
        problem = el("p", error.message, id=f"{input_id}_error", class_="wrong")
    context = form.row | dict(form.prefill)
    entry = input_for(
        form.visit, form.sobject, one, context, form.text(one), problem and f"{input_id}_error"
    )
    star = el("span", " *", class_="star", title="required") if one.required else None
    label = el("label", label_of(one), star, for_=input_id)
    return el("div", label, entry, problem, class_=f"entry {one.type}")


def _what_is_wrong(form: RecordForm, error: SalesforceError | None) -> Html | None:
    if error is None:
        return None
    named = {one.name: one for _, fields in form.fields() for one in fields}
    at = [named[name] for name in error.fields or () if name in named]
    if not at:
        return el("div", notice(error.message, "error"), *_twins(form, error))
    links = (
        link(f"#{form.visit.dress.input_id(form.sobject, one.name)}", label_of(one)) for one in at
    )
    return notice(join(["This was not saved. Review ", join(links, ", "), "."]), "error")


def _found_twins(error: SalesforceError) -> Mapping[str, Any]:
    found: Mapping[str, Any] = error.more.get("duplicateResut", {})  # as the org spells it
    return found


def _twins(form: RecordForm, error: SalesforceError) -> Iterator[Html]:
    for match in _found_twins(error).get("matchResults", ()):
        ids = [one["record"]["Id"] for one in match["matchRecords"]]
        yield el("ul", *(el("li", record_link(form.visit, one)) for one in ids))


def _assign(form: RecordForm) -> Html | None:
    """Pages ask whether an assignment rule may choose the owner; the API does it unasked."""
    if form.sobject.name not in form.visit.org.switches.rules.owners:
        return None
    box = el("input", type="checkbox", name=ASSIGN, value="1", checked=ASSIGN in form.visit.form)
    return el("label", box, " Assign using the active assignment rule", class_="assign")
