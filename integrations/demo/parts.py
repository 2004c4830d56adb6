"""What the apps add to the demo. The kernel imports none of them: they register in ``ready()``."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any

from integrations.demo.agenda import Agenda
from integrations.demo.environment import DemoPlace
from integrations.demo.supervisor import Process


@dataclass
class Demo:
    """One demo while it is set up and runs. ``facts`` are what ``demo.json`` tells.

    ``past`` is how long ago the first call was; without a past the demo begins today. In a quiet
    one nothing happens by itself.
    """

    place: DemoPlace
    past: timedelta = timedelta(0)
    is_quiet: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


class Chapter(Enum):
    """A part of the demo's past (``integrations.demo.past``)."""

    BEGINNING = "how the company began with Patchbay, before its first call"
    WEEKS = "from the first call until yesterday, played beside the running demo"
    LATELY = "the last day, there when the demo is ready"


class SmokeFailed(Exception):  # noqa: N818
    """The main job was not done; the message says what is missing or wrong."""


def _nothing(demo: Demo) -> None:
    """The default of the hooks below."""


def _no_past(demo: Demo, chapter: Chapter, agenda: Agenda) -> None:
    """Likewise."""


def _nobody_else(place: DemoPlace, chapter: Chapter) -> AbstractContextManager[object]:
    """Likewise."""
    return nullcontext()


@dataclass(frozen=True)
class DemoPart:
    """What one app adds.

    ``queues`` get a worker each. ``set_up`` makes rows and facts before any process starts, and
    finds its own of an earlier start; ``processes`` are then built. ``past`` plans what happened
    in a chapter of the past, once for each, on a new folder; ``around_past`` is what of the outside
    world answers while it is played. ``enliven`` runs at every start when all is ready. ``smoke``
    proves the part's main job and returns what the outside now holds, as JSON objects; it raises
    SmokeFailed.
    """

    name: str
    queues: Sequence[str] = ()
    set_up: Callable[[Demo], None] = _nothing
    processes: Callable[[Demo], Sequence[Process]] = lambda demo: ()
    past: Callable[[Demo, Chapter, Agenda], None] = _no_past
    around_past: Callable[[DemoPlace, Chapter], AbstractContextManager[object]] = _nobody_else
    enliven: Callable[[Demo], None] = _nothing
    smoke: Callable[[Demo], Sequence[dict[str, Any]]] = lambda demo: ()


_parts: list[DemoPart] = []


def register_part(part: DemoPart) -> None:
    """Add a part; parts are set up in the order of their registration."""
    _parts.append(part)


def list_parts() -> Sequence[DemoPart]:
    """The parts of all apps."""
    return tuple(_parts)
