"""The texts that went through, and how each stands."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Text:
    """One text. `id` is the gateway's; `ids` one for each part that is reported by itself.

    Numbers are E.164 digits behind a plus; a sender that is a name stays as it is. `parts` are the
    texts that went on the air. `reports` are the states that were reported, in that order.
    """

    id: str
    gateway: str
    direction: str
    handset: str
    our_number: str
    text: str
    at: str
    ids: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    is_unicode: bool = False
    reference: str = ""
    report_url: str = ""
    reports: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As `GET /_sim/records/messages` shows it."""
        return asdict(self)


def make_id(seed: int, *words: object) -> str:
    """32 hexadecimal digits, the same for the same words."""
    return hashlib.md5(f"{seed}:{words}".encode(), usedforsecurity=False).hexdigest()


def with_plus(number: str) -> str:
    """`447700900123` as `+447700900123`; names and short codes stay."""
    digits = number.removeprefix("+")
    return f"+{digits}" if digits.isdecimal() and len(digits) > 6 else number
