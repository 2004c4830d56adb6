"""Texts of which nothing final is heard: a gateway that can tell is asked, and nothing is sent
again."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.demo.outside import wait_for
from sms.asking import silent_texts
from sms.jobs import ask_about_silent_texts
from sms.models import DeliveryReport, Message
from sms.statuses import MessageStatus
from tests.features.sms_office import Office
from tests.features.test_sms_messages import Desk
from tests.harness.sms_gateways import CONFIG, SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)

ACCOUNT = f"/2010-04-01/Accounts/{CONFIG.account_sid}"
#: Delivered, and the gateway's callback of it gets lost.
CALLBACK_LOST = "1025"
#: Taken, and nothing more is ever known.
NO_RECEIPT = "1022"


@pytest.fixture(params=["twilio"])
def office(
    request: pytest.FixtureRequest,
    sms_gateways: SmsGateways,
    live_server: LiveServer,
    settings: Settings,
) -> Office:
    settings.PUBLIC_URL = live_server.url
    return Office(sms_gateways, request.param)


def send(office: Office, last_digits: str, *, hours_ago: float) -> Message:
    """A text that was handed over some time ago."""
    message = office.send(last_digits)
    then = timezone.now() - timedelta(hours=hours_ago)
    Message.unscoped.filter(pk=message.pk).update(submitted_at=then, accepted_at=then)
    return message


def questions(office: Office) -> list[str]:
    return [one["path"] for one in office.gateways.requests() if one["method"] == "GET"]


@pytest.mark.feature("MIT-53", "PLUS-13")
def test_a_lost_report_is_asked_for_once_and_the_text_is_not_sent_again(office: Office) -> None:
    message = send(office, CALLBACK_LOST, hours_ago=13)
    office.hear(1)
    [sent] = office.gateways.records("messages")
    wait_for(lambda: "delivered" in office.gateways.records("messages")[0]["reports"], seconds=5)
    for _ in range(2):
        ask_about_silent_texts(office.connection.pk)
    message.refresh_from_db()

    assert message.state == MessageStatus.DELIVERED
    assert message.plan_due_at is not None, "Salesforce hears of it"
    assert questions(office).count(f"{ACCOUNT}/Messages/{sent['id']}.json") == 1
    assert len(office.gateways.records("messages")) == 1
    page = Desk(office.workspace).read(message)
    assert "No report had come, so the gateway was asked. It says “delivered”." in page
    report = DeliveryReport.unscoped.latest("pk")
    assert message.text not in str(report.raw)


@pytest.mark.feature("PLUS-13")
def test_a_text_of_which_nobody_knows_more_keeps_its_state_and_says_so(office: Office) -> None:
    message = send(office, NO_RECEIPT, hours_ago=25)
    ask_about_silent_texts(office.connection.pk)
    message.refresh_from_db()
    assert message.state == MessageStatus.ACCEPTED
    assert "said nothing final for over a day" in Desk(office.workspace).read(message)
    assert len(questions(office)) == 1

    ask_about_silent_texts(office.connection.pk)
    assert len(questions(office)) == 1, "once a day"


def test_only_what_has_been_silent_for_long_and_not_for_ever_is_asked_about(
    office: Office, settings: Settings
) -> None:
    send(office, NO_RECEIPT, hours_ago=11)
    send(office, NO_RECEIPT, hours_ago=80)
    late = send(office, NO_RECEIPT, hours_ago=13)
    assert [one.pk for one in silent_texts()] == [late.pk]
    settings.SMS_ASK_AFTER_HOURS = 10
    assert silent_texts().count() == 2


def test_a_gateway_that_is_away_is_asked_another_time(office: Office) -> None:
    message = send(office, NO_RECEIPT, hours_ago=13)
    office.gateways.fault(".*/Messages/.*", "status", status=503, times=1)
    ask_about_silent_texts(office.connection.pk)
    message.refresh_from_db()
    assert message.asked_at is None
    ask_about_silent_texts(office.connection.pk)
    message.refresh_from_db()
    assert message.asked_at is not None


@pytest.mark.parametrize("office", ["mitto"], indirect=True)
def test_a_gateway_that_cannot_tell_is_not_asked(office: Office) -> None:
    send(office, NO_RECEIPT, hours_ago=25)
    before = len(office.gateways.requests())
    ask_about_silent_texts(office.connection.pk)
    assert len(office.gateways.requests()) == before
