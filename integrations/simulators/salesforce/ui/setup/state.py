"""What Setup shows of the switches as they stand now."""

from __future__ import annotations

from collections.abc import Iterator

from integrations.simulators.faults import Faults
from integrations.simulators.salesforce.access import (
    ADMIN_PERMISSIONS,
    OPERATIONS,
    USER_PERMISSIONS,
)
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.ui.html import Html, button, el, facts, join, table

Row = tuple[str, ...]
UNTIL_LIFTED = "until it is lifted"


def org_state(org: Org) -> Html:
    """The facts of the org."""
    (row,) = org.store.find(org.sobject("Organization"), {})
    switches = org.switches
    index = switches.index
    pairs = [
        ("Organization Name", str(row["Name"])),
        ("Organization ID", str(row["Id"])),
        ("Edition", str(row["OrganizationType"])),
        ("Sandbox", _yes(row["IsSandbox"])),
        ("Instance", str(row["InstanceName"])),
        ("API", _yes(switches.has_api)),
        ("API requests used", f"{switches.limit.used:,} of {switches.limit.maximum:,}"),
        ("State and country picklists", _yes(switches.state_picklists)),
        ("Search lags behind", f"{index.lag_seconds:g} seconds"),
        ("Phone numbers in search", _how_indexed(org)),
    ]
    statuses = org.store.rows("SELECT MasterLabel FROM TaskStatus ORDER BY SortOrder")
    pairs.append(("Values of Task Status", ", ".join(str(one["MasterLabel"]) for one in statuses)))
    return facts(pairs)


def _how_indexed(org: Org) -> str:
    index = org.switches.index
    how = "only their words" if index.raw_tokens_only else "words, and all digits as one"
    return f"{how}; also without country code" if index.national_digits else how


def _yes(value: object) -> str:
    return "Yes" if value else "No"


def permission_state(org: Org, username: str) -> Html:
    """What one user may do, object by object."""
    users = org.store.rows('SELECT Id, Username FROM "User" ORDER BY Id LIMIT 100')
    chosen = next((one for one in users if one["Username"] == username), users[0])
    user_id = str(chosen["Id"])
    options = (
        el("option", one["Username"], value=one["Username"], selected=one is chosen)
        for one in users
    )
    pick = el(
        "form",
        el("label", "What may this user do?", for_="user"),
        el("select", *options, id="user", name="user"),
        button("Show"),
        class_="inline",
    )
    names = (*USER_PERMISSIONS, *ADMIN_PERMISSIONS)
    may = [(name.removeprefix("Permissions"), _yes(org.may(user_id, name))) for name in names]
    rows = [_object_row(org, user_id, one) for one in org.schema.objects.values() if one.createable]
    head = ("Object", "Read", "Create", "Edit", "Delete", "Hidden fields", "Read-only fields")
    parts = [
        pick,
        facts(may),
        table(head, rows, label="Objects"),
        _listed("Restrictions in force", ("What", "Of whom", "How"), _restrictions(org)),
    ]
    return join(parts)


def _object_row(org: Org, user_id: str, sobject: SObject) -> Row:
    seen = org.view_of(user_id).find(sobject.name)
    if seen is None:
        return (sobject.label, *("No" for _ in OPERATIONS), "all", "")
    may = ("Yes", _yes(seen.createable), _yes(seen.updateable), _yes(seen.deletable))
    hidden = [one.name for one in sobject.fields if seen.field(one.name) is None]
    locked = [
        one.name
        for one in sobject.fields
        if one.updateable and (field := seen.field(one.name)) and not field.updateable
    ]
    return (sobject.label, *may, ", ".join(hidden), ", ".join(locked))


def _restrictions(org: Org) -> Iterator[Row]:
    access = org.switches.access
    for one in access.objects:
        yield one.sobject, _who(org, one.user_id), f"lost: {', '.join(sorted(one.lost))}"
    for rule in access.fields:
        how = "hidden" if rule.hidden else "read-only"
        yield f"{rule.sobject}.{rule.field}", _who(org, rule.user_id), how
    for (user_id, permission), is_on in access.permissions.items():
        name = permission.removeprefix("Permissions")
        yield name, _who(org, user_id), "given" if is_on else "taken away"
    for row in org.store.rows("SELECT * FROM sim_record_access LIMIT 100"):
        yield str(row["record_id"]), _who(org, str(row["user_id"])), f"access: {row['level']}"


def _who(org: Org, user_id: str | None) -> str:
    user = org.store.get(org.sobject("User"), user_id) if user_id else None
    return str(user["Username"]) if user else "everybody"


def _listed(title: str, head: Row, rows: Iterator[Row]) -> Html:
    found = list(rows)
    listed = table(head, found, label=title) if found else el("p", "None.", class_="faint")
    return join([el("h2", title), listed])


def rule_state(org: Org) -> Html:
    """The rules of the company that are in force."""
    return _listed("In force", ("Rule", "Object", "What", "How often"), _rules(org))


def _rules(org: Org) -> Iterator[Row]:
    rules = org.switches.rules
    for one in rules.validations:
        at = f" (at {one.field})" if one.field else ""
        yield "Validation", one.sobject, f"{one.when}: {one.message}{at}", "always"
    for twin in rules.duplicates:
        how = "blocks" if twin.blocks else "alerts"
        yield "Duplicates", twin.sobject, f"{', '.join(twin.fields)}; {how}", "always"
    for sobject, field in sorted(rules.required):
        yield "Required field", sobject, field, "always"
    for sobject, owner_id in rules.owners.items():
        target = org.target(owner_id)
        yield "Assignment", sobject, str(target[1]["Name"] if target else owner_id), "API only"
    for refusal in rules.refusals:
        what = f"{refusal.operation}: {refusal.code}, {refusal.message}"
        yield "Refusal", refusal.sobject, what, _left(refusal.times)
    for failure in rules.failures:
        yield "Failure", "everything", f"{failure.code}, {failure.message}", _left(failure.times)
    for record_id, times in rules.locks.items():
        yield "Lock", "one record", record_id, _left(times)


def _left(times: int | None) -> str:
    return UNTIL_LIFTED if times is None else f"{times} more times"


def sign_in_state(org: Org) -> Html:
    """The policies of tokens."""
    switches = org.switches
    rotation = "as each app says" if switches.rotation is None else _yes(switches.rotation)
    refusal = switches.token_refusal
    pairs = [
        ("Rotation of refresh tokens", rotation),
        ("Connected app installed", _yes(switches.app_installed)),
        ("Id tokens", _yes(switches.id_token)),
        ("Session of programs", f"{switches.token_life.session_seconds:g} seconds"),
        ("Idle refresh token", f"{switches.token_life.refresh_idle_seconds:g} seconds"),
        ("Refusing", f"{refusal.error}, {_left(refusal.times)}" if refusal else "No"),
        ("Apps", ", ".join(f"{app.name} ({app.consumer_key})" for app in org.config.apps)),
    ]
    return facts(pairs)


def fault_state(faults: Faults) -> Html:
    """The faults, used-up ones too."""
    return _listed("Faults", ("No.", "Fault", "Of", "Details", "Struck"), _faults(faults))


def _faults(faults: Faults) -> Iterator[Row]:
    for one in faults.to_json():
        of = f"{one['method'] or 'every'} {one['path'] or 'request'}"
        keys = ("status", "seconds", "times", "share")
        details = ", ".join(f"{key} {one[key]}" for key in keys if one[key])
        yield str(one["number"]), one["fault"], of, details, f"{one['hits']} times"
