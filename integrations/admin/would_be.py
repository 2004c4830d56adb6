"""Records as they would be written of something that was made up to try it (PLUS-05).

The template is ``patchbay/parts/would_be.html``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from integrations.planning import PlannedWrite


@dataclass(frozen=True)
class WouldBe:
    """One record; ``under`` says in words what it would hang on."""

    write: PlannedWrite
    under: str
    fields: Sequence[tuple[str, Any]]


def show_would_be(write: PlannedWrite, under: str) -> WouldBe:
    """A record with the fields that something stands in."""
    shown = [(name, value) for name, value in write.fields.items() if value not in (None, "")]
    return WouldBe(write, under, shown)
