"""Values as a user reads them."""

from __future__ import annotations

from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui.html import Html, el, link
from integrations.simulators.salesforce.ui.layouts import title_of
from integrations.simulators.salesforce.ui.visit import Visit
from integrations.simulators.salesforce.values import Column, parse_time

NO_ACCESS = "(no access)"


def shown(visit: Visit, field: Field, value: Column) -> str:
    """A value of a field: text, or markup for what is more than that."""
    if field.type == "boolean":
        return "Yes" if value else "No"
    if value is None:
        return ""
    if field.type == "datetime":
        return moment(visit, str(value))
    if field.type == "reference":
        return record_link(visit, str(value))
    if field.type == "currency":
        return f"{float(value):,.2f}"
    if field.type == "textarea":
        return el("span", str(value), class_="lines")
    return str(value)


def moment(visit: Visit, value: str) -> str:
    """A point in time, in the time zone of the user."""
    return f"{parse_time(value).astimezone(visit.zone):%Y-%m-%d %H:%M}"


def record_link(visit: Visit, record_id: str) -> str:
    """A link to a record; just its id where it is gone, nothing of what the user must not see."""
    target = visit.target(record_id)
    if target is not None:
        return title_link(visit, *target)
    return NO_ACCESS if visit.org.target(record_id) else record_id


def title_link(visit: Visit, sobject: SObject, row: Record) -> Html:
    """A link to a record with its title."""
    return link(visit.dress.view(sobject, str(row["Id"])), title_of(sobject, row))


def duration(seconds: int) -> str:
    """How long a call took."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
