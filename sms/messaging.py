"""Taking on a text: everything is checked here, and once more just before it leaves (RULES D8)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from integrations.errors import Refused
from integrations.models import Connection, Membership, Workspace
from integrations.options import active_options
from integrations.phones import parse_phone, region_of
from integrations.queueing import enqueue
from integrations.tenancy import current_workspace_id
from sms.models import Message, OptOutSuggestion, Sender, Template
from sms.segments import count_segments, normalize_text
from sms.selectors import opted_out_since
from sms.sender_choice import SenderChoice, SenderFacts, choose_sender
from sms.statuses import RANK, MessageStatus

_MARKETING = Message.Purpose.MARKETING
#: More than a handset reliably joins, and ten times the price that anybody expects.
MOST_SEGMENTS = 10


class TextNotTaken(Refused):
    """The text was not taken on. ``code`` is for programs, the message for people."""

    OPTED_OUT = "opted_out"
    WAITING_FOR_DECISION = "waiting_for_decision"
    INVALID_NUMBER = "invalid_number"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    NO_SENDER = "no_sender"
    NO_GATEWAY = "no_gateway"
    KEY_REUSED = "idempotency_key_reused"
    FIELDS = "fields"
    NO_MOBILE = "no_mobile_number"


@dataclass(frozen=True, slots=True)
class Person:
    """The Salesforce record that a text belongs to, as far as it is known."""

    sobject: str = ""
    record_id: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class NewText:
    """A text to be sent. ``to`` is as somebody wrote it; ``sender_id`` None lets the rules choose.

    ``idempotency_key`` makes asking again harmless: the same key is the same text.
    """

    to: str
    text: str
    purpose: Message.Purpose
    origin: Message.Origin
    sender_id: int | None = None
    person: Person = Person()
    campaign_record_id: str = ""
    campaign_name: str = ""
    template: Template | None = None
    membership: Membership | None = None
    idempotency_key: str | None = None


def queue_message(new: NewText) -> Message:
    """Take on one text of the workspace in scope, or raise TextNotTaken with the reason.

    What opted out since then is found again when the text is about to leave.
    """
    phone, text = _read(new)
    if earlier := _find_earlier(new, phone, text):
        return earlier
    message = _checked_message(new, phone, text)
    try:
        with transaction.atomic():
            message.save()
            wake(message.connection_id)
    except IntegrityError:
        # Asked for at the same time with the same key: that one counts.
        if earlier := _find_earlier(new, phone, text):
            return earlier
        raise
    return message


def draft_message(new: NewText) -> Message:
    """What ``queue_message`` would store, or raise, without storing anything."""
    return _checked_message(new, *_read(new))


def _read(new: NewText) -> tuple[str, str]:
    """The number in E.164, and the words as they leave."""
    workspace = Workspace.objects.get(pk=current_workspace_id())
    phone = parse_phone(new.to, workspace.default_region).e164
    if phone is None:
        raise TextNotTaken(
            _("%(number)s is not a phone number that can be written to.") % {"number": new.to},
            TextNotTaken.INVALID_NUMBER,
        )
    return phone, normalize_text(new.text)


def _checked_message(new: NewText, phone_e164: str, text: str) -> Message:
    _check_text(text)
    sender = _sender_for(phone_e164, new)
    message = build_message(new, phone_e164, text, sender, active_options().number)
    if refusal := refusals_of([message]).get(message.reference):
        raise refusal
    return message


def build_message(
    new: NewText, phone_e164: str, text: str, sender: Sender, options_revision: int
) -> Message:
    """The row of a text that was checked, not stored yet: every text that leaves begins as one."""
    counted = count_segments(text)
    return Message(
        workspace_id=current_workspace_id(),
        connection_id=sender.connection_id,
        direction=Message.Direction.OUTBOUND,
        purpose=new.purpose,
        origin=new.origin,
        phone_e164=phone_e164,
        our_number=str(sender),
        sender=sender,
        text=text,
        encoding=counted.encoding,
        segments=counted.segments,
        template=new.template,
        template_version=new.template.version if new.template else None,
        membership=new.membership,
        idempotency_key=new.idempotency_key,
        person_sobject=new.person.sobject,
        person_record_id=new.person.record_id,
        person_name=new.person.name,
        campaign_record_id=new.campaign_record_id,
        campaign_name=new.campaign_name,
        state=MessageStatus.QUEUED,
        rank=RANK[MessageStatus.QUEUED],
        options_revision=options_revision,
    )


def wake(connection_id: int) -> None:
    """Ask for what is queued on this gateway to be sent once the transaction commits."""
    enqueue("sms-send", "sms.jobs.submit_messages", connection_id)


def refusals_of(messages: Collection[Message]) -> Mapping[UUID, TextNotTaken]:
    """Which of these may not be sent now, by reference, and why (RULES D2, D3): few queries."""
    phones = {one.phone_e164 for one in messages if one.purpose != Message.Purpose.CONFIRMATION}
    since = opted_out_since(phones)
    undecided = undecided_among({m.phone_e164 for m in messages if m.purpose == _MARKETING})
    refusals = {}
    for message in messages:
        phone = message.phone_e164
        if phone in since and message.purpose != Message.Purpose.CONFIRMATION:
            refusals[message.reference] = _opted_out(since[phone])
        elif phone in undecided and message.purpose == _MARKETING:
            refusals[message.reference] = TextNotTaken(
                _("This person may have asked to stop. Decide that first, under Opt-outs."),
                TextNotTaken.WAITING_FOR_DECISION,
            )
    return refusals


def undecided_among(phones: Collection[str]) -> set[str]:
    """The numbers among these about whose last words somebody has still to decide."""
    if not phones or not active_options()["hold_on_suggestion"]:
        return set()
    waiting = OptOutSuggestion.objects.filter(phone_e164__in=phones, decision="")
    return set(waiting.values_list("phone_e164", flat=True))


def _opted_out(since: datetime) -> TextNotTaken:
    return TextNotTaken(
        _("This person opted out on %(day)s. Nothing can be sent until that is undone.")
        % {"day": since.date().isoformat()},
        TextNotTaken.OPTED_OUT,
    )


def sender_for(phone_e164: str, *, named: int | None = None) -> SenderChoice:
    """Which sender this number would see, and why."""
    return choose_sender(sender_facts(), region_of(phone_e164), named=named)


def sender_facts() -> list[SenderFacts]:
    """The senders of the workspace in scope, as far as a choice among them goes."""
    return [
        SenderFacts(
            pk=sender.pk,
            shown_as=str(sender),
            kind=sender.kind,
            is_default=sender.is_default,
            countries={row.country: row.state for row in sender.countries.all()},
            default_in=[row.country for row in sender.countries.all() if row.is_default],
        )
        for sender in Sender.objects.filter(is_archived=False).prefetch_related("countries")
    ]


def _sender_for(phone_e164: str, new: NewText) -> Sender:
    choice = sender_for(phone_e164, named=new.sender_id)
    if choice.sender is None:
        raise TextNotTaken(choice.reason, TextNotTaken.NO_SENDER)
    sender = Sender.objects.select_related("connection").get(pk=choice.sender.pk)
    if sender.connection.state in (Connection.State.ARCHIVED, Connection.State.DISABLED):
        raise TextNotTaken(
            _("The gateway of %(sender)s is switched off.") % {"sender": sender},
            TextNotTaken.NO_GATEWAY,
        )
    return sender


def _check_text(text: str) -> None:
    if not text.strip():
        raise TextNotTaken(_("There is no text to send."), TextNotTaken.EMPTY)
    segments = count_segments(text).segments
    if segments > MOST_SEGMENTS:
        raise TextNotTaken(
            _("The text takes %(count)s segments; at most %(most)s are sent.")
            % {"count": segments, "most": MOST_SEGMENTS},
            TextNotTaken.TOO_LONG,
        )


def _find_earlier(new: NewText, phone_e164: str, text: str) -> Message | None:
    """The message that this key asked for before; raises TextNotTaken when it was another one."""
    if new.idempotency_key is None:
        return None
    earlier = Message.objects.filter(idempotency_key=new.idempotency_key).first()
    if earlier is not None and (earlier.phone_e164, earlier.text) != (phone_e164, text):
        raise TextNotTaken(
            _("This key was used before for another text. Give every text a key of its own."),
            TextNotTaken.KEY_REUSED,
        )
    return earlier
