"""Playing calls of the past: a real switchboard, the real inbox, fold, plan and outbox.

What workers do when they are woken is done here when its moment has come on the agenda.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Min

from calls.demo.history import PastCall
from calls.jobs import file_due_calls
from calls.models import Call
from calls.simulators.acts import carry_out
from calls.simulators.config import PhoneSystemConfig
from calls.simulators.switchboard import Switchboard
from integrations import inbox
from integrations.demo.agenda import Agenda
from integrations.jobs import answer_lookups, deliver_crm_writes, drain_inbox
from integrations.models import Connection, CrmWrite, PhoneLookup, WriteState
from integrations.models.outbox import DUE_STATES

#: From the phone system's message to the worker.
_ON_ITS_WAY = timedelta(milliseconds=180)
#: What a worker left behind because a batch had left just before it takes up after this.
_FLUSHED_AGAIN = timedelta(seconds=2.2)


class Office:
    """The phones of one phone system while a past is played. ``number`` makes its ids its own."""

    def __init__(self, agenda: Agenda, phone_system: Connection, *, number: int) -> None:
        self._agenda = agenda
        self._phone_system = phone_system
        self._number = number
        self._event_numbers = itertools.count(1)
        self._switchboard = Switchboard(PhoneSystemConfig(seed=number), self._report)
        self._next_work: datetime | None = None

    def plan(self, past_call: PastCall) -> None:
        """Have a call happen."""
        self._agenda.plan(past_call.starts, partial(self._place, past_call))

    def _place(self, past_call: PastCall) -> None:
        starts, script = past_call.starts, past_call.script
        call = self._switchboard.place_call(
            caller=script.caller,
            to=script.to,
            at=starts,
            caller_name=script.caller_name,
            withheld=script.withheld,
        )
        self._agenda.plan(starts + _ON_ITS_WAY, self._work)
        for step in script.steps:
            at = starts + timedelta(seconds=step.after)
            self._agenda.plan(
                at, partial(carry_out, self._switchboard, call, step.do, step.arguments, at)
            )
        self._agenda.plan(at + _ON_ITS_WAY, self._work)

    def _report(self, event: dict[str, Any]) -> None:
        """What the door does once it knows the sender; signatures are tried by living calls."""
        inbox.receive(
            self._phone_system,
            handler="calls",
            dedupe_key=f"evt-{self._number}-{next(self._event_numbers):06}",
            body=json.dumps(event, separators=(",", ":")).encode(),
        )

    # ---- The workers ------------------------------------------------------------------------

    def _work(self, patience: int = 2) -> None:
        """Everything that is due; later things are planned for when they will be."""
        if inbox.due(self._phone_system.pk).exists():
            drain_inbox(self._phone_system.pk)
        now, later = self._agenda.clock(), []
        for rows, column, work in self._duties():
            due_at = rows.order_by().aggregate(first=Min(column))["first"]
            if due_at is not None and due_at <= now:
                work()
                due_at = rows.order_by().aggregate(first=Min(column))["first"]
            if due_at is not None and due_at > now:
                later.append(due_at)
            elif due_at is not None and patience:
                self._agenda.plan(now + _FLUSHED_AGAIN, partial(self._work, patience - 1))
        self._plan_work(now, later)

    def _plan_work(self, now: datetime, moments: list[datetime]) -> None:
        next_due = min(moments, default=None)
        if next_due and (self._next_work is None or not now < self._next_work <= next_due):
            self._next_work = next_due
            self._agenda.plan(next_due + _ON_ITS_WAY, self._work)

    def _duties(self) -> Iterator[tuple[Any, str, Callable[[], None]]]:
        """What waits, which column says until when, and who does it."""
        open_writes = (*DUE_STATES, WriteState.UNKNOWN)
        yield (
            PhoneLookup.unscoped.filter(state=PhoneLookup.State.WAITING),
            "next_attempt_at",
            partial(self._for_salesforce, answer_lookups),
        )
        yield Call.unscoped.filter(plan_due_at__isnull=False), "plan_due_at", file_due_calls
        yield (
            CrmWrite.unscoped.filter(state__in=open_writes),
            "next_attempt_at",
            partial(self._for_salesforce, deliver_crm_writes),
        )

    def _for_salesforce(self, job: Callable[[int], None]) -> None:
        connections = Connection.unscoped.filter(
            workspace_id=self._phone_system.workspace_id, kind=Connection.Kind.SALESFORCE
        ).exclude(state=Connection.State.ARCHIVED)
        for connection_id in connections.values_list("pk", flat=True):
            job(connection_id)
