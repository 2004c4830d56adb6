"""Texts from handsets: kept, related to a person, and obeyed when they say stop (RULES B8, D3, D7).

Everything that a text causes happens in one transaction with it, so a crash repeats all of it or
nothing. A stop needs no Salesforce and waits for nobody.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.erasing import blank_events
from integrations.models import Connection, InboundEvent
from integrations.options import active_options
from integrations.phones import digits, parse_phone
from sms import consent
from sms.backends.base import InboundText
from sms.elsewhere import find_own_sender, record_elsewhere
from sms.keywords import Keywords, Understood, Wish
from sms.messaging import NewText, TextNotTaken, queue_message
from sms.models import Message, OptOutEvent, Sender
from sms.segments import count_segments, normalize_text
from sms.selectors import opted_out_since
from sms.statuses import MessageStatus

#: An answer belongs to the record that was last written to within this time (RULES B8).
ANSWER_DAYS = 30
#: One confirmation of an opt-out a number and day is enough, and the law allows no more.
_CONFIRMED_FOR = timedelta(hours=24)


def record_inbound(connection: Connection, inbound: InboundText, event: InboundEvent) -> Message:
    """Keep one text of the workspace in scope and do what it asks for; again is harmless."""
    region = connection.workspace.default_region
    own = find_own_sender(connection, _number(inbound.phone, region) or "")
    other = _number(inbound.our_number, region)
    if own is not None and other and find_own_sender(connection, other) is None:
        person = _answered_record(other, str(own))
        return record_elsewhere(own, other, inbound, event, **person)
    # A gateway without ids of its own is deduplicated by the inbox alone.
    identity = (inbound.provider_message_id or event.dedupe_key)[:80]
    with transaction.atomic():
        message, is_new = Message.objects.get_or_create(
            connection=connection,
            provider_message_id=identity,
            direction=Message.Direction.INBOUND,
            defaults=_columns(connection, inbound, event.received_at),
        )
        if message.erased_at is not None:
            blank_events([event.pk])  # a repeat of what is not kept (C8)
        elif is_new and message.phone_e164.startswith("+"):
            _obey(message, is_answered=inbound.is_answered_by_gateway)
    return message


def draft_inbound(connection: Connection, inbound: InboundText, received_at: datetime) -> Message:
    """The row that a text from a person would become; nothing is stored."""
    columns = _columns(connection, inbound, received_at)
    return Message(connection=connection, direction=Message.Direction.INBOUND, **columns)


def _columns(connection: Connection, inbound: InboundText, received_at: datetime) -> dict[str, Any]:
    region = connection.workspace.default_region
    phone = _number(inbound.phone, region) or inbound.phone.strip()[:20]
    our_number = _number(inbound.our_number, region) or inbound.our_number.strip()[:20]
    text = normalize_text(inbound.text)
    counted = count_segments(text)
    return {
        "workspace_id": connection.workspace_id,
        "purpose": Message.Purpose.CONVERSATION,
        "origin": Message.Origin.HANDSET,
        "phone_e164": phone,
        "our_number": our_number,
        "sender": Sender.objects.filter(value=our_number.removeprefix("+")).first(),
        "text": text,
        "attachment_count": min(inbound.attachment_count, 100),
        "encoding": counted.encoding,
        "segments": counted.segments,
        "state": MessageStatus.RECEIVED,
        "created_at": received_at,
        "options_revision": active_options().number,
        "plan_due_at": timezone.now(),
        **_answered_record(phone, our_number),
    }


def _number(raw: str, region: str) -> str | None:
    """E.164 of a number that a gateway wrote, most of which leave out the plus."""
    bare = raw.strip()
    if bare and bare == digits(bare) and (full := parse_phone(f"+{bare}", None).e164):
        return full
    return parse_phone(bare, region).e164


def _answered_record(phone: str, our_number: str) -> Mapping[str, Any]:
    """The record of the last text to this number from the sender that it answers (RULES B8)."""
    last = (
        Message.objects.filter(
            phone_e164=phone,
            our_number=our_number,
            direction=Message.Direction.OUTBOUND,
            created_at__gt=timezone.now() - timedelta(days=ANSWER_DAYS),
        )
        .exclude(person_record_id="")
        .order_by("-created_at", "-id")
        .first()
    )
    if last is None:
        return {}
    return {
        "person_sobject": last.person_sobject,
        "person_record_id": last.person_record_id,
        "person_name": last.person_name,
        "membership": last.membership,
    }


def understand_wish(message: Message) -> tuple[Understood, bool]:
    """What a text asks for, and whether its number is opted out as it comes in."""
    is_opted_out = bool(opted_out_since([message.phone_e164]))
    keywords = Keywords(consent.stop_words())
    return keywords.understand(message.text, is_opted_out=is_opted_out), is_opted_out


def _obey(message: Message, *, is_answered: bool) -> None:
    understood, is_opted_out = understand_wish(message)
    if understood.wish is Wish.STOP:
        _stop(message, understood, is_answered=is_answered)
    elif understood.wish is Wish.PERHAPS_STOP and not is_opted_out:
        consent.suggest(message, understood.keyword)
    elif understood.wish is Wish.START:
        consent.opt_in(
            message.phone_e164,
            OptOutEvent.Source.KEYWORD,
            message=message,
            evidence={"text": message.text},
        )


def _stop(message: Message, understood: Understood, *, is_answered: bool) -> None:
    Message.objects.filter(pk=message.pk).update(state=MessageStatus.OPTOUT)
    message.state = MessageStatus.OPTOUT
    is_news = consent.opt_out(
        message.phone_e164,
        OptOutEvent.Source.KEYWORD,
        message=message,
        evidence={"text": message.text, "keyword": understood.keyword},
    )
    if is_news and not is_answered:
        _confirm(message)


def _confirm(message: Message) -> None:
    confirmation = find_confirmation(message)
    if confirmation is None:
        return
    try:
        queue_message(confirmation)
    except TextNotTaken:
        return  # the opt-out holds all the same; a sender that cannot answer stays silent


def find_confirmation(message: Message) -> NewText | None:
    """The one text that says so, from the number that was answered; it alone passes the opt-out.

    None where the person had one lately, or wrote to no number of ours.
    """
    if message.sender_id is None:
        return None
    lately = Message.objects.filter(
        phone_e164=message.phone_e164,
        purpose=Message.Purpose.CONFIRMATION,
        created_at__gt=timezone.now() - _CONFIRMED_FOR,
    )
    if lately.exists():
        return None
    return NewText(
        to=message.phone_e164,
        text=_("%(workspace)s: you are unsubscribed and will get no more messages.")
        % {"workspace": message.workspace.name},
        purpose=Message.Purpose.CONFIRMATION,
        origin=Message.Origin.REPLY,
        sender_id=message.sender_id,
        idempotency_key=f"opt-out-confirmation:{message.pk}",
    )
