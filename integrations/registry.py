"""What ``calls`` and ``sms`` plug into the kernel, filled in their ``AppConfig.ready()``.

The kernel never imports them (DESIGN 2); it calls what stands here.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import URLPattern
from django.utils.functional import Promise

from integrations.mentions import Identity
from integrations.models import Connection, DrainLease, InboundEvent, Membership, PhoneLookup
from integrations.personal_data import TableData


@dataclass(frozen=True)
class InboundHandler:
    """Who understands the inbound events of one kind, and on which queue.

    ``process(connection, events)`` runs in the workspace's scope and outside any transaction. It
    returns the events that it could not understand with the reason, by primary key; the others
    are done. It must be idempotent: after a crash the same events come again. ``check(event)`` says
    without changing anything why an event would not be understood, as far as its body tells; it
    returns an empty text where it would be. Events of one ``lane`` are understood in turn; those of
    another lane never wait behind them.
    """

    name: str
    queue: str
    process: Callable[[Connection, Sequence[InboundEvent]], Mapping[int, Exception]]
    check: Callable[[InboundEvent], str]
    lane: str = DrainLease.Lane.INBOX


@dataclass(frozen=True)
class ActivitySubject:
    """The call or message that a write is about, as the activity log shows it.

    ``person`` is whom it was with, ``link`` its own page, empty for members who may not open that.
    """

    person: str = ""
    link: str = ""


@dataclass(frozen=True)
class LostAssociation:
    """Why an activity is written under no record, by ids (RULES C3, C6): the ``gone`` ones that
    Salesforce let it not be filed under, or the ``similar`` ones because of which no Lead was made.
    """

    gone: frozenset[str] = frozenset()
    similar: frozenset[str] = frozenset()


#: The subjects that a member's page of the log is about, by primary key; a constant number of
#: queries. Runs in the workspace's scope.
DescribeSubjects = Callable[[Membership, Collection[int]], Mapping[int, ActivitySubject]]


@dataclass(frozen=True)
class RehearsedExample:
    """One call or message that other options would have treated otherwise."""

    title: str
    before: str
    after: str
    link: str = ""


@dataclass(frozen=True)
class Rehearsal:
    """Past work planned again under other options: how many records would appear, change, vanish.

    ``what`` names the ``examined`` things of the last ``days``, of which ``differing`` would have
    other records. ``requests`` is how many more writes go to Salesforce, negative for fewer.
    """

    what: str
    examined: int
    differing: int = 0
    appearing: int = 0
    changing: int = 0
    vanishing: int = 0
    days: int = 0
    requests: int = 0
    examples: tuple[RehearsedExample, ...] = ()

    @property
    def fewer_requests(self) -> int:
        """How many writes fewer, where it is fewer."""
        return -self.requests


#: Both take option values (defaults included) and run in the workspace's scope.
WarnOfOptions = Callable[[Mapping[str, Any]], Iterable[str]]
RehearseOptions = Callable[[Mapping[str, Any], Mapping[str, Any]], Rehearsal]


def never_busy(_primary_keys: Collection[int]) -> Collection[int]:
    """No row of it is ever on its way to somewhere."""
    return ()


@dataclass(frozen=True)
class Eraser:
    """How the rows of one model that are about a person are erased, in the workspace's scope.

    ``what`` names the rows for people, in the plural. ``find`` no longer finds a row that
    ``erase`` took, which runs in a transaction with the rows locked. ``busy`` names rows that must
    be left alone for now. ``subject_kind`` is that of the writes and plans about them.
    """

    model: type[Model]
    what: str | Promise
    find: Callable[[Identity], "QuerySet[Any]"]
    erase: Callable[[Identity, Collection[int]], None]
    subject_kind: str = ""
    busy: Callable[[Collection[int]], Collection[int]] = never_busy


@dataclass
class Registry:
    """The plug-ins of this process."""

    inbound_handlers: dict[str, InboundHandler] = field(default_factory=dict)
    #: Called every second by the sweeper; each wakes what has come due, by one indexed query.
    ticks: list[Callable[[], None]] = field(default_factory=list)
    #: Called every minute; each takes back what dead workers left, and says how many rows.
    repairs: list[Callable[[], int]] = field(default_factory=list)
    #: Called every minute; each deletes what has become too old.
    prunings: list[Callable[[], None]] = field(default_factory=list)
    #: Called in the scope of a workspace that was just made, in its transaction.
    foundings: list[Callable[[], None]] = field(default_factory=list)
    #: Called in the workspace's scope and in the transaction that ends a membership (RULES F11).
    membership_endings: list[Callable[[Membership], None]] = field(default_factory=list)
    #: Called when Salesforce has answered whose number it is, in the workspace's scope.
    lookup_listeners: list[Callable[[PhoneLookup], None]] = field(default_factory=list)
    #: By the subject kind of writes and plans: a person must choose the record, because the one
    #: that was chosen is gone. Takes the subject's id, in the workspace's scope.
    review_requests: dict[str, Callable[[int, LostAssociation], None]] = field(default_factory=dict)
    #: By the subject kind of writes and plans.
    subject_describers: dict[str, DescribeSubjects] = field(default_factory=dict)

    #: Endpoints below /api/v1/; filled in ready(), read once by ``integrations.api.urls``.
    api_routes: list[URLPattern] = field(default_factory=list)

    #: What an admin should know before saving options.
    option_warnings: list[WarnOfOptions] = field(default_factory=list)
    #: What past work would have been under other options: the ones in force, then the others.
    option_rehearsals: list[RehearseOptions] = field(default_factory=list)

    #: By model (``app.Model``): what its columns tell about people.
    personal_data: dict[str, TableData] = field(default_factory=dict)
    #: Rows about one person, model by model, in the order in which they are erased.
    erasers: list[Eraser] = field(default_factory=list)

    def add_inbound_handler(self, handler: InboundHandler) -> None:
        """Register who understands events of ``handler.name``."""
        self.inbound_handlers[handler.name] = handler

    def add_personal_data(self, tables: Iterable[TableData]) -> None:
        """Register what tables hold about people (RULES C8)."""
        self.personal_data |= {table.model: table for table in tables}

    def found_workspace(self) -> None:
        """Let each part begin in the workspace in scope, which is new."""
        for begin in self.foundings:
            begin()

    def handlers_in(self, lane: str) -> list[str]:
        """The names of the handlers whose events take turns in this lane."""
        return [each.name for each in self.inbound_handlers.values() if each.lane == lane]

    def association_lost(self, subject_kind: str, subject_id: int, lost: LostAssociation) -> None:
        """Ask for a review of a subject whose record is written under nothing."""
        if ask := self.review_requests.get(subject_kind):
            ask(subject_id, lost)


registry = Registry()
