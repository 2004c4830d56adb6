"""Versions of the REST API: which Patchbay can work with, and which to take (MII-13). Pure.

An org serves three more each year and retires the oldest after at least three (salesforce.md 2).
"""

from __future__ import annotations

from collections.abc import Iterable

#: The seed's version, and the oldest that has all we use (salesforce.md 2, "feature").
DEFAULT = "51.0"


def list_usable(offered: Iterable[str]) -> list[str]:
    """Of the versions that an org offers those from ``DEFAULT`` on, the oldest first."""
    return sorted((one for one in offered if _number(one) >= _number(DEFAULT)), key=_number)


def choose(wanted: str, offered: Iterable[str]) -> str:
    """The wanted version if the org offers it, else its newest; the wanted one where it is mute."""
    usable = list_usable(offered)
    return wanted if wanted in usable or not usable else usable[-1]


def _number(version: str) -> float:
    try:
        return float(version)
    except ValueError:
        return 0.0
