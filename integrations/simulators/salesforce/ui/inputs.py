"""The inputs of a form: a value of the org as text, and the text back as a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from integrations.simulators.salesforce.addresses import COUNTRIES, STATES
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.ids import MalformedIdError, to_18
from integrations.simulators.salesforce.objects import CODE_FIELDS
from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui.html import Html, el
from integrations.simulators.salesforce.ui.layouts import name_field, title_of
from integrations.simulators.salesforce.ui.listing import LIVING, Condition, read_sheet
from integrations.simulators.salesforce.ui.visit import Visit
from integrations.simulators.salesforce.values import Column, parse_time, to_wire_time
from integrations.simulators.salesforce.viewed import recently_viewed

TYPES: Mapping[str, str] = {
    "date": "date",
    "datetime": "datetime-local",
    "phone": "tel",
}
NUMBERS = frozenset({"int", "double", "currency", "percent"})
OFFERED = 20


def text_of(visit: Visit, field: Field, value: Column) -> str:
    """A value as its input shows it; references by the name of what they lead to."""
    if field.type == "boolean":
        return "true" if value else ""
    if value is None:
        return ""
    if field.type == "datetime":
        return f"{parse_time(str(value)).astimezone(visit.zone):%Y-%m-%dT%H:%M:%S}"
    if field.type == "reference":
        target = visit.target(str(value))
        return title_of(*target) if target else str(value)
    return str(value)


def value_of(visit: Visit, field: Field, text: str) -> str | bool | None:
    """What somebody entered, as the API takes it. Raises `SalesforceError`."""
    if field.type == "boolean":
        return text == "true"
    text = text.replace("\r\n", "\n").strip()
    if not text:
        return None
    if field.type == "datetime":
        return _moment(field, text, visit.zone)
    return _record_id(visit, field, text) if field.type == "reference" else text


def _moment(field: Field, text: str, zone: ZoneInfo) -> str:
    try:
        return to_wire_time(datetime.fromisoformat(text).replace(tzinfo=zone))
    except ValueError:
        raise _not_valid(field, f"{text} is not a date and time") from None


def _record_id(visit: Visit, field: Field, text: str) -> str:
    """The id behind an id or a name."""
    try:
        return to_18(text)
    except MalformedIdError:
        pass
    found = [row["Id"] for one in _targets(visit, field) for row in _named(visit, one, text)]
    if len(found) == 1:
        return str(found[0])
    words = "nothing has this name" if not found else "several records have this name; give the id"
    raise _not_valid(field, words)


def _targets(visit: Visit, field: Field) -> list[SObject]:
    return [one for name in field.reference_to if (one := visit.schema.find(name)) is not None]


def _named(visit: Visit, sobject: SObject, text: str) -> Sequence[Record]:
    named = Condition(f'"{name_field(sobject)}" = ?', (text,))
    return read_sheet(visit, sobject, LIVING, named, size=2).rows


def _not_valid(field: Field, words: str) -> SalesforceError:
    return SalesforceError("INVALID_INPUT", f"{field.label}: {words}", fields=[field.name])


def choices(visit: Visit, sobject: SObject, field: Field, row: Record) -> list[str] | None:
    """What can be chosen; None where anything can be entered."""
    if field.name in CODE_FIELDS:
        return None
    if sobject.name in ("Lead", "Task") and field.name == "Status":
        statuses = f"{sobject.name}Status"
        found = visit.org.store.rows(
            f"SELECT ApiName FROM {statuses} ORDER BY SortOrder"  # noqa: S608 - one of two names
        )
        return [str(one["ApiName"]) for one in found]
    if sobject.name == "CampaignMember" and field.name == "Status":
        found = visit.org.store.rows(
            "SELECT Label FROM CampaignMemberStatus WHERE CampaignId = ? ORDER BY SortOrder",
            [row.get("CampaignId")],
        )
        return [str(one["Label"]) for one in found] or None
    if visit.org.switches.state_picklists and (listed := _places(field, row)) is not None:
        return listed
    return list(field.picklist) if field.type == "picklist" and field.picklist else None


def _places(field: Field, row: Record) -> list[str] | None:
    """Countries, and the states of the country that the row has."""
    if field.name.endswith("Country"):
        return list(COUNTRIES.values())
    if not field.name.endswith("State"):
        return None
    code = row.get(field.name.removesuffix("State") + "CountryCode")
    of_country = STATES.get(str(code))
    every = [name for states in STATES.values() for name in states.values()]
    return sorted(of_country.values()) if of_country else sorted(every)


def input_for(
    visit: Visit, sobject: SObject, field: Field, row: Record, text: str, described_by: str | None
) -> Html:
    """The input of a field that holds `text`; `described_by` is the id of what is wrong with it."""
    named = {"id": visit.dress.input_id(sobject, field.name), "name": field.name}
    said = {"aria_describedby": described_by, "aria_invalid": "true" if described_by else None}
    if field.type == "boolean":
        is_on = text == "true"
        return el("input", type="checkbox", value="true", checked=is_on, **named, **said)
    if field.type == "textarea":
        return el("textarea", text, rows=4, **named, **said)
    offered = choices(visit, sobject, field, row)
    if offered is not None:
        return el("select", *_options(offered, text), **named, **said)
    kind = "number" if field.type in NUMBERS else TYPES.get(field.type, "text")
    step = {"datetime-local": "1", "number": "any"}.get(kind)
    listed = list(_suggestions(visit, field))
    list_id = f"{field.name}_offers" if listed else None
    entry = el(
        "input", type=kind, value=text, step=step, list=list_id, autocomplete="off", **named, **said
    )
    if not listed:
        return entry
    offers = el("datalist", *(el("option", value=one) for one in listed), id=list_id)
    return Html(entry + offers)


def _options(offered: Sequence[str], text: str) -> Iterator[Html]:
    yield el("option", "--None--", value="")
    for one in offered if text in offered or not text else [*offered, text]:
        yield el("option", one, value=one, selected=one == text)


def _suggestions(visit: Visit, field: Field) -> Iterator[str]:
    """Values that a combobox has, or the names of records that a reference may well mean."""
    if field.type == "combobox":
        yield from field.picklist
    if field.type != "reference":
        return
    for record_id in recently_viewed(visit.org, visit.user_id):
        target = visit.target(record_id)
        if target is not None and target[0].name in field.reference_to:
            yield title_of(*target)
    if "User" in field.reference_to:
        users = visit.schema.find("User")
        active = Condition("IsActive = 1")
        for row in read_sheet(visit, users, active, size=OFFERED).rows if users else ():
            yield str(row["Name"])
