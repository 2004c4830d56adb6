"""The activity time line of a record: what is still to do, and what has been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui.html import Html, el, join
from integrations.simulators.salesforce.ui.shown import (
    duration,
    moment,
    record_link,
    title_link,
)
from integrations.simulators.salesforce.ui.visit import Visit

SHOWN, READ = 30, 500
LINKS = ("WhoId", "WhatId", "AccountId")
SHOWN_CHARACTERS = 400
OWNERS = frozenset({"Account", "Campaign", "Case", "Contact", "Lead", "Opportunity"})
"""Objects whose records have a time line."""

_MOMENTS = {
    "Event": ("coalesce(StartDateTime, ActivityDate)", "StartDateTime"),
    "Task": (
        "coalesce(ActivityDate, CompletedDateTime, CreatedDate)",
        "coalesce(CompletedDateTime, CreatedDate)",
    ),
}
"""What the time line says of when an activity was, and what sorts those of one day."""
_END = "coalesce(EndDateTime, ActivityDate)"
_HEADINGS = {
    "classic": ("Open Activities", "Activity History"),
    "lightning": ("Upcoming & Overdue", "Past Activity"),
}


@dataclass(frozen=True)
class Kind:
    """How an activity looks at first sight: a sign, its colour's name, and what it says."""

    sign: str
    name: str
    label: str


_EVENT, _TASK = Kind("▦", "event", "Event"), Kind("✓", "task", "Task")
_CALLS = {
    "Inbound": Kind("↙", "call", "Inbound call"),
    "Outbound": Kind("↗", "call", "Outbound call"),
    "Internal": Kind("↔", "call", "Internal call"),
}
_OTHERS = {
    "Call": Kind("☎", "call", "Call"),
    "Email": Kind("✉", "email", "Email"),
    "ListEmail": Kind("✉", "email", "Email"),
}


def time_line(visit: Visit, record_id: str) -> Html:
    """Both parts of the time line of a record."""
    now = visit.org.now_on_wire()
    headings = _HEADINGS[visit.dress.name]
    ahead = _read(visit, "Task", record_id, "ASC", "IsClosed IS NOT 1")
    ahead += _read(visit, "Event", record_id, "ASC", f"{_END} >= ?", now)
    past = _read(visit, "Task", record_id, "DESC", "IsClosed = 1")
    past += _read(visit, "Event", record_id, "DESC", f"{_END} < ?", now)
    parts = [
        _part(visit, headings[0], sorted(ahead, key=itemgetter(0)), "Nothing to do."),
        _part(visit, headings[1], sorted(past, key=itemgetter(0), reverse=True), "None yet."),
    ]
    return el("section", el("h2", "Activity"), *parts, class_="card activity")


_Dated = tuple[tuple[str, str], SObject, Record]
"""An activity with the day, and the moment on it, by which it is sorted."""


def _read(
    visit: Visit, name: str, record_id: str, order: str, clause: str, *values: str
) -> list[_Dated]:
    """The first of an order, among the latest `READ` of each link: no index has the order."""
    sobject = visit.schema.find(name)
    if sobject is None:
        return []
    at, then = _MOMENTS[name]
    latest = " UNION ".join(
        f'SELECT * FROM (SELECT Id FROM "{name}" WHERE {link} = ? AND IsDeleted IS NOT 1 '  # noqa: S608
        f"AND {clause} ORDER BY Id DESC LIMIT {READ})"
        for link in LINKS
    )
    rows = visit.org.store.rows(
        f'SELECT *, {at} AS at, substr({at}, 1, 10) AS day, {then} AS then_at FROM "{name}" root '  # noqa: S608
        f"WHERE Id IN ({latest}) AND {visit.sharing.visible('root', name)} "
        f"ORDER BY day {order}, then_at {order} LIMIT ?",
        [*(one for _ in LINKS for one in (record_id, *values)), SHOWN + 1],
    )
    return [((str(row["day"]), str(row["then_at"])), sobject, dict(row)) for row in rows]


def _part(visit: Visit, heading: str, found: Sequence[_Dated], nothing: str) -> Html:
    items = [_item(visit, sobject, row) for _, sobject, row in found[:SHOWN]]
    more = len(found) > SHOWN
    return el(
        "div",
        el("h3", heading),
        el("ol", *items, class_="timeline") if items else el("p", nothing, class_="faint"),
        el("p", f"Only {SHOWN} are shown.", class_="faint") if more else None,
    )


def kind_of(sobject: SObject, row: Record) -> Kind:
    """Which of the signs an activity has."""
    if sobject.name == "Event":
        return _EVENT
    is_call = row.get("TaskSubtype") == "Call" or row.get("CallType")
    if is_call:
        return _CALLS.get(str(row.get("CallType")), _OTHERS["Call"])
    return _OTHERS.get(str(row.get("TaskSubtype")), _TASK)


def _item(visit: Visit, sobject: SObject, row: Record) -> Html:
    kind, at = kind_of(sobject, row), str(row["at"])
    seconds = row.get("CallDurationInSeconds") if sobject.field("CallDurationInSeconds") else None
    took = f" {duration(int(seconds))}" if seconds is not None else ""
    sign = el("span", kind.sign, class_=f"sign {kind.name}", aria_hidden="true")
    about = el("p", _related(visit, sobject, row), class_="faint")
    line = el(
        "p",
        el("span", f"{kind.label}: ", class_="unseen"),
        title_link(visit, sobject, row),
        el("span", took, class_="took") if took else None,
        el("time", _when(visit, at), datetime=at),
    )
    return el("li", sign, el("div", line, about, _words(sobject, row)))


def _when(visit: Visit, at: str) -> str:
    return moment(visit, at) if "T" in at else at


def _related(visit: Visit, sobject: SObject, row: Record) -> Html:
    links = [
        join([f"{word} ", record_link(visit, str(row[name]))])
        for word, name in (("with", "WhoId"), ("about", "WhatId"), ("by", "OwnerId"))
        if sobject.field(name) and row.get(name)
    ]
    if sobject.field("Status") and row.get("Status"):
        links.append(el("span", str(row["Status"])))
    return join(links, ", ")


def _words(sobject: SObject, row: Record) -> Html | None:
    words = str(row.get("Description") or "") if sobject.field("Description") else ""
    if not words:
        return None
    cut = words[:SHOWN_CHARACTERS] + ("…" if len(words) > SHOWN_CHARACTERS else "")
    return el("details", el("summary", "Comments"), el("p", cut, class_="lines"))
