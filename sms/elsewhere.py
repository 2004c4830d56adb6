"""Texts that people sent from our numbers without Patchbay (MIX-17, MIX-18).

A gateway that is set to copy them calls the address for texts with our number as the sender. They
are kept like any other and become a record only for members who record all messages.
"""

from typing import Any

from django.db.models import Q

from integrations.erasing import blank_events
from integrations.models import Connection, InboundEvent, PersonalRecording
from integrations.options import active_options
from integrations.recording import recordings_of
from sms.backends.base import InboundText
from sms.models import Message, Sender
from sms.segments import count_segments, normalize_text
from sms.statuses import RANK, MessageStatus

#: Our own text that is on its way and whose id at the gateway is not stored yet.
_ON_ITS_WAY = (MessageStatus.CLAIMED, MessageStatus.SUBMITTING, MessageStatus.UNCONFIRMED)


def find_own_sender(connection: Connection, number: str) -> Sender | None:
    """The sender of this gateway that has the number (E.164), if it is one of ours."""
    senders = Sender.objects.filter(connection=connection, kind=Sender.Kind.NUMERIC)
    return senders.filter(value=number.removeprefix("+")).first() if number else None


def record_elsewhere(
    sender: Sender, phone_e164: str, inbound: InboundText, event: InboundEvent, **person: Any
) -> Message:
    """Keep one text that left from our number; the copy of a text of ours is that text.

    ``person`` are the columns of the record and member that the number belongs to, if known.
    """
    text = normalize_text(inbound.text)
    identity = (inbound.provider_message_id or event.dedupe_key)[:80]
    sent = Message.objects.filter(
        connection=sender.connection_id, direction=Message.Direction.OUTBOUND
    )
    on_its_way = Q(provider_message_id="", text=text, state__in=_ON_ITS_WAY)
    to_them = Q(phone_e164=phone_e164) & (Q(provider_message_id=identity) | on_its_way)
    erased = Q(provider_message_id=identity, erased_at__isnull=False)
    ours = sent.filter(to_them | erased).first()
    if ours is not None:
        if ours.erased_at is not None:
            blank_events([event.pk])  # a repeat of what is not kept (C8)
        return ours
    counted = count_segments(text)
    return Message.objects.create(
        workspace_id=sender.workspace_id,
        connection_id=sender.connection_id,
        direction=Message.Direction.OUTBOUND,
        purpose=Message.Purpose.CONVERSATION,
        origin=Message.Origin.ELSEWHERE,
        phone_e164=phone_e164,
        our_number=str(sender),
        sender=sender,
        text=text,
        attachment_count=min(inbound.attachment_count, 100),
        encoding=counted.encoding,
        segments=counted.segments,
        provider_message_id=identity,
        state=MessageStatus.SENT,
        rank=RANK[MessageStatus.SENT],
        created_at=event.received_at,
        accepted_at=event.received_at,
        options_revision=active_options().number,
        plan_due_at=event.received_at,
        **person,
    )


def is_recorded(message: Message) -> bool:
    """Whether the member whose conversation it belongs to records all messages; where it is
    nobody's, whether anybody does."""
    if message.membership_id is not None:
        return recordings_of([message.membership_id])[message.membership_id].all_messages
    everybody = PersonalRecording.objects.filter(membership__is_active=True)
    return everybody.filter(all_messages=True).exists()
