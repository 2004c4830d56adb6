"""What a phone system lets Patchbay do with a call. Pure.

The panel offers exactly this and says why the rest is missing, instead of showing dead buttons.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Control(StrEnum):
    """Something that a phone system can be asked to do."""

    ANSWER = "answer"
    HOLD = "hold"
    RESUME = "resume"
    TRANSFER = "transfer"
    HANG_UP = "hang_up"
    DIAL = "dial"


#: By `Connection.backend`. A phone system that reports by webhook takes no commands.
CONTROLS: Mapping[str, frozenset[Control]] = {"webhook": frozenset()}


def controls_of(backend: str) -> frozenset[Control]:
    """What the phone system of this kind can be asked to do; nothing for an unknown kind."""
    return CONTROLS.get(backend, frozenset())
