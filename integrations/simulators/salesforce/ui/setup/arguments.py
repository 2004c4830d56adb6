"""From a posted form to the arguments of an action, and the inputs that ask for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.ui.html import Html, el, join
from integrations.simulators.salesforce.ui.setup.forms import Input, SwitchForm

EVERYBODY = ""
OF_PROFILE = "profile: "


def read_arguments(switch: SwitchForm, form: Mapping[str, str]) -> dict[str, Any]:
    """What was filled in. Raises `ValueError` for a number that is none."""
    read = ((one.name, _value(one, form)) for one in switch.inputs)
    return {name: value for name, value in read if value is not None}


def _value(one: Input, form: Mapping[str, str]) -> Any:
    text = form.get(one.name, "").strip()
    if one.kind == "several":
        chosen = [key.partition(":")[2] for key in form if key.startswith(f"{one.name}:")]
        return chosen or None
    if not text:
        return None
    if one.kind == "number":
        return float(text) if "." in text else int(text)
    if one.kind == "flag":
        return text == "yes"
    if one.kind == "words":
        return [word.strip() for word in text.split(",") if word.strip()]
    return text


def each_user(org: Org, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The arguments themselves, or those for each user of the profile that they name."""
    whom = str(arguments.get("username", ""))
    if not whom.startswith(OF_PROFILE):
        yield arguments
        return
    rows = org.store.rows(
        'SELECT u.Username FROM "User" u JOIN Profile p ON p.Id = u.ProfileId WHERE p.Name = ?',
        [whom.removeprefix(OF_PROFILE)],
    )
    for row in rows:
        yield {**arguments, "username": row["Username"]}


def input_of(org: Org, switch: SwitchForm, one: Input) -> Html:
    """An input with its label."""
    input_id = f"{switch.action}_{one.name}"
    offered = list(one.options(org)) if one.options else []
    if one.kind == "several":
        boxes = [_box(f"{one.name}:{key}", key) for key in offered]
        legend = el("legend", one.label)
        return el("fieldset", legend, join(boxes, " "), class_="several")
    if one.kind in ("whom", "user"):
        profiles = org.store.rows("SELECT Name FROM Profile ORDER BY Name")
        offered = [*(f"{OF_PROFILE}{row['Name']}" for row in profiles), *offered]
    if one.kind == "whom":
        offered = [EVERYBODY, *offered]
    label = el("label", one.label, for_=input_id)
    hint = el("small", one.hint, class_="faint", id=f"{input_id}_hint") if one.hint else None
    described_by = f"{input_id}_hint" if hint else None
    if offered:
        options = (el("option", key or _empty(one), value=key) for key in offered)
        entry = el("select", *options, id=input_id, name=one.name, aria_describedby=described_by)
    else:
        entry = el(
            "input",
            type="number" if one.kind == "number" else "text",
            step="any" if one.kind == "number" else None,
            id=input_id,
            name=one.name,
            aria_describedby=described_by,
        )
    return el("div", label, entry, hint, class_="entry")


def _box(name: str, label: str) -> Html:
    return el("label", el("input", type="checkbox", name=name, value="1"), f" {label}")


def _empty(one: Input) -> str:
    if one.kind == "flag":
        return "as it is"
    return "everybody" if one.name == "username" else "any"
