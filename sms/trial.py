"""A made-up text, tried dry (PLUS-05): nothing is stored, sent or written.

It goes through the same checks, choice of sender, reading of stop words, search, facts and planner
as every text, on rows that are never saved; so it comes to the same Task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils import timezone

from integrations.lookups import look_up_now
from integrations.models import Connection, Membership, PhoneLookup
from integrations.options import Options
from integrations.planning import Plan
from integrations.salesforce.precedence import Candidate
from sms.backends.base import InboundText
from sms.filing import gather_facts, is_search_needed
from sms.inbound import draft_inbound, find_confirmation, understand_wish
from sms.keywords import Understood, Wish
from sms.messaging import NewText, TextNotTaken, draft_message, sender_for
from sms.models import Message, Sender
from sms.plan import plan_message_writes
from sms.single_texts import fill_in
from sms.statuses import MessageStatus


@dataclass(frozen=True, kw_only=True)
class TrialText:
    """One text between a person and the workspace, as somebody imagines it.

    ``number`` is the person's, as somebody wrote it. ``sender`` is our number that an inbound text
    comes to, or the one that an outbound text leaves from; None lets the rules choose.
    """

    direction: Literal["inbound", "outbound"]
    number: str
    text: str
    sender: Sender | None = None
    member: Membership | None = None


@dataclass(frozen=True)
class Answer:
    """What an inbound text would do: what it asks for, whether its number was opted out before, and
    the message that would say so."""

    understood: Understood
    was_opted_out: bool
    confirmation: Message | None = None


@dataclass(frozen=True)
class Rehearsed:
    """What would come of a text: the message (no row), and the plan of its record.

    An outbound text is taken to be delivered; ``why_sender`` says why it leaves from there.
    ``search_error`` says why Salesforce did not tell whose number it is; empty when it did or was
    not asked.
    """

    message: Message
    plan: Plan
    candidates: Sequence[Candidate] = ()
    search_error: str = ""
    why_sender: str = ""
    answer: Answer | None = None


def rehearse(trial: TrialText, options: Options) -> Rehearsed:
    """What ``trial`` would become under ``options``; raises TextNotTaken where it would not leave.

    Salesforce may be asked whose number it is. Call inside the workspace's scope, outside of any
    transaction.
    """
    if trial.direction == "outbound":
        message, answer = _draft_sent(trial), None
        why = sender_for(message.phone_e164, named=_named(trial)).reason
    else:
        message, answer = _draft_received(trial)
        why = ""
    connection = Connection.objects.find_sync_user()
    candidates, error = _search(message, connection, options)
    facts = gather_facts(message, options, connection, candidates)
    plan = plan_message_writes(facts, options.values)
    return Rehearsed(message, plan, candidates, error, why, answer)


def _named(trial: TrialText) -> int | None:
    return trial.sender.pk if trial.sender else None


def _draft_sent(trial: TrialText) -> Message:
    message = draft_message(
        NewText(
            to=trial.number,
            text=fill_in(trial.text, {}),
            purpose=Message.Purpose.CONVERSATION,
            origin=Message.Origin.COMPOSE,
            sender_id=_named(trial),
            membership=trial.member,
        )
    )
    message.state, message.accepted_at = MessageStatus.DELIVERED, timezone.now()
    return message


def _draft_received(trial: TrialText) -> tuple[Message, Answer]:
    if trial.sender is None:
        raise ValueError("An inbound text comes to one of our numbers.")
    inbound = InboundText("", trial.number, str(trial.sender), trial.text)
    message = draft_inbound(trial.sender.connection, inbound, timezone.now())
    understood, was_opted_out = understand_wish(message)
    confirmation = None
    if understood.wish is Wish.STOP:
        message.state = MessageStatus.OPTOUT
        confirmation = None if was_opted_out else _draft_confirmation(message)
    return message, Answer(understood, was_opted_out, confirmation)


def _draft_confirmation(message: Message) -> Message | None:
    confirmation = find_confirmation(message)
    try:
        return draft_message(confirmation) if confirmation else None
    except TextNotTaken:
        return None


def _search(
    message: Message, connection: Connection | None, options: Options
) -> tuple[tuple[Candidate, ...], str]:
    if connection is None or not is_search_needed(message, connection, options):
        return (), ""
    answer = look_up_now(connection, message.phone_e164, cache_minutes=options["cache_minutes"])
    if answer.state == PhoneLookup.State.FAILED:
        return (), answer.error
    return tuple(Candidate.from_json(one) for one in answer.candidates), ""
