"""Playing calls of the past: a real switchboard, the real inbox, fold, plan and outbox."""

import itertools
import json
from datetime import timedelta
from functools import partial
from typing import Any

from calls.demo.history import PastCall
from calls.jobs import file_due_calls
from calls.models import Call
from calls.simulators.acts import carry_out
from calls.simulators.config import PhoneSystemConfig
from calls.simulators.switchboard import Switchboard
from integrations import inbox
from integrations.demo.agenda import Agenda
from integrations.demo.workers import Duty, Workers
from integrations.models import Connection


class Office:
    """The phones of one phone system while a past is played. ``number`` makes its ids its own."""

    def __init__(self, agenda: Agenda, phone_system: Connection, *, number: int) -> None:
        self._agenda = agenda
        self._phone_system = phone_system
        self._number = number
        self._event_numbers = itertools.count(1)
        self._switchboard = Switchboard(PhoneSystemConfig(seed=number), self._report)
        due = Call.unscoped.filter(plan_due_at__isnull=False)
        self._workers = Workers(agenda, phone_system, [Duty(due, "plan_due_at", file_due_calls)])

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
        self._workers.wake_after(starts)
        for step in script.steps:
            at = starts + timedelta(seconds=step.after)
            self._agenda.plan(
                at, partial(carry_out, self._switchboard, call, step.do, step.arguments, at)
            )
        self._workers.wake_after(at)

    def _report(self, event: dict[str, Any]) -> None:
        """What the door does once it knows the sender; signatures are tried by living calls."""
        inbox.receive(
            self._phone_system,
            handler="calls",
            dedupe_key=f"evt-{self._number}-{next(self._event_numbers):06}",
            body=json.dumps(event, separators=(",", ":")).encode(),
        )
