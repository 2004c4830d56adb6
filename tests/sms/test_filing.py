"""Filing messages: planned once, when there is something to say, and asked for only if needed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import CrmWrite, OptionsRevision, PhoneLookup, PlanRun, Workspace
from sms.jobs import file_due_messages, submit_messages
from sms.messaging import NewText, Person, queue_message
from sms.models import Message, Sender
from sms.statuses import MessageStatus
from tests.factories import make_salesforce_connection
from tests.sms.scripted_gateway import ScriptedGateway, receive

PHONE = "+447700900123"


@pytest.fixture(autouse=True)
def activity_history(workspace: Workspace) -> None:
    make_salesforce_connection(workspace)
    OptionsRevision.objects.create(
        workspace=workspace, number=1, values={"activity_history": True}, is_active=True
    )


def send(gateway: ScriptedGateway, sender: Sender) -> Message:
    message = queue_message(
        NewText(
            to=PHONE,
            text="Hello",
            purpose=Message.Purpose.CONVERSATION,
            origin=Message.Origin.COMPOSE,
            person=Person("Contact", "003000000000001AAA", "Bo Li"),
        )
    )
    submit_messages(sender.connection_id)
    return message


def make_due() -> None:
    Message.objects.update(plan_due_at=timezone.now())
    file_due_messages()


def test_an_accepted_text_waits_a_day_for_its_report(
    gateway: ScriptedGateway, sender: Sender
) -> None:
    message = send(gateway, sender)
    message.refresh_from_db()
    assert message.plan_due_at is not None
    wait = message.plan_due_at - timezone.now()
    assert timedelta(hours=23) < wait <= timedelta(hours=24)
    file_due_messages()
    assert not PlanRun.objects.exists()


def test_the_record_is_written_once_and_then_kept_up_to_date(
    gateway: ScriptedGateway, sender: Sender
) -> None:
    message = send(gateway, sender)
    make_due()
    first = CrmWrite.objects.get()
    assert (first.sobject, first.operation, first.fields["WhoId"]) == (
        "Task",
        "create",
        "003000000000001AAA",
    )
    CrmWrite.objects.update(state="done", salesforce_record_id="00T000000000001AAA")
    Message.objects.filter(pk=message.pk).update(state=MessageStatus.DELIVERED)
    make_due()
    later = CrmWrite.objects.exclude(pk=first.pk).get()
    assert (later.operation, list(later.payload)) == ("update", ["Description"])
    make_due()
    assert CrmWrite.objects.count() == 2


def test_a_text_that_was_never_sent_leaves_no_record(
    gateway: ScriptedGateway, sender: Sender
) -> None:
    send(gateway, sender)
    Message.objects.update(state=MessageStatus.SKIPPED, accepted_at=None)
    make_due()
    assert not CrmWrite.objects.exists()
    assert PlanRun.objects.get().plan["trace"][0]["rule"] == "D4"


def test_a_strangers_text_waits_for_salesforce_but_not_for_ever(
    sender: Sender,
) -> None:
    message = receive(sender, "Who is this?", options_revision=1)
    make_due()
    assert PhoneLookup.objects.get().phone_e164 == PHONE
    assert not CrmWrite.objects.exists()
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    make_due()
    message.refresh_from_db()
    assert CrmWrite.objects.get().fields["WhoId"] is None
    assert message.needs_review
