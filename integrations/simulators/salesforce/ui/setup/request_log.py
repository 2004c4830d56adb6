"""The request log as a page: what programs asked of this org, and what they were told."""

from __future__ import annotations

import json
from collections.abc import Mapping

from integrations.simulators.requestlog import Arrival, RequestLog
from integrations.simulators.salesforce.ui.html import Html, button, el, table

SHOWN = 200
METHODS = ("", "GET", "POST", "PATCH", "DELETE")
KINDS = {"api": "Programs only", "all": "Programs and pages"}
RESULTS = {"": "Any answer", "errors": "Errors and no answer", "faults": "Struck by a fault"}
PROGRAM_PATHS = ("/services/", "/id/")


def show_log(log: RequestLog, query: Mapping[str, str]) -> Html:
    """The latest requests that fit the filters of the address."""
    found = log.newest(lambda one: _fits(one, query), SHOWN)
    head = ("No.", "Time (UTC)", "Request", "Answer", "Milliseconds", "Charged", "Notes")
    listed = table(head, [_row(one) for one in found], label="Requests")
    nothing = el("p", "No request fits.", class_="faint")
    about = el("p", f"Newest first, at most {SHOWN}.", class_="faint")
    return el("div", _filters(query), about, listed if found else nothing, class_="log")


def _filters(query: Mapping[str, str]) -> Html:
    path = el("input", id="path", name="path", value=query.get("path", ""))
    return el(
        "form",
        el("label", "Path contains", for_="path"),
        path,
        _select("method", "Method", dict.fromkeys(METHODS, "") | {"": "Any method"}, query),
        _select("kind", "Of", KINDS, query),
        _select("result", "Answer", RESULTS, query),
        button("Filter"),
        class_="inline",
    )


def _select(name: str, label: str, offered: Mapping[str, str], query: Mapping[str, str]) -> Html:
    chosen = query.get(name, "")
    options = (
        el("option", text or key, value=key, selected=key == chosen)
        for key, text in offered.items()
    )
    return el("select", *options, name=name, aria_label=label)


def _fits(one: Arrival, query: Mapping[str, str]) -> bool:
    if query.get("kind", "api") == "api" and not one.path.startswith(PROGRAM_PATHS):
        return False
    if query.get("method") and one.method != query["method"]:
        return False
    if query.get("path", "") not in one.path:
        return False
    result = query.get("result")
    if result == "errors":
        return one.status is None or one.status >= 400
    return result != "faults" or one.fault is not None


def _row(one: Arrival) -> tuple[str, ...]:
    asked = f"{one.path}?{one.query}" if one.query else one.path
    answer = "none" if one.status is None else str(one.status)
    if one.fault:
        answer += f" (fault {one.fault}; carried out: {one.carried_out or 'no'})"
    notes = json.dumps(one.notes, ensure_ascii=False) if one.notes else ""
    took = "" if one.milliseconds is None else f"{one.milliseconds:g}"
    request = el("span", f"{one.method} {asked}", class_="code")
    return (str(one.number), one.at[11:23], request, answer, took, str(one.api_requests), notes)
