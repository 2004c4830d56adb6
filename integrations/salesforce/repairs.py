"""Writing the Task although what it points to is gone (RULES C6): the Task is never lost. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.salesforce.errors import Verdict

#: What is left out of the payload when Salesforce refuses it for this reason.
_LEAVE_OUT: dict[Verdict, tuple[str, ...]] = {
    Verdict.INACTIVE_OWNER: ("OwnerId",),
    Verdict.TARGET_GONE: ("WhoId", "WhatId"),
    Verdict.CONVERTED_LEAD: ("WhoId", "WhatId"),
}


def repair(
    verdict: Verdict, payload: Mapping[str, Any], fields: Sequence[str]
) -> dict[str, Any] | None:
    """The payload without what Salesforce refused, or None where leaving out does not help.

    Without OwnerId Salesforce makes the connection's own user the owner, which is the default of
    ``default_owner``; ``fields`` narrows the choice where Salesforce named them.
    """
    names = _LEAVE_OUT.get(verdict, ())
    refused = [name for name in names if name in fields] or list(names)
    if not any(payload.get(name) for name in refused):
        return None
    return {name: value for name, value in payload.items() if name not in refused}
