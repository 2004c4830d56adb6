"""A text that is tried: what it would do and leave in Salesforce, dry (PLUS-05)."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.jobs import answer_lookups, deliver_crm_writes, drain_inbox
from integrations.models import CrmWrite, DrainLease, PhoneLookup, PlanRun
from integrations.options import active_options, publish_revision
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from sms.jobs import file_due_messages
from sms.models import Message, OptOut, OptOutEvent, OptOutSuggestion, Sender
from tests.factories import make_member
from tests.features.opt_out_office import OptOutOffice
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)


class Trial:
    """An SMS admin at the page."""

    def __init__(self, office: OptOutOffice) -> None:
        self.office = office
        self.client = Client()
        self.client.force_login(make_member(office.workspace, roles=("sms_admin",)).user)
        with workspace_scope(office.workspace):
            self.sender = Sender.objects.get()

    def ask(self, number: str, text: str = "Hello", **given: Any) -> Any:
        """Ask what would come of a text; an inbound one comes to the sender."""
        values = {"direction": "outbound", "number": number, "text": text, **given}
        if values["direction"] == "inbound":
            values.setdefault("sender", self.sender.pk)
        return self.client.post(f"/w/{self.office.workspace.slug}/sms/test/", values)

    def words(self, number: str, text: str = "Hello", **given: Any) -> str:
        """The texts of the answer."""
        page = re.sub(r"<[^>]+>", " ", self.ask(number, text, **given).content.decode())
        return re.sub(r"\s+", " ", unescape(page))

    def run(self, direction: str, number: str, text: str) -> list[dict[str, Any]]:
        """The same text for real; the Tasks that come of it."""
        office, before = self.office, self.tasks()
        if direction == "inbound":
            office.answer(number, text)
        else:
            called = len(office.gateways.records("deliveries"))
            office.send(number)
            office.gateways.deliveries(called + 2)
            DrainLease.unscoped.update(drained_at=None)
            drain_inbox(office.gateway.pk)
        for _ in range(2):  # the second time Salesforce has said whose number it is
            Message.unscoped.exclude(plan_due_at=None).update(plan_due_at=timezone.now())
            file_due_messages()
            answer_lookups(office.sync_user.pk)
        DrainLease.unscoped.update(drained_at=None)
        deliver_crm_writes(office.sync_user.pk)
        return [task for task in self.tasks() if task not in before]

    def tasks(self) -> list[dict[str, Any]]:
        """What stands in Salesforce about texts."""
        found = self.office.org.records("Task")
        return [task for task in found if str(task["Subject"]).startswith("SMS ")]


@pytest.fixture
def trial(
    salesforce_org: SalesforceOrg,
    sms_gateways: SmsGateways,
    live_server: LiveServer,
    settings: Settings,
) -> Trial:
    settings.PUBLIC_URL = live_server.url
    office = OptOutOffice(salesforce_org, sms_gateways)
    with workspace_scope(office.workspace):
        active = active_options()
        values = {**active.values, "activity_history": True}
        publish_revision(values, based_on=active.number, actor=None)
    return Trial(office)


TEXTS = (
    ("outbound", seed.ONE_CONTACT_NUMBER, "Hello"),
    # Answers the text before: it belongs to no record, because nobody chose one.
    ("inbound", seed.ONE_CONTACT_NUMBER, "Thanks!"),
    ("inbound", seed.TWO_CONTACTS_NUMBER, "Please stop ringing me"),
    ("outbound", seed.NOBODY_NUMBER, "Hello"),
    ("inbound", seed.ONE_CONTACT_NUMBER, "STOP"),
)


@pytest.mark.feature("PLUS-05")
def test_what_it_says_is_what_the_same_text_leaves_in_salesforce(trial: Trial) -> None:
    for direction, number, text in TEXTS:
        tried = trial.ask(number, text, direction=direction)
        [promised] = [dict(item.write.fields) for item in tried.context["writes"]]
        [task] = [one for one in trial.run(direction, number, text) if text in one["Description"]]
        assert {name: task[name] for name in promised} == promised, (direction, number, text)


@pytest.mark.feature("PLUS-05")
def test_trying_a_text_leaves_no_trace(trial: Trial) -> None:
    words = trial.words(seed.ONE_CONTACT_NUMBER)
    assert "It would be sent from +14155550170. The workspace's default." in words
    assert "1 record would be written Task under Ana Ito" in words
    assert "Filed under Ana Ito, the only record with this number." in words
    trial.words(seed.ONE_CONTACT_NUMBER, "STOP", direction="inbound")
    trial.words(seed.ONE_CONTACT_NUMBER, "Please do not stop", direction="inbound")
    models = (Message, OptOut, OptOutEvent, OptOutSuggestion, CrmWrite, PlanRun, PhoneLookup)
    for model in models:
        assert not model.unscoped.exists(), model
    assert trial.tasks() == []
    assert trial.office.gateways.records("messages") == []


@pytest.mark.feature("PLUS-05")
def test_it_says_what_a_reply_would_do_and_who_may_not_be_written_to(trial: Trial) -> None:
    phone = seed.NOBODY_NUMBER

    def reply(text: str) -> str:
        return trial.words(phone, text, direction="inbound")

    stop = reply("Stop please")
    assert "It means stop, because of the keyword STOP." in stop
    assert "The number is opted out at once" in stop
    assert f"“{trial.office.workspace.name}: you are unsubscribed" in stop
    assert "STOP stands inside other words" in reply("I cannot stop laughing")
    assert "the number is not opted out: nothing changes" in reply("START")
    assert "It changes nothing about opt-outs" in reply("Thanks")

    trial.office.answer(phone, "STOP")
    assert "opted out already; the text is kept" in reply("STOP")
    assert "you are unsubscribed" not in reply("STOP")
    assert "may be written to again" in reply("start")
    refused = trial.words(phone)
    assert "Not sent This person opted out on" in refused
    assert "would be written" not in refused


def test_what_makes_no_sense_is_said_at_the_field(trial: Trial) -> None:
    to_nobody = trial.ask(seed.NOBODY_NUMBER, direction="inbound", sender="")
    assert to_nobody.status_code == 422
    assert "Choose the number that the text comes to." in to_nobody.content.decode()
    assert "one of your own senders" in trial.words("+1 415 555 0170", direction="inbound")
    assert "not a phone number that texts come from" in trial.words("Bank", direction="inbound")
    assert "is not a phone number that can be written to" in trial.words("Bank")
    assert "Nothing stands in FirstName" in trial.words(seed.NOBODY_NUMBER, "Hi {{FirstName}}")
