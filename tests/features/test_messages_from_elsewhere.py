"""Texts that people send from the company's number without Patchbay, copied by the gateway."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.jobs import answer_lookups, deliver_crm_writes, drain_inbox
from integrations.models import DrainLease, OptionsRevision, PersonalRecording
from integrations.simulators.salesforce.seed import ONE_CONTACT_NAME, ONE_CONTACT_NUMBER
from sms.jobs import file_due_messages
from sms.models import Message
from tests.factories import make_member
from tests.features.opt_out_office import OptOutOffice
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)

OURS = "+14155550170"


@pytest.fixture
def office(
    salesforce_org: SalesforceOrg,
    sms_gateways: SmsGateways,
    live_server: LiveServer,
    settings: Settings,
) -> OptOutOffice:
    settings.PUBLIC_URL = live_server.url
    office = OptOutOffice(salesforce_org, sms_gateways)
    OptionsRevision.unscoped.create(
        workspace=office.workspace, number=1, values={"activity_history": True}, is_active=True
    )
    return office


def text_from_a_phone(office: OptOutOffice, to: str) -> list[dict[str, Any]]:
    """Somebody texts with the company's number; the Tasks about texts afterwards."""
    before = len(office.gateways.records("deliveries"))
    office.gateways.act("send-elsewhere", **{"from": OURS, "to": to, "text": "On my way."})
    office.gateways.deliveries(before + 1)
    drain_inbox(office.gateway.pk, DrainLease.Lane.TEXTS)
    file_due_messages()
    answer_lookups(office.sync_user.pk)
    Message.unscoped.filter(plan_due_at__isnull=False).update(plan_due_at=timezone.now())
    file_due_messages()
    DrainLease.unscoped.update(drained_at=None)
    deliver_crm_writes(office.sync_user.pk)
    tasks = office.org.records("Task")
    return [task for task in tasks if str(task["Subject"]).startswith("SMS to")]


@pytest.mark.feature("MIX-17", "MIX-18")
def test_a_text_from_a_phone_to_a_known_contact_is_recorded_for_who_wants_all(
    office: OptOutOffice,
) -> None:
    assert text_from_a_phone(office, ONE_CONTACT_NUMBER) == [], "nobody wants them yet"
    PersonalRecording.unscoped.create(
        workspace=office.workspace,
        membership=make_member(office.workspace),
        all_messages=True,
    )
    [task] = text_from_a_phone(office, ONE_CONTACT_NUMBER)
    assert task["WhoId"] == office.person("Contact", Name=ONE_CONTACT_NAME)["Id"]
    assert "On my way." in task["Description"]
    assert len(text_from_a_phone(office, "+14155550998")) == 1, "nobody has that number"
    assert {one.origin for one in Message.unscoped.all()} == {"elsewhere"}


def test_the_copy_of_our_own_text_is_that_text(office: OptOutOffice) -> None:
    sent = office.send(ONE_CONTACT_NUMBER)
    inbound = {
        "id": sent.provider_message_id,
        "from": OURS.removeprefix("+"),
        "to": ONE_CONTACT_NUMBER.removeprefix("+"),
        "text": "Hello",
    }
    before = len(office.gateways.records("deliveries"))
    [url] = {office.gateways.records("account")[0]["inbound_urls"]["mitto"]}
    office.gateways.act("send-raw", gateway="mitto", url=url, fields=inbound)
    office.gateways.deliveries(before + 1)
    drain_inbox(office.gateway.pk, DrainLease.Lane.TEXTS)
    assert Message.unscoped.count() == 1
