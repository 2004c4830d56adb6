"""Home: what each part of Patchbay contributes to the page that people open first.

``calls`` and ``sms`` register a section in their ``AppConfig.ready()``; the kernel's own section
is ``integrations.selectors.describe_kernel``. The page itself is ``integrations.admin.home``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from integrations.models import Membership


class Level(StrEnum):
    """How urgent a matter is; also the colour of its chip."""

    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"


@dataclass(frozen=True)
class Matter:
    """Something that needs a person: what happened, what Patchbay does, what to do."""

    title: str
    detail: str = ""
    link: str = ""
    link_text: str = ""
    level: Level = Level.WARNING


@dataclass(frozen=True)
class Figure:
    """One of today's numbers, with where to read more."""

    label: str
    value: int
    detail: str = ""
    link: str = ""


@dataclass(frozen=True)
class Step:
    """A step to the first written call, ticked by fact."""

    label: str
    is_done: bool
    link: str = ""
    order: int = 50


@dataclass(frozen=True)
class Cell:
    """What one cell of a list says, and what pointing at it adds."""

    text: str
    hint: str = ""


@dataclass(frozen=True)
class RecentRow:
    """One line of a list of what happened last."""

    cells: tuple[Cell, ...]
    link: str = ""


@dataclass(frozen=True)
class RecentList:
    """The newest rows of one kind; ``empty`` says what to do when there are none."""

    title: str
    headings: tuple[str, ...]
    rows: Sequence[RecentRow]
    empty: str
    link: str = ""


@dataclass(frozen=True)
class HomeSection:
    """What one part contributes for one member; leave out what that member may not see."""

    matters: Sequence[Matter] = ()
    figures: Sequence[Figure] = ()
    steps: Sequence[Step] = ()
    lists: Sequence[RecentList] = ()


DescribeSection = Callable[[Membership], HomeSection]

_sections: list[DescribeSection] = []


def register_home_section(describe: DescribeSection) -> None:
    """Add a part. It runs in the workspace's scope, every few seconds while Home is open."""
    _sections.append(describe)


@dataclass
class HomeView:
    """Everything on Home for one member."""

    matters: list[Matter] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    lists: list[RecentList] = field(default_factory=list)

    @property
    def is_set_up(self) -> bool:
        return all(step.is_done for step in self.steps)


def describe_home(membership: Membership) -> HomeView:
    """Put the sections together, the most urgent matters first."""
    view = HomeView()
    for describe in _sections:
        section = describe(membership)
        view.matters.extend(section.matters)
        view.figures.extend(section.figures)
        view.steps.extend(section.steps)
        view.lists.extend(section.lists)
    urgency = [Level.DANGER, Level.WARNING, Level.INFO]
    view.matters.sort(key=lambda matter: urgency.index(matter.level))
    view.steps.sort(key=lambda step: step.order)
    return view
