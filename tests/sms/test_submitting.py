"""Handing texts over: each at most once, opt-outs looked at last, what is unknown left alone."""

from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.utils import timezone

from integrations.errors import CredentialsRejected, NotSent, OutcomeUnknown, RateLimited
from integrations.models import Connection, Notice, Workspace
from sms.backends.base import Accepted, OutboundText, TextRefused
from sms.jobs import submit_messages
from sms.messaging import NewText, queue_message
from sms.models import Message, OptOut, OptOutEvent, Sender
from sms.statuses import RANK, MessageStatus
from sms.submitting import MOST_SUBMITTING, record_outcome, take_back_expired
from tests.sms.scripted_gateway import ScriptedGateway

PHONE = "+447700900123"

pytestmark = pytest.mark.usefixtures("sender")


def queue(number: int = 123, origin: Message.Origin = Message.Origin.COMPOSE) -> Message:
    return queue_message(
        NewText(
            to=f"+447700900{number:03}",
            text="Hello",
            purpose=Message.Purpose.CONVERSATION,
            origin=origin,
        )
    )


def submit(connection: Connection) -> None:
    submit_messages(connection.pk)


def test_an_accepted_text_keeps_the_gateways_id(
    connection: Connection, gateway: ScriptedGateway
) -> None:
    message = queue()
    submit(connection)
    message.refresh_from_db()
    assert (message.state, message.rank) == ("accepted", RANK[MessageStatus.ACCEPTED])
    assert message.provider_message_id == f"gw-{message.reference}"
    assert (message.claim_token, message.lease_expires_at, message.attempts) == (None, None, 1)
    assert [text.to_e164 for text in gateway.sent] == [PHONE]
    assert gateway.sent[0].sender == "+442079460000"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (RateLimited("slow down", "429", retry_after=30), "queued"),
        (NotSent("no route", "NOT_SENT"), "queued"),
        (OutcomeUnknown("answer lost", "ANSWER_LOST"), "unconfirmed"),
        (TextRefused("bad number", "21211", means=TextRefused.BAD_NUMBER), "rejected"),
        (CredentialsRejected("key refused", "20003"), "failed"),
        (ZeroDivisionError("a bug of ours after the request left"), "unconfirmed"),
    ],
)
def test_what_the_answer_means_for_the_text(
    connection: Connection, gateway: ScriptedGateway, answer: Exception, state: str
) -> None:
    message = queue()
    gateway.script[PHONE] = [answer]
    submit(connection)
    message.refresh_from_db()
    assert message.state == state
    assert message.claim_token is None
    assert bool(message.final_at) == (state in ("rejected", "failed"))
    submit(connection)
    assert len(gateway.sent) == 1


def test_a_text_that_was_certainly_not_taken_is_tried_again(
    connection: Connection, gateway: ScriptedGateway
) -> None:
    message = queue()
    gateway.script[PHONE] = [RateLimited("slow down", "429")]
    submit(connection)
    Message.objects.update(next_attempt_at=timezone.now())
    submit(connection)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("accepted", 2)


def test_an_opt_out_after_queueing_is_found_before_the_text_leaves(
    workspace: Workspace, connection: Connection, gateway: ScriptedGateway
) -> None:
    message = queue()
    OptOut.objects.create(workspace=workspace, phone_e164=PHONE)
    submit(connection)
    message.refresh_from_db()
    assert message.state == "skipped"
    assert "opted out" in message.reason
    assert gateway.sent == []


def test_a_report_that_came_before_the_answer_is_not_undone(connection: Connection) -> None:
    message = queue()
    token = uuid4()
    Message.objects.filter(pk=message.pk).update(
        state=MessageStatus.DELIVERED, rank=RANK[MessageStatus.DELIVERED], claim_token=token
    )
    record_outcome(message, token, Accepted("gw-1"))
    message.refresh_from_db()
    assert (message.state, message.provider_message_id) == ("delivered", "gw-1")


def test_a_worker_that_died_leaves_texts_that_nobody_repeats(
    connection: Connection, gateway: ScriptedGateway
) -> None:
    claimed, submitting = queue(1), queue(2)
    past = timezone.now() - timedelta(minutes=1)
    for message, state in ((claimed, "claimed"), (submitting, "submitting")):
        Message.objects.filter(pk=message.pk).update(state=state, lease_expires_at=past)
    assert take_back_expired() == 2
    submit(connection)
    assert [text.reference for text in gateway.sent] == [str(claimed.reference)]
    submitting.refresh_from_db()
    assert submitting.state == "unconfirmed"
    assert submitting.reason


def test_at_most_eight_are_on_their_way_and_people_go_before_campaigns(
    connection: Connection, gateway: ScriptedGateway
) -> None:
    together = Barrier(MOST_SUBMITTING, timeout=10)

    def wait_for_the_others(text: OutboundText) -> Accepted:
        together.wait()
        return Accepted(text.reference)

    for number in range(2 * MOST_SUBMITTING):
        phone = queue(number, Message.Origin.CAMPAIGN).phone_e164
        gateway.script[phone] = [wait_for_the_others]
    waited_for = queue(999)
    submit(connection)
    assert gateway.sent[0].reference == str(waited_for.reference)
    assert len({text.reference for text in gateway.sent}) == len(gateway.sent) == 17
    assert gateway.most_at_once == MOST_SUBMITTING


def test_a_sender_never_exceeds_its_pace(connection: Connection, gateway: ScriptedGateway) -> None:
    Sender.objects.update(segments_per_second=1)
    for number in range(3):
        queue(number)
    submit(connection)
    assert len(gateway.sent) == 1
    put_back = Message.objects.filter(state=MessageStatus.QUEUED)
    assert put_back.count() == 2
    assert all(message.next_attempt_at > timezone.now() for message in put_back)


def test_a_gateway_that_needs_a_person_opens_one_notice(
    connection: Connection, gateway: ScriptedGateway
) -> None:
    for number in (1, 2):
        gateway.script[queue(number).phone_e164] = [CredentialsRejected("key refused", "20003")]
    submit(connection)
    assert Notice.objects.filter(kind="gateway_refuses").count() == 1


def test_a_refusal_because_the_person_stopped_us_opts_out(
    workspace: Workspace, connection: Connection, gateway: ScriptedGateway
) -> None:
    gateway.script[PHONE] = [TextRefused("unsubscribed", "21610", means=TextRefused.OPTED_OUT)]
    first, second = queue(), queue()
    submit(connection)
    assert OptOut.objects.get().phone_e164 == PHONE
    event = OptOutEvent.objects.get()
    assert (event.source, event.evidence["code"]) == (OptOutEvent.Source.GATEWAY, "21610")
    assert event.message in (first, second)


def test_a_gateway_that_takes_texts_again_needs_nobody(
    workspace: Workspace, connection: Connection, gateway: ScriptedGateway
) -> None:
    gateway.script[PHONE] = [CredentialsRejected("key refused", "20003")]
    queue()
    submit(connection)
    notice = Notice.objects.get(kind="gateway_refuses")
    assert (notice.service, notice.resolved_at) == (Connection.Kind.SMS_GATEWAY, None)
    queue()
    submit(connection)
    notice.refresh_from_db()
    assert notice.resolved_at is not None
