"""How a record at Salesforce carries our key, so that it can be asked for (RULES C3, C4). Pure.

A Task has a field of its own for it, CallObject. Every other object gets a mark, the key in
brackets, as the last line of Description, which can be read but not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What every key of ours begins with.
KEY_PREFIX = "pb-"
#: Objects whose records carry our key in CallObject.
KEYED_OBJECTS = frozenset({"Task"})
#: Objects that Salesforce takes once whoever asks, so that they need no key: a lost answer is
#: followed by another try (``campaigns``).
MEMBER = "CampaignMember"
UNIQUE_OBJECTS = frozenset({MEMBER})
#: The length of Description (salesforce.md 4.1, 4.3).
_LONGEST_DESCRIPTION = 32_000


def mark_of(wire_key: str) -> str:
    """The mark of one key."""
    return f"[{wire_key}]"


def with_mark(
    fields: Mapping[str, Any], sobject: str, wire_key: str, *, is_new: bool
) -> dict[str, Any]:
    """The fields of a new record with the mark, or those of an update, if it writes Description."""
    if sobject in KEYED_OBJECTS | UNIQUE_OBJECTS or not (is_new or "Description" in fields):
        return dict(fields)
    mark = mark_of(wire_key)
    text = str(fields.get("Description") or "")[: _LONGEST_DESCRIPTION - len(mark) - 2]
    return {**fields, "Description": f"{text.rstrip()}\n\n{mark}".strip()}


def carries_mark(description: str | None, wire_key: str = "") -> bool:
    """Whether a Description has the mark of this key; without one, of any key of ours."""
    return (mark_of(wire_key) if wire_key else f"[{KEY_PREFIX}") in (description or "")
