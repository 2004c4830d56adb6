"""Texts from handsets: whose they are, and that STOP is obeyed at once and once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.models import Connection, InboundEvent, Workspace
from sms.backends.base import InboundText
from sms.inbound import record_inbound
from sms.messaging import NewText, Person, queue_message
from sms.models import Message, OptOut, OptOutEvent, OptOutKeyword, OptOutSuggestion, Sender

PHONE = "+447700900123"


@pytest.fixture(autouse=True)
def keyword(workspace: Workspace) -> OptOutKeyword:
    return OptOutKeyword.objects.create(workspace=workspace, word="Stop", folded="stop")


def receive(sender: Sender, text: str, *, key: str = "in-1", **fields: Any) -> Message:
    connection = Connection.objects.get(pk=sender.connection_id)
    event = InboundEvent.objects.create(
        workspace=connection.workspace,
        connection=connection,
        handler="sms_inbound",
        dedupe_key=f"event-{InboundEvent.objects.count()}",
        body_digest="",
    )
    values = {"phone": "447700900123", "our_number": "442079460000", "text": text}
    return record_inbound(
        connection, InboundText(provider_message_id=key, **values | fields), event
    )


def send(**fields: Any) -> Message:
    return queue_message(
        NewText(
            to=PHONE,
            text="Hello",
            purpose=Message.Purpose.CONVERSATION,
            origin=Message.Origin.COMPOSE,
            **fields,
        )
    )


def test_a_text_is_kept_with_both_numbers(sender: Sender) -> None:
    message = receive(sender, "Hi\r\nthere", attachment_count=2)
    assert (message.phone_e164, message.our_number) == (PHONE, "+442079460000")
    assert (message.text, message.state, message.sender) == ("Hi\nthere", "received", sender)
    assert message.attachment_count == 2


def test_the_same_text_arriving_twice_is_one_message(sender: Sender) -> None:
    assert receive(sender, "STOP") == receive(sender, "STOP")
    assert OptOutEvent.objects.count() == 1
    assert Message.objects.filter(purpose=Message.Purpose.CONFIRMATION).count() == 1


def test_an_answer_belongs_to_the_record_that_was_written_to(sender: Sender) -> None:
    send(person=Person("Lead", "00Q000000000001AAA", "Ann Lee"))
    send(person=Person("Contact", "003000000000001AAA", "Ann Lee"))
    message = receive(sender, "Thanks")
    assert (message.person_sobject, message.person_record_id) == ("Contact", "003000000000001AAA")


@pytest.mark.parametrize(
    "change",
    [{"created_at": timezone.now() - timedelta(days=31)}, {"our_number": "+442079469999"}],
)
def test_an_old_text_or_another_sender_relates_nothing(
    sender: Sender, change: dict[str, Any]
) -> None:
    send(person=Person("Contact", "003000000000001AAA", "Ann Lee"))
    Message.objects.update(**change)
    assert receive(sender, "Thanks").person_record_id == ""


def test_stop_opts_out_marks_the_text_and_is_confirmed_once(sender: Sender) -> None:
    waiting = send()
    message = receive(sender, "Stop. Thank you")
    waiting.refresh_from_db()
    assert (message.state, waiting.state) == ("optout", "skipped")
    assert OptOut.objects.get().is_active
    assert OptOutEvent.objects.get().evidence == {"text": "Stop. Thank you", "keyword": "Stop"}
    confirmation = Message.objects.get(purpose=Message.Purpose.CONFIRMATION)
    assert (confirmation.state, confirmation.sender) == ("queued", sender)
    receive(sender, "stop", key="in-2")
    assert Message.objects.filter(purpose=Message.Purpose.CONFIRMATION).count() == 1


def test_no_confirmation_where_the_gateway_has_answered(sender: Sender) -> None:
    receive(sender, "STOP", is_answered_by_gateway=True)
    assert OptOut.objects.get().is_active
    assert not Message.objects.filter(purpose=Message.Purpose.CONFIRMATION).exists()


def test_stop_inside_other_text_waits_for_a_person(sender: Sender) -> None:
    message = receive(sender, "We have got to STOP this bill")
    assert message.state == "received"
    assert not OptOut.objects.exists()
    assert OptOutSuggestion.objects.get().keyword == "Stop"


def test_yes_opts_in_only_who_had_opted_out(sender: Sender) -> None:
    receive(sender, "yes", key="in-1")
    assert not OptOutEvent.objects.exists()
    receive(sender, "STOP", key="in-2")
    receive(sender, "yes", key="in-3")
    assert not OptOut.objects.get().is_active


def test_a_short_code_or_a_name_is_kept_and_never_answered(sender: Sender) -> None:
    message = receive(sender, "STOP", phone="60123")
    assert (message.phone_e164, message.state) == ("60123", "received")
    assert not OptOut.objects.exists()


def test_without_keywords_nobody_is_opted_out(sender: Sender) -> None:
    OptOutKeyword.objects.all().delete()
    assert receive(sender, "STOP").state == "received"
