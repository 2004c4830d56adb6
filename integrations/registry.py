"""What ``calls`` and ``sms`` plug into the kernel, filled in their ``AppConfig.ready()``.

The kernel never imports them (DESIGN 2); it calls what stands here.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from integrations.models import Connection, InboundEvent, Membership, PhoneLookup


@dataclass(frozen=True)
class InboundHandler:
    """Who understands the inbound events of one kind, and on which queue.

    ``process(connection, events)`` runs in the workspace's scope and outside any transaction. It
    returns the events that it could not understand with the reason, by primary key; the others
    are done. It must be idempotent: after a crash the same events come again.
    """

    name: str
    queue: str
    process: Callable[[Connection, Sequence[InboundEvent]], Mapping[int, Exception]]


@dataclass(frozen=True)
class ActivitySubject:
    """The call or message that a write is about, as the activity log shows it.

    ``person`` is whom it was with, ``link`` its own page, empty for members who may not open that.
    """

    person: str = ""
    link: str = ""


#: The subjects that a member's page of the log is about, by primary key; a constant number of
#: queries. Runs in the workspace's scope.
DescribeSubjects = Callable[[Membership, Collection[int]], Mapping[int, ActivitySubject]]


@dataclass
class Registry:
    """The plug-ins of this process."""

    inbound_handlers: dict[str, InboundHandler] = field(default_factory=dict)
    #: Called every second by the sweeper; each wakes what has come due, by one indexed query.
    ticks: list[Callable[[], None]] = field(default_factory=list)
    #: Called when Salesforce has answered whose number it is, in the workspace's scope.
    lookup_listeners: list[Callable[[PhoneLookup], None]] = field(default_factory=list)
    #: By the subject kind of writes and plans.
    subject_describers: dict[str, DescribeSubjects] = field(default_factory=dict)

    def add_inbound_handler(self, handler: InboundHandler) -> None:
        """Register who understands events of ``handler.name``."""
        self.inbound_handlers[handler.name] = handler


registry = Registry()
