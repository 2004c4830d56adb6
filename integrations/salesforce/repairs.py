"""Writing the Task although what it points to is gone (RULES C6): the Task is never lost. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.salesforce.errors import Verdict

#: What is changed in the payload when Salesforce refuses it for this reason.
_AFFECTED: dict[Verdict, tuple[str, ...]] = {
    Verdict.INACTIVE_OWNER: ("OwnerId",),
    Verdict.TARGET_GONE: ("WhoId", "WhatId"),
    Verdict.CONVERTED_LEAD: ("WhoId", "WhatId"),
}
#: Without access only what Salesforce names is left out: the rest may be what it lets us use.
_CLOSED = ("WhoId", "WhatId", "OwnerId")
_TARGETS = frozenset({"WhoId", "WhatId"})
#: Refusals after which it is worth asking what took the place of the target.
_REPLACEABLE = frozenset({Verdict.TARGET_GONE, Verdict.CONVERTED_LEAD})


def targets_to_ask_for(verdict: Verdict, payload: Mapping[str, Any]) -> set[str]:
    """The records of a refused payload that may have been merged or converted."""
    if verdict not in _REPLACEABLE:
        return set()
    return {str(payload[name]) for name in _TARGETS if payload.get(name)}


def repair(
    verdict: Verdict,
    payload: Mapping[str, Any],
    fields: Sequence[str],
    successors: Mapping[str, str] | None = None,
) -> dict[str, Any] | None:
    """The payload with the successors of what is gone, or else without what Salesforce refused.

    None where neither helps. Without OwnerId Salesforce makes the connection's own user the owner,
    which is the default of ``default_owner``; ``fields`` narrows the choice where Salesforce named
    them.
    """
    if verdict is Verdict.INSUFFICIENT_ACCESS:
        return _without([name for name in _CLOSED if name in fields], payload)
    names = _AFFECTED.get(verdict, ())
    replaced = _replaced(names, payload, successors or {})
    if replaced is not None:
        return replaced
    return _without([name for name in names if name in fields] or names, payload)


def fields_named(
    payload: Mapping[str, Any], fields: Sequence[str], message: str
) -> tuple[str, ...]:
    """The fields that an answer names: by name, else by an id of 15 characters in its text."""
    by_id = (
        name
        for name, value in payload.items()
        if isinstance(value, str) and len(value) in (15, 18) and value[:15] in message
    )
    return tuple(fields) or tuple(by_id)


def lost_targets(*before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """The records that an activity was to be filed under where a repair left it under none: then a
    person should look (C6). Empty while it still hangs on something."""
    if any(after.get(name) for name in _TARGETS):
        return frozenset()
    return frozenset(str(one[name]) for one in before for name in _TARGETS if one.get(name))


def _without(refused: Sequence[str], payload: Mapping[str, Any]) -> dict[str, Any] | None:
    if not any(payload.get(name) for name in refused):
        return None
    return {name: value for name, value in payload.items() if name not in refused}


def _replaced(
    names: Sequence[str], payload: Mapping[str, Any], successors: Mapping[str, str]
) -> dict[str, Any] | None:
    new = {name: successors[payload[name]] for name in names if payload.get(name) in successors}
    return {**payload, **new} if new else None
