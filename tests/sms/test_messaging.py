"""Taking on a text: what is refused and why, and what asking twice does."""

from typing import Any

import pytest

from integrations.models import Connection, Workspace
from sms.messaging import MOST_SEGMENTS, NewText, TextNotTaken, queue_message
from sms.models import Message, OptOut, OptOutSuggestion, Sender
from sms.statuses import MessageStatus
from tests.sms.scripted_gateway import receive

PHONE = "+447700900123"


def ask(**fields: Any) -> Message:
    values: dict[str, Any] = {
        "to": "07700 900123",
        "text": "Hello",
        "purpose": Message.Purpose.CONVERSATION,
        "origin": Message.Origin.COMPOSE,
    }
    return queue_message(NewText(**values | fields))


def refused(**fields: Any) -> str:
    with pytest.raises(TextNotTaken) as caught:
        ask(**fields)
    assert not Message.objects.exclude(direction=Message.Direction.INBOUND).exists()
    return caught.value.code


def test_a_text_is_kept_with_its_number_sender_and_exact_segments(sender: Sender) -> None:
    message = ask(text="Price: 5 €\r\nbye")
    assert (message.phone_e164, message.our_number) == (PHONE, "+442079460000")
    assert message.text == "Price: 5 €\nbye"
    assert (message.encoding, message.segments, message.state) == ("GSM-7", 1, "queued")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "not a number"}, TextNotTaken.INVALID_NUMBER),
        ({"to": "60123"}, TextNotTaken.INVALID_NUMBER),
        ({"to": ""}, TextNotTaken.INVALID_NUMBER),
        ({"text": " \n "}, TextNotTaken.EMPTY),
        ({"text": "x" * 153 * MOST_SEGMENTS + "y"}, TextNotTaken.TOO_LONG),
        ({"sender_id": 0}, TextNotTaken.NO_SENDER),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_reason(
    sender: Sender, fields: dict[str, Any], code: str
) -> None:
    assert refused(**fields) == code


def test_a_gateway_that_is_switched_off_takes_nothing(sender: Sender) -> None:
    Connection.objects.update(state=Connection.State.DISABLED)
    assert refused() == TextNotTaken.NO_GATEWAY


def test_nobody_who_opted_out_is_written_to_but_for_the_confirmation(
    workspace: Workspace, sender: Sender
) -> None:
    OptOut.objects.create(workspace=workspace, phone_e164=PHONE)
    for purpose in (Message.Purpose.MARKETING, Message.Purpose.TRANSACTIONAL):
        assert refused(purpose=purpose) == TextNotTaken.OPTED_OUT
    assert ask(purpose=Message.Purpose.CONFIRMATION).state == MessageStatus.QUEUED


def test_an_undecided_suggestion_holds_back_marketing_alone(
    workspace: Workspace, sender: Sender
) -> None:
    reply = receive(sender)
    OptOutSuggestion.objects.create(workspace=workspace, message=reply, phone_e164=PHONE)
    assert refused(purpose=Message.Purpose.MARKETING) == TextNotTaken.WAITING_FOR_DECISION
    assert ask().state == MessageStatus.QUEUED


def test_the_same_key_is_the_same_text(sender: Sender) -> None:
    first = ask(idempotency_key="order-7")
    assert ask(idempotency_key="order-7") == first
    with pytest.raises(TextNotTaken) as caught:
        ask(idempotency_key="order-7", text="Something else")
    assert caught.value.code == TextNotTaken.KEY_REUSED
    assert Message.objects.count() == 1
