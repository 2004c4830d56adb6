"""Home: what each part of Patchbay contributes to the page that people open first.

``calls`` and ``sms`` register a section in their ``AppConfig.ready()``; the kernel's own section
is ``integrations.selectors.describe_kernel``. The page itself is ``integrations.admin.home``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.models import Membership
from integrations.tallies import Figure, Tally, count_tallies


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


class Goal(StrEnum):
    """What a list of steps leads to; in the order of the page."""

    FIRST_RECORD = "first_record"
    FIRST_TEXT = "first_text"
    OWN_FIRST_CALL = "own_first_call"
    TRY_THIS = "try_this"


GOAL_TITLES: Mapping[Goal, str | Promise] = {
    Goal.FIRST_RECORD: _("To the first call record"),
    Goal.FIRST_TEXT: _("To the first text message"),
    Goal.OWN_FIRST_CALL: _("Your first steps"),
    Goal.TRY_THIS: _("Try this"),
}


@dataclass(frozen=True)
class Step:
    """A step to a goal, ticked by fact. ``hint`` says how, or who else can do it.

    The link goes when the step is done, unless ``stays_linked``; ``is_outside`` opens it in
    another tab, because Patchbay is what should stay open. ``asks_salesforce_admin`` marks what
    only an administrator of the Salesforce org can do (CRC-02).
    """

    label: str
    is_done: bool
    goal: Goal = Goal.FIRST_RECORD
    hint: str = ""
    link: str = ""
    link_text: str = ""
    stays_linked: bool = False
    is_outside: bool = False
    asks_salesforce_admin: bool = False
    order: int = 50

    @property
    def is_linked(self) -> bool:
        return bool(self.link) and (self.stays_linked or not self.is_done)


@dataclass(frozen=True)
class Checklist:
    """The steps to one goal, of which at least one is still to do."""

    goal: Goal
    title: str | Promise
    steps: Sequence[Step]


@dataclass(frozen=True)
class Cell:
    """What one cell of a list says, and what pointing at it adds."""

    text: str
    hint: str = ""


@dataclass(frozen=True)
class RecentRow:
    """One line of a list of what happened last; ``key`` tells it from the others of its list."""

    key: str
    cells: tuple[Cell, ...]
    link: str = ""


@dataclass(frozen=True)
class RecentRows:
    """The newest rows up to a place in time, and what came after it.

    ``place`` is where they end, for the next question; ``news`` says what is newer ("4 new
    calls"), empty where nothing is.
    """

    rows: Sequence[RecentRow]
    place: str
    news: str = ""


def read_place(place: str) -> datetime | None:
    """The moment that a list of what happened last ends at; None where it is none of ours."""
    try:
        moment = parse_datetime(place)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


@dataclass(frozen=True)
class RecentList:
    """The newest rows of one kind; ``empty`` says what to do when there are none.

    ``read`` gets the place that the reader's copy ends at, or nothing for the newest: rows that
    somebody looks at change in place, and new ones wait until they are asked for.
    """

    key: str
    title: str
    headings: tuple[str, ...]
    read: Callable[[str], RecentRows]
    empty: str
    link: str = ""


@dataclass(frozen=True)
class ShownList:
    """A list with its rows, as the page shows it."""

    about: RecentList
    page: RecentRows


@dataclass(frozen=True)
class HomeSection:
    """What one part contributes for one member; leave out what that member may not see."""

    matters: Sequence[Matter] = ()
    tallies: Sequence[Tally] = ()
    steps: Sequence[Step] = ()
    lists: Sequence[RecentList] = ()


DescribeSection = Callable[[Membership], HomeSection]

_sections: list[DescribeSection] = []


def register_home_section(describe: DescribeSection) -> None:
    """Add a part. It runs in the workspace's scope, every few seconds while Home is open."""
    _sections.append(describe)


@dataclass(frozen=True)
class HomeView:
    """Everything on Home for one member."""

    matters: Sequence[Matter] = ()
    figures: Sequence[Figure] = ()
    checklists: Sequence[Checklist] = ()
    lists: Sequence[ShownList] = field(default_factory=list)


def describe_home(membership: Membership, places: Mapping[str, str] | None = None) -> HomeView:
    """Put the sections together, the most urgent matters first.

    ``places`` are, by the key of a list, what ``RecentRows.place`` said the last time.
    """
    sections = [describe(membership) for describe in _sections]
    urgency = list(reversed(Level))
    matters = [matter for section in sections for matter in section.matters]
    tallies = sorted(
        (tally for section in sections for tally in section.tallies),
        key=lambda tally: tally.order,
    )
    lists = [one for section in sections for one in section.lists]
    return HomeView(
        matters=sorted(matters, key=lambda matter: urgency.index(matter.level)),
        figures=count_tallies(tallies, membership.workspace, timezone.now()),
        checklists=_open_checklists([step for section in sections for step in section.steps]),
        lists=[ShownList(one, one.read((places or {}).get(one.key, ""))) for one in lists],
    )


def _open_checklists(steps: Sequence[Step]) -> list[Checklist]:
    """By goal; a goal that is reached folds away."""
    lists = []
    for goal, title in GOAL_TITLES.items():
        own = sorted((step for step in steps if step.goal == goal), key=lambda step: step.order)
        if not all(step.is_done for step in own):
            lists.append(Checklist(goal, title, own))
    return lists
