"""How one simulated phone system is set up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Extension:
    """A user's phone."""

    number: str
    name: str
    email: str = ""


@dataclass(frozen=True)
class RingGroup:
    """Extensions that ring together; the first to answer talks."""

    number: str
    name: str
    members: Sequence[str]


DEFAULT_EXTENSIONS = (
    Extension("201", "Agent", "agent@acme.test"),
    Extension("202", "Second agent", "agent2@acme.test"),
    Extension("203", "Manager", "manager@acme.test"),
)
DEFAULT_RING_GROUPS = (RingGroup("600", "Sales", ("201", "202")),)


@dataclass(frozen=True)
class PhoneSystemConfig:
    """One phone system.

    `hook_url` is where its events go and `secret` (`whsec_` and base64) what signs them; without
    an address events are only remembered. `seed` makes every id repeatable, so a phone system that
    starts anew for the same console needs another one. `main_number` is what outside callers dial.
    `retry_delays` are the seconds before each further attempt at a delivery; after the last one
    it is given up. `caller_example` stands in the page's form. Calls that come by themselves have
    `pauses` between them, from shortest to longest; `tempo` stretches every second of theirs.
    """

    hook_url: str = ""
    secret: str = ""
    seed: int = 1
    main_number: str = "+14155550160"
    caller_example: str = "+14155550101"
    extensions: Sequence[Extension] = DEFAULT_EXTENSIONS
    ring_groups: Sequence[RingGroup] = DEFAULT_RING_GROUPS
    retry_delays: Sequence[float] = (0.5, 1, 2, 5, 10, 20, 30, 60, 60, 60)
    pauses: tuple[float, float] = (20, 70)
    tempo: float = 1

    def find_extension(self, number: str) -> Extension | None:
        """The user's phone of that number, if there is one."""
        return next((entry for entry in self.extensions if entry.number == number), None)

    def rung_by(self, number: str) -> list[Extension] | None:
        """Which phones ring when an extension or a ring group is dialled; None: neither."""
        group = next((entry for entry in self.ring_groups if entry.number == number), None)
        numbers = group.members if group else (number,)
        found = [entry for entry in map(self.find_extension, numbers) if entry is not None]
        return found or None
