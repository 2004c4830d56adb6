"""Where a number or record id stands in words and JSON, and taking it out (RULES C8). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from integrations.phones import digits, search_terms

#: What stands in the place of what was taken out.
GAP = "…"
#: Salesforce writes an id in 15 characters or, with a checksum, in 18.
_ID_LENGTH = 15


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is meant: a number (E.164) or the id of a record in Salesforce, one of the two."""

    phone_e164: str = ""
    record_id: str = ""

    def __str__(self) -> str:
        return self.phone_e164 or self.record_id

    def names(self, record_id: str) -> bool:
        """Whether it is this record, whose id may be written either way."""
        return bool(self.record_id) and record_id[:_ID_LENGTH] == self.needle

    @property
    def needle(self) -> str:
        """The id as Salesforce writes it shortest; of a number, its digits."""
        return digits(self.phone_e164) or self.record_id[:_ID_LENGTH]

    @property
    def spellings(self) -> tuple[str, ...]:
        """Of all ways of writing it, as few as can be found in any: ``4155550101`` stands in
        ``+14155550101``, but not in ``(415) 555-0101``. The longest first."""
        written = {self.needle, *search_terms(self.phone_e164)}
        needed = (one for one in written if not any(o != one and o in one for o in written))
        return tuple(sorted(needed, key=lambda one: (-len(one), one)))


def strike(value: Any, identity: Identity) -> Any:
    """A JSON value without the mentions; of a record with the id nothing is left to read, and it
    goes out of its list whole."""
    if isinstance(value, str):
        return _pattern(identity).sub(GAP, value)
    if isinstance(value, list):
        return [strike(one, identity) for one in value if not _is_record(one, identity)]
    if isinstance(value, dict):
        if _is_record(value, identity):
            return {key: "" if isinstance(one, str) else one for key, one in value.items()}
        return {key: strike(one, identity) for key, one in value.items()}
    return value


def _is_record(value: Any, identity: Identity) -> bool:
    return isinstance(value, Mapping) and identity.names(str(value.get("record_id") or ""))


@lru_cache(maxsize=8)
def _pattern(identity: Identity) -> re.Pattern[str]:
    """Mentions alone, not longer numbers or ids that have these characters inside."""
    if identity.phone_e164:
        shortest = digits(identity.spellings[-1])
        country = identity.needle.removesuffix(shortest)
        written = "|".join(re.escape(one) for one in (identity.needle, *identity.spellings))
        before = rf"(?:\+|%2B|(?<!\d)00){country}[ .-]?|(?<!\d){country}[ .-]|(?<!\d)0?"
        return re.compile(rf"(?:{before})(?:{written})(?!\d)", re.I)
    checksum = r"(?:[A-Z0-5]{3})?"
    return re.compile(rf"(?<![A-Za-z0-9]){identity.needle}{checksum}(?![A-Za-z0-9])")
