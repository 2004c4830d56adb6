"""What the apps add to the demo. The kernel imports none of them: they register in ``ready()``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.demo.environment import DemoPlace
from integrations.demo.supervisor import Process


@dataclass
class Demo:
    """One demo while it is set up and runs. ``facts`` are what ``demo.json`` tells."""

    place: DemoPlace
    facts: dict[str, Any] = field(default_factory=dict)


class SmokeFailed(Exception):  # noqa: N818
    """The main job was not done; the message says what is missing or wrong."""


def _nothing(demo: Demo) -> None:
    """The default of the hooks below."""


@dataclass(frozen=True)
class DemoPart:
    """What one app adds.

    ``queues`` get a worker each. ``set_up`` makes rows and facts before any process starts, and
    finds its own of an earlier start; ``processes`` are then built. ``populate`` runs when all of
    it is ready, only when the folder is new, and goes through the doors of the outside world.
    ``smoke`` proves the part's main job and returns what the outside now holds, as JSON objects;
    it raises SmokeFailed.
    """

    name: str
    queues: Sequence[str] = ()
    set_up: Callable[[Demo], None] = _nothing
    processes: Callable[[Demo], Sequence[Process]] = lambda demo: ()
    populate: Callable[[Demo], None] = _nothing
    smoke: Callable[[Demo], Sequence[dict[str, Any]]] = lambda demo: ()


_parts: list[DemoPart] = []


def register_part(part: DemoPart) -> None:
    """Add a part; parts are set up in the order of their registration."""
    _parts.append(part)


def list_parts() -> Sequence[DemoPart]:
    """The parts of all apps."""
    return tuple(_parts)
