"""What a user does with a record beside editing it: delete, convert, merge."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import RedirectResponse, Response

from integrations.simulators.salesforce.conversion import Into, convert_lead
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.merging import MAX_LOSERS, MERGED, merge_records
from integrations.simulators.salesforce.records import delete_record
from integrations.simulators.salesforce.schema import Field, SObject, lookup
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui.html import (
    Html,
    button,
    el,
    join,
    link,
    notice,
    post_form,
)
from integrations.simulators.salesforce.ui.inputs import value_of
from integrations.simulators.salesforce.ui.layouts import columns, name_field, title_of
from integrations.simulators.salesforce.ui.listing import LIVING, Condition, read_sheet
from integrations.simulators.salesforce.ui.record_page import record_page
from integrations.simulators.salesforce.ui.shell import dressed_page
from integrations.simulators.salesforce.ui.shown import shown, title_link
from integrations.simulators.salesforce.ui.visit import PageNotFoundError, Visit

ACCOUNT = lookup("account", "Account", "Account")
CONTACT = lookup("contact", "Contact", "Contact")
MAX_TWINS = 10


def delete(visit: Visit) -> Response:
    """Move a record to the recycle bin."""
    sobject, row = visit.addressed_record()
    try:
        with visit.org.store.transaction():
            delete_record(visit.org, visit.user_id, sobject, str(row["Id"]))
    except SalesforceError as error:
        return record_page(visit, sobject, row, notice(error.message, "error"))
    return RedirectResponse(visit.dress.list(sobject), 303)


def convert(visit: Visit) -> Response:
    """Make an account and a contact, and perhaps an opportunity, of a lead."""
    sobject, row = visit.addressed_record()
    if sobject.name != "Lead" or not visit.org.may(visit.user_id, "PermissionsConvertLeads"):
        raise PageNotFoundError("You cannot convert this record.")
    if not visit.is_post:
        return _convert_page(visit, sobject, row)
    try:
        with visit.org.store.transaction():
            into = Into(_chosen(visit, ACCOUNT), _chosen(visit, CONTACT), _opportunity(visit))
            made = convert_lead(visit.org, visit.user_id, str(row["Id"]), into)
    except SalesforceError as error:
        return _convert_page(visit, sobject, row, notice(error.message, "error"))
    return RedirectResponse(visit.dress.view(visit.org.sobject("Contact"), made["contact_id"]), 303)


def _chosen(visit: Visit, field: Field) -> str | None:
    found = value_of(visit, field, visit.form.get(field.name, ""))
    return str(found) if found else None


def _opportunity(visit: Visit) -> str | None:
    return visit.form.get("opportunity", "").strip() or None


def _convert_page(
    visit: Visit, sobject: SObject, row: Record, problem: Html | None = None
) -> Response:
    title = f"Convert {title_of(sobject, row)}"
    form = post_form(
        f"/_ui/records/{row['Id']}/convert",
        _line(visit, "account", f"Account (leave empty to create {row['Company']})"),
        _line(visit, "contact", f"Contact (leave empty to create {row['Name']})"),
        _line(visit, "opportunity", "Opportunity name (leave empty for none)"),
        el("div", button("Convert", class_="main"), _back(visit, sobject, row), class_="actions"),
        class_="editor",
    )
    body = (el("h1", title), problem, form)
    return dressed_page(visit, title, el("section", *body, class_="card"))


def _line(visit: Visit, name: str, label: str) -> Html:
    entry = el("input", id=name, name=name, value=visit.form.get(name, ""))
    return el("div", el("label", label, for_=name), entry, class_="entry")


def _back(visit: Visit, sobject: SObject, row: Record) -> Html:
    return link(visit.dress.view(sobject, str(row["Id"])), "Cancel", class_="button")


def merge(visit: Visit) -> Response:
    """Put up to two duplicates into a record; they go to the recycle bin."""
    sobject, row = visit.addressed_record()
    if sobject.name not in MERGED or not (sobject.deletable and sobject.updateable):
        raise PageNotFoundError("You cannot merge this record.")
    if not visit.is_post:
        return _merge_page(visit, sobject, row)
    twins = [one for one in visit.form.get("others", "").split() if one]
    twins += [str(one["Id"]) for one in _twins(visit, sobject, row) if str(one["Id"]) in visit.form]
    try:
        with visit.org.store.transaction():
            merge_records(visit.org, visit.user_id, sobject, str(row["Id"]), twins)
    except SalesforceError as error:
        return _merge_page(visit, sobject, row, notice(error.message, "error"))
    return RedirectResponse(visit.dress.view(sobject, str(row["Id"])), 303)


def _twins(visit: Visit, sobject: SObject, row: Record) -> Iterator[Record]:
    """Other records of the same name."""
    name = name_field(sobject)
    same = Condition(f'"{name}" = ? AND Id <> ?', (row[name], str(row["Id"])))
    yield from read_sheet(visit, sobject, LIVING, same, size=MAX_TWINS).rows


def _merge_page(
    visit: Visit, sobject: SObject, row: Record, problem: Html | None = None
) -> Response:
    title = f"Merge into {title_of(sobject, row)}"
    twins = [_twin(visit, sobject, one) for one in _twins(visit, sobject, row)]
    nothing = el("p", "No other record has the same name.", class_="faint")
    form = post_form(
        f"/_ui/records/{row['Id']}/merge",
        el("fieldset", el("legend", "Records of the same name"), *(twins or [nothing])),
        _line(visit, "others", "Ids of other records, with spaces between"),
        el("p", f"At most {MAX_LOSERS} records go to the recycle bin; what belongs to them moves."),
        el("div", button("Merge", class_="main"), _back(visit, sobject, row), class_="actions"),
        class_="editor",
    )
    body = (el("h1", title), problem, form)
    return dressed_page(visit, title, el("section", *body, class_="card"))


def _twin(visit: Visit, sobject: SObject, row: Record) -> Html:
    box = el("input", type="checkbox", name=str(row["Id"]), value="1")
    said = [shown(visit, one, row[one.name]) for one in columns(sobject)[1:5]]
    about = join([title_link(visit, sobject, row), *filter(None, said)], ", ")
    return el("label", box, " ", about)
