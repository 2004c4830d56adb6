"""What a request wants of the rules that run when a record is saved (reference 3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Saving:
    """`auto_assign` lets assignment rules choose the owner, which is what the API does unless it
    is told not to; `allow_duplicates` saves in spite of a duplicate rule that only alerts."""

    auto_assign: bool = True
    allow_duplicates: bool = False


BY_HAND = Saving(auto_assign=False, allow_duplicates=True)
"""How the pages of the org save."""


def saving_from(headers: Mapping[str, str]) -> Saving:
    """Read `Sforce-Auto-Assign` and `Sforce-Duplicate-Rule-Header`; names are in lower case."""
    options = dict(
        part.strip().lower().partition("=")[::2]
        for part in headers.get("sforce-duplicate-rule-header", "").split(",")
    )
    return Saving(
        auto_assign=headers.get("sforce-auto-assign", "true").strip().lower() != "false",
        allow_duplicates=options.get("allowsave") == "true",
    )
