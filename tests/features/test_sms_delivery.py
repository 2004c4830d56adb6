"""Texts through a simulated gateway and back: what it reports is what the console says."""

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.jobs import drain_inbox
from integrations.models import AuditEntry, Connection, InboundEvent
from sms.callbacks import callback_address
from sms.models import DeliveryReport, Message, MessagePart
from sms.reports import adopt_waiting_reports
from sms.statuses import MessageStatus
from tests.factories import make_workspace
from tests.features.sms_office import Admin, Office
from tests.harness.sms_gateways import CONFIG, SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)

TWO_PARTS = "a long text " * 20


@pytest.fixture(params=["mitto", "twilio"])
def office(
    request: pytest.FixtureRequest,
    sms_gateways: SmsGateways,
    live_server: LiveServer,
    settings: Settings,
) -> Office:
    settings.PUBLIC_URL = live_server.url
    return Office(sms_gateways, request.param)


def state_of(message: Message) -> str:
    message.refresh_from_db()
    return message.state


@pytest.mark.feature("MIT-53", "PLUS-13")
@pytest.mark.parametrize(
    ("last_digits", "reports", "state"),
    [
        ("0001", 2, MessageStatus.DELIVERED),
        ("1030", 2, MessageStatus.DELIVERED),
        ("1031", 6, MessageStatus.DELIVERED),
        ("1032", 2, MessageStatus.DELIVERED),
        ("1034", 1, MessageStatus.ACCEPTED),
    ],
    ids=["in order", "out of order", "three times", "before the answer", "unknown word"],
)
def test_what_the_gateway_reports_is_the_message_s_status(
    office: Office, last_digits: str, reports: int, state: str
) -> None:
    message = office.send(last_digits)
    office.hear(reports)

    assert state_of(message) == state
    words = DeliveryReport.unscoped.filter(message=message).values_list(
        "provider_status", flat=True
    )
    assert len(words) == min(reports, 2), "kept as the gateway said it, each once"


@pytest.mark.feature("PLUS-13")
def test_a_lost_answer_is_settled_by_the_report_alone(office: Office) -> None:
    message = office.send("1012")
    assert state_of(message) == MessageStatus.UNCONFIRMED
    office.hear(2)

    assert state_of(message) == MessageStatus.DELIVERED
    assert len(office.gateways.records("messages")) == 1


@pytest.mark.feature("MIT-53")
def test_a_failed_delivery_says_so(office: Office) -> None:
    message = office.send("1020")
    office.hear(2)
    assert state_of(message) == MessageStatus.UNDELIVERED
    assert message.error_code


def test_a_report_about_nothing_we_know_is_taken_and_kept(office: Office) -> None:
    message = office.send("1033")
    office.hear(1)

    [delivery] = office.gateways.records("deliveries")
    assert delivery["status"] == 200
    assert state_of(message) == MessageStatus.ACCEPTED
    assert DeliveryReport.unscoped.get().message is None
    assert adopt_waiting_reports() == 0


def test_a_forged_report_changes_nothing(office: Office) -> None:
    message = office.send("1022")
    arrived = office.gateways.records("messages")[0]
    office.gateways.act("report", message=arrived["id"], state="delivered", forged=True)
    office.hear(1)

    assert office.gateways.records("deliveries")[0]["status"] == 401
    assert state_of(message) == MessageStatus.ACCEPTED
    assert not InboundEvent.unscoped.exists()


@pytest.mark.parametrize("office", ["mitto"], indirect=True)
def test_one_failed_part_fails_the_message_whatever_the_others_did(office: Office) -> None:
    message = office.send("1040", TWO_PARTS)
    office.hear(4)

    assert state_of(message) == MessageStatus.UNDELIVERED
    states = set(MessagePart.unscoped.filter(message=message).values_list("state", flat=True))
    assert states == {MessageStatus.DELIVERED, MessageStatus.UNDELIVERED}


# ---- The gateway's page ---------------------------------------------------------------------


@pytest.mark.feature("MIT-10", "MIT-06", "MIT-07")
def test_the_callback_address_is_there_to_copy_and_to_test(office: Office) -> None:
    admin = Admin(office.workspace)
    page = admin.read()
    assert callback_address(office.connection, "report") in page
    assert 'data-copy="report-address"' in page
    told = admin.post("test").content.decode()

    assert "sent to this address arrived" in told
    drain_inbox(office.connection.pk)
    assert InboundEvent.unscoped.get().state == InboundEvent.State.PROCESSED
    assert "No callback yet" in admin.read(), "our own test is no report"


@pytest.mark.feature("MIT-55")
def test_without_a_callback_statuses_stay_and_the_page_says_why(office: Office) -> None:
    message = office.send("1022")
    assert state_of(message) == MessageStatus.ACCEPTED
    assert "statuses stay at sent" in Admin(office.workspace).read()
    office.send("0001")
    office.hear(2)
    assert "Reports arrive" in Admin(office.workspace).read()


@pytest.mark.feature("MIT-14", "MIT-15")
def test_the_product_key_is_checked_sealed_and_shown_on_purpose_only(
    sms_gateways: SmsGateways,
) -> None:
    workspace = make_workspace()
    admin = Admin(workspace)
    assert admin.post("mitto/connect", **{"mitto-product_key": "wrong"}).status_code == 422
    admin.post("mitto/connect", **{"mitto-product_key": CONFIG.product_key})
    stored = Connection.unscoped.get().sealed_credentials

    assert CONFIG.product_key not in stored
    assert CONFIG.product_key not in admin.read()
    assert CONFIG.product_key in admin.post("reveal").content.decode()
    assert AuditEntry.unscoped.filter(action="sms_gateway.key_revealed").count() == 1


@pytest.mark.feature("MIT-12", "MIT-13")
def test_only_those_who_set_up_texts_find_the_page() -> None:
    workspace = make_workspace()
    for role, status in (
        ("owner", 200), ("admin", 200), ("sms_admin", 200), ("marketer", 403),
        ("call_manager", 403), ("call_agent", 403), ("member", 403),
    ):  # fmt: skip
        member = Admin(workspace, role)
        assert member.client.get(member.address).status_code == status, role
        home = member.client.get(f"/w/{workspace.slug}/").content.decode()
        assert ("/sms/gateway/" in home) == (status == 200), role
