"""Playing texts of the past: real messages through the simulated gateway, reports and answers back.

What a worker hands over travels over HTTP as ever; what the gateway calls back is put behind its
door, each at its moment.
"""

import itertools
import json
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlencode

import requests

from integrations import inbox
from integrations.demo.agenda import Agenda
from integrations.demo.outside import list_records
from integrations.demo.workers import Duty, Workers
from integrations.models import Connection, DrainLease, Membership
from integrations.tenancy import workspace_scope
from sms.backends import gateway_of
from sms.backends.base import Callback, digest_of
from sms.callbacks import Kind, callback_address
from sms.conversations import mark_read, read_thread
from sms.demo.conversations import DELIVERED, LOST, Conversation, Turn
from sms.jobs import file_due_messages, mirror_due_opt_outs, submit_messages
from sms.messaging import NewText, Person, queue_message
from sms.models import Message, OptOut, Template
from sms.simulators.callback_fields import inbound_fields, report_fields
from sms.simulators.texts import Text, make_id
from sms.single_texts import fill_in
from sms.statuses import MessageStatus
from sms.webhooks import HANDLERS

_LANES = (DrainLease.Lane.TEXTS, DrainLease.Lane.INBOX)
#: When the member who has the conversation looks at what came.
_READ_AFTER = timedelta(minutes=20)
#: From the gateway's yes to each of its reports.
_REPORTED_AFTER = (timedelta(seconds=1.4), timedelta(seconds=6.2))


class Handsets:
    """The people whom Acme writes to while a past is played. ``number`` makes ids its own."""

    def __init__(
        self, agenda: Agenda, gateway: Connection, gateway_url: str, our_number: str, *, number: int
    ) -> None:
        self._agenda = agenda
        self._gateway = gateway
        self._url = gateway_url
        self._our_number = our_number
        self._number = number
        self._text_numbers = itertools.count(1)
        self._fates: dict[int, tuple[str, ...]] = {}
        queued = Message.unscoped.filter(connection=gateway, state=MessageStatus.QUEUED)
        due = Message.unscoped.filter(plan_due_at__isnull=False)
        opt_outs = OptOut.unscoped.filter(plan_due_at__isnull=False)
        duties = [
            Duty(queued, "next_attempt_at", self._submit),
            Duty(due, "plan_due_at", file_due_messages),
            Duty(opt_outs, "plan_due_at", mirror_due_opt_outs),
        ]
        self._workers = Workers(agenda, gateway, duties, lanes=_LANES)

    def plan(self, conversation: Conversation) -> None:
        """Have a conversation happen."""
        for turn in conversation.turns:
            at = conversation.starts + timedelta(seconds=turn.after)
            write = self._write if turn.is_ours else self._answer
            self._agenda.plan(at, partial(write, conversation, turn, at))

    # ---- What is written --------------------------------------------------------------------

    def _write(self, conversation: Conversation, turn: Turn, at: datetime) -> None:
        """A member sends a text, by hand or by template."""
        who = conversation.who
        self._read(conversation)
        if turn.fate == LOST:
            fault = {"path": "/sms$", "fault": "after", "times": 1}
            requests.post(f"{self._url}/_sim/faults", json=fault, timeout=10).raise_for_status()
        with workspace_scope(self._gateway.workspace_id):
            template = Template.objects.filter(name=turn.words).first()
            member = Membership.objects.get(user__email=conversation.by)
            values = {
                "FirstName": who.first_name,
                "Company": who.company,
                "Owner.Name": str(member),
            }
            message = queue_message(
                NewText(
                    to=who.number,
                    text=fill_in(template.text if template else turn.words, values),
                    purpose=Message.Purpose.CONVERSATION,
                    origin=Message.Origin.COMPOSE,
                    person=Person(who.sobject, who.record_id, who.name),
                    template=template,
                    membership=member,
                )
            )
        self._fates[message.pk] = turn.fate
        self._workers.wake_after(at)

    def _answer(self, conversation: Conversation, turn: Turn, at: datetime) -> None:
        """A handset writes."""
        text = Text(
            id=make_id(self._number, "inbound", next(self._text_numbers)),
            gateway="mitto",
            direction="inbound",
            handset=conversation.who.number,
            our_number=self._our_number,
            text=turn.words,
            at=at.isoformat(timespec="milliseconds"),
        )
        self._call_back("inbound", inbound_fields(text, account_sid=""))
        self._workers.wake_after(at)
        if at + _READ_AFTER < self._agenda.ends:
            self._agenda.plan(at + _READ_AFTER, partial(self._read, conversation))

    def _read(self, conversation: Conversation) -> None:
        """A member opens the thread, and marks what came as read."""
        with workspace_scope(self._gateway.workspace_id):
            member = Membership.objects.get(user__email=conversation.by)
            if thread := read_thread(member, conversation.who.number):
                mark_read(member, conversation.who.number, thread[-1].pk)

    # ---- What the gateway does --------------------------------------------------------------

    def _submit(self) -> None:
        """Hand over what is due, and plan what the gateway will report of it."""
        before = set(self._handed_over())
        submit_messages(self._gateway.pk)
        for pk in sorted(set(self._handed_over()) - before):
            self._plan_reports(Message.unscoped.get(pk=pk))

    def _handed_over(self) -> list[int]:
        accepted = Message.unscoped.filter(
            connection=self._gateway, state=MessageStatus.ACCEPTED, accepted_at__isnull=False
        )
        return list(accepted.values_list("pk", flat=True))

    def _plan_reports(self, message: Message) -> None:
        # Only the gateway knows the ids of the parts behind the first.
        [sent] = list_records(self._url, "messages", id=message.provider_message_id)
        text, now = Text(**sent), self._agenda.clock()
        fate = self._fates.pop(message.pk, DELIVERED)
        for state, later in zip(fate, _REPORTED_AFTER, strict=True):
            self._agenda.plan(now + later, partial(self._report, text, state))
        # Understood together: each look for work costs the start of the demo.
        self._workers.wake_after(now + _REPORTED_AFTER[-1])

    def _report(self, text: Text, state: str) -> None:
        for identity in text.ids:
            self._call_back("report", report_fields(text, state, identity, account_sid=""))

    def _call_back(self, kind: Kind, fields: dict[str, str]) -> None:
        """What the door does once it knows the gateway; its secrets are tried by living texts."""
        callback = Callback(
            method="POST",
            url=callback_address(self._gateway, kind),
            content_type="application/x-www-form-urlencoded",
            body=urlencode(fields),
        )
        with gateway_of(self._gateway) as gateway:
            kept = gateway.without_secrets(callback)
        inbox.receive(
            self._gateway,
            handler=HANDLERS[kind],
            dedupe_key=digest_of(HANDLERS[kind], callback.body),
            body=json.dumps(asdict(kept)).encode(),
        )
