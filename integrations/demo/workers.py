"""What workers do when they are woken, done here when its moment has come on the agenda."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Min

from integrations import inbox
from integrations.demo.agenda import Agenda
from integrations.jobs import answer_lookups, deliver_crm_writes, drain_inbox
from integrations.models import Connection, CrmWrite, DrainLease, PhoneLookup, WriteState
from integrations.models.outbox import DUE_STATES

#: From a message of the outside world to the worker.
ON_ITS_WAY = timedelta(milliseconds=180)
#: What a worker left behind because a batch had left just before it takes up after this.
_FLUSHED_AGAIN = timedelta(seconds=2.2)
#: What is due later than this after the end is left to the workers of the running demo.
_AFTERMATH = timedelta(minutes=10)


class Duty(NamedTuple):
    """What waits (``rows``), which of its columns says until when, and who does it."""

    rows: Any
    column: str
    work: Callable[[], object]


class Workers:
    """The workers of the events that one connection brings, of what an app does about them
    (``duties``), and of the records that come of that."""

    def __init__(
        self,
        agenda: Agenda,
        connection: Connection,
        duties: Sequence[Duty],
        *,
        lanes: Sequence[str] = (DrainLease.Lane.INBOX,),
    ) -> None:
        self._agenda = agenda
        self._connection = connection
        self._duties = duties
        self._lanes = lanes
        self._next_work: datetime | None = None

    def wake_after(self, moment: datetime) -> None:
        """Have them look for work as soon as they hear of something that happens at ``moment``."""
        self._agenda.plan(moment + ON_ITS_WAY, self._work)

    def _work(self, patience: int = 2) -> None:
        """Everything that is due; later things are planned for when they will be."""
        for lane in self._lanes:
            if inbox.due(self._connection.pk, lane).exists():
                drain_inbox(self._connection.pk, lane)
        now, later = self._agenda.clock(), []
        for rows, column, work in self._all_duties():
            due_at = _first(rows, column)
            if due_at is not None and due_at <= now:
                work()
                due_at = _first(rows, column)
            if due_at is not None and due_at > now:
                later.append(due_at)
            elif due_at is not None and patience:
                self._agenda.plan(now + _FLUSHED_AGAIN, partial(self._work, patience - 1))
        self._plan_work(now, later)

    def _plan_work(self, now: datetime, moments: list[datetime]) -> None:
        next_due = min(moments, default=None)
        if next_due is None or next_due > self._agenda.ends + _AFTERMATH:
            return
        if self._next_work is None or not now < self._next_work <= next_due:
            self._next_work = next_due
            self.wake_after(next_due)

    def _all_duties(self) -> Iterator[Duty]:
        open_writes = (*DUE_STATES, WriteState.UNKNOWN)
        yield Duty(
            PhoneLookup.unscoped.filter(state=PhoneLookup.State.WAITING),
            "next_attempt_at",
            partial(self._for_salesforce, answer_lookups),
        )
        yield from self._duties
        yield Duty(
            CrmWrite.unscoped.filter(state__in=open_writes),
            "next_attempt_at",
            partial(self._for_salesforce, deliver_crm_writes),
        )

    def _for_salesforce(self, job: Callable[[int], None]) -> None:
        connections = Connection.unscoped.filter(
            workspace_id=self._connection.workspace_id, kind=Connection.Kind.SALESFORCE
        ).exclude(state=Connection.State.ARCHIVED)
        for connection_id in connections.values_list("pk", flat=True):
            job(connection_id)


def _first(rows: Any, column: str) -> datetime | None:
    due_at: datetime | None = rows.order_by().aggregate(first=Min(column))["first"]
    return due_at
