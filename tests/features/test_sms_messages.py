"""The messages of a workspace as its members see them: the list, a message's page, decisions."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.addresses import console_url
from integrations.models import AuditEntry, Workspace
from integrations.tenancy import workspace_scope
from sms import consent
from sms.jobs import submit_messages
from sms.messaging import Person
from sms.models import Message, MessageView, OptOutEvent
from sms.statuses import MessageStatus
from tests.factories import make_member, make_salesforce_connection
from tests.features.sms_office import Office
from tests.harness.sms_gateways import SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)

#: The handset whose gateway takes the text and never answers.
ANSWER_LOST = "1012"


@pytest.fixture
def office(sms_gateways: SmsGateways, live_server: LiveServer, settings: Settings) -> Office:
    settings.PUBLIC_URL = live_server.url
    return Office(sms_gateways, "mitto")


class Desk:
    """A member at the messages."""

    def __init__(self, workspace: Workspace, role: str = "marketer") -> None:
        self.workspace = workspace
        self.member = make_member(workspace, (role,))
        self.client = Client()
        self.client.force_login(self.member.user)

    def read(self, message: Message) -> str:
        return self.open("change", message.pk)

    def open(self, name: str, *args: Any, **query: str) -> str:
        address = console_url(self.workspace, f"sms_message_{name}", *args)
        return str(self.client.get(address, query, follow=True).content.decode())

    def decide(self, act: str, message: Message) -> Any:
        address = console_url(self.workspace, f"sms_message_{act}", message.pk)
        return self.client.post(address, follow=True)


@pytest.mark.feature("MIT-51", "MIT-36")
def test_a_message_keeps_its_person_its_text_and_what_it_really_took(office: Office) -> None:
    make_salesforce_connection(office.workspace, instance_url="https://acme.my.salesforce.com")
    ana = Person("Contact", "003000000000007AAA", "Ana Ito")
    text = "Hello {} – see you at eight. ".format("Maximiliane-Theodora") * 6
    page = Desk(office.workspace).read(office.send("0001", text, person=ana))

    assert text.strip() in page
    assert 'href="https://acme.my.salesforce.com/003000000000007AAA"' in page
    assert "5 · Unicode" in page, "a dash that is not in the regular alphabet"
    assert len(office.gateways.records("messages")) == 1


@pytest.mark.feature("MIT-54", "PLUS-13")
def test_the_page_tells_each_report_in_order_with_what_proves_it(office: Office) -> None:
    message = office.send("1030")
    office.hear(2)
    page = Desk(office.workspace).read(message)

    steps = ["was handed to the gateway", "The gateway took it", "reported “", "As it was reported"]
    places = [page.index(step) for step in steps]
    assert places == sorted(places)
    assert "&quot;status&quot;: &quot;Delivered&quot;" in page
    assert page.count("As it was reported") == 2
    assert "pb-chip-done" in page


@pytest.mark.parametrize("role", ["marketer", "call_manager"])
def test_only_who_may_send_decides_about_an_unconfirmed_text(office: Office, role: str) -> None:
    message = office.send(ANSWER_LOST)
    desk = Desk(office.workspace, role)
    page = desk.read(message)

    assert "Nobody knows yet" in page
    assert str(message.reference) in page
    may = role == "marketer"
    assert ("send again" in page) == may
    assert desk.decide("it_was_sent", message).status_code == (200 if may else 403)


def test_found_in_the_gateways_log_it_stands_as_accepted_and_a_late_report_counts(
    office: Office,
) -> None:
    message = office.send(ANSWER_LOST)
    Desk(office.workspace).decide("it_was_sent", message)
    message.refresh_from_db()
    assert message.state == MessageStatus.ACCEPTED
    assert message.plan_due_at is not None, "its record is written"

    office.hear(2)
    message.refresh_from_db()
    assert message.state == MessageStatus.DELIVERED
    assert len(office.gateways.records("messages")) == 1


def test_sent_again_it_is_a_new_message_and_the_old_one_points_to_it(office: Office) -> None:
    message = office.send(ANSWER_LOST)
    desk = Desk(office.workspace)
    page = desk.decide("send_again", message).content.decode()
    submit_messages(office.connection.pk)

    again = Message.unscoped.get(replaces=message)
    message.refresh_from_db()
    assert message.state == MessageStatus.FAILED
    assert (again.text, again.phone_e164) == (message.text, message.phone_e164)
    assert "sent in place of the unconfirmed one" in page
    assert "another message was sent" in desk.read(message)
    assert "a message whose fate was not known" in desk.read(again)
    assert AuditEntry.unscoped.filter(action="message.decided").count() == 1

    desk.decide("send_again", message)
    assert Message.unscoped.count() == 2, "once, however often somebody asks"


def test_a_person_who_opted_out_meanwhile_gets_nothing_again(office: Office) -> None:
    message = office.send(ANSWER_LOST)
    with workspace_scope(office.workspace):
        consent.opt_out(message.phone_e164, OptOutEvent.Source.KEYWORD)
    page = Desk(office.workspace).decide("send_again", message).content.decode()

    message.refresh_from_db()
    assert "opted out" in page
    assert "nothing has changed" in page
    assert message.state == MessageStatus.UNCONFIRMED
    assert Message.unscoped.count() == 1


def test_a_report_that_is_faster_than_the_person_decides(office: Office) -> None:
    message = office.send(ANSWER_LOST)
    desk = Desk(office.workspace)
    office.hear(2)

    assert desk.decide("it_was_not_sent", message).status_code == 404
    assert "Nobody knows yet" not in desk.read(message)


@pytest.mark.feature("MIT-50")
def test_all_messages_are_one_list_and_each_member_keeps_views_of_it(office: Office) -> None:
    office.send("0001", "Number one")
    office.receive(("0002", "Number two"))
    desk, other = Desk(office.workspace), Desk(office.workspace)
    listed = desk.open("changelist")
    assert "Number one" in listed
    assert "Number two" in listed
    assert "Keep this view" not in listed, "All is there already"

    kept = {"name": "Answers", "query": "direction__exact=inbound&p=3&workspace=7"}
    desk.client.post(console_url(office.workspace, "sms_message_view_save"), kept)
    view = MessageView.unscoped.get()
    assert view.query == "direction__exact=inbound"
    shown = desk.open("changelist", direction__exact="inbound")
    assert "Number one" not in shown
    assert "Remove the view Answers" in shown
    assert "?direction__exact=inbound" in desk.open("changelist")

    remove = console_url(office.workspace, "sms_message_view_remove", view.pk)
    assert ">Answers<" not in other.open("changelist"), "it is the one member's own"
    assert other.client.post(remove).status_code == 404
    desk.client.post(remove)
    assert not MessageView.unscoped.exists()
