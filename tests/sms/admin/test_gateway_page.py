"""SMS → Gateway: a key that was checked, addresses to copy, secrets shown on purpose only."""

import time
from typing import Any

import pytest
from django.test import Client

from integrations.encryption import unseal
from integrations.models import AuditEntry, Connection, Workspace
from sms.callbacks import callback_address, callback_secrets
from tests.factories import make_member
from tests.harness.sms_gateways import CONFIG, SmsGateways
from tests.sms.gateway_rows import (
    call_back,
    make_message,
    make_mitto,
    make_twilio,
    mitto_report,
    understand,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(workspace: Workspace) -> "GatewayPage":
    return GatewayPage(workspace)


class GatewayPage:
    """What an SMS admin does, who has typed the password a moment ago."""

    def __init__(self, workspace: Workspace, role: str = "sms_admin") -> None:
        self.address = f"/w/{workspace.slug}/sms/gateway/"
        self.client = Client()
        user = make_member(workspace, roles=(role,)).user
        user.set_password("correct horse battery")
        user.save()
        self.client.force_login(user)
        self.confirm_password(time.time())

    def confirm_password(self, at: float) -> None:
        session = self.client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": at, "reauthenticated": True}
        ]
        session["account_authentication_methods_user"] = session["_auth_user_id"]
        session.save()

    def read(self, rest: str = "") -> str:
        return self.client.get(f"{self.address}{rest}", follow=True).content.decode()

    def post(self, rest: str, **fields: Any) -> Any:
        return self.client.post(f"{self.address}{rest}/", fields, follow=True)

    def connect_mitto(self, key: str = CONFIG.product_key) -> Any:
        return self.post("mitto/connect", **{"mitto-product_key": key})

    def connect_twilio(self, token: str = CONFIG.auth_token) -> Any:
        fields = {"twilio-account_sid": CONFIG.account_sid, "twilio-product_key": token}
        return self.post("twilio/connect", **fields)


def actions() -> list[str]:
    return list(AuditEntry.unscoped.order_by("pk").values_list("action", flat=True))


def test_a_key_is_kept_only_when_the_gateway_accepts_it(
    page: GatewayPage, sms_gateways: SmsGateways
) -> None:
    refused = page.connect_mitto("wrong")
    assert refused.status_code == 422
    assert "refused the key" in refused.content.decode()
    assert not Connection.unscoped.exists()

    accepted = page.connect_mitto()
    made = Connection.unscoped.get()
    assert "accepted the key" in accepted.content.decode()
    assert (made.backend, made.state) == ("mitto", Connection.State.ACTIVE)
    assert unseal(made.sealed_credentials)["product_key"] == CONFIG.product_key
    assert CONFIG.product_key not in made.sealed_credentials
    assert sms_gateways.records("messages") == [], "checking sends nothing"
    assert actions() == ["sms_gateway.connected"]


def test_the_key_is_in_no_answer_until_it_is_shown_on_purpose(
    page: GatewayPage, sms_gateways: SmsGateways
) -> None:
    assert CONFIG.product_key not in page.connect_mitto().content.decode()
    assert CONFIG.product_key not in page.read()
    assert "The audit will say" in page.read("reveal/")
    shown = page.post("reveal")
    assert CONFIG.product_key in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert actions()[-1] == "sms_gateway.key_revealed"
    assert CONFIG.product_key not in str(list(AuditEntry.unscoped.values()))


@pytest.mark.parametrize("act", ["reveal", "rotate", "retire", "disconnect"])
def test_important_acts_want_the_password_again(
    page: GatewayPage, workspace: Workspace, act: str
) -> None:
    gateway = make_mitto(workspace)
    page.confirm_password(time.time() - 86_400)
    for send in (page.client.get, page.client.post):
        answer = send(f"{page.address}{act}/")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    before = gateway.sealed_credentials
    gateway.refresh_from_db()
    assert gateway.sealed_credentials == before
    assert actions() == []


def test_the_page_says_whether_reports_come(page: GatewayPage, workspace: Workspace) -> None:
    mitto = make_mitto(workspace)
    assert "statuses stay at sent" in page.read()
    assert callback_address(mitto, "report") in page.read()
    assert callback_address(mitto, "inbound") in page.read()
    call_back(mitto, {"id": "1"}, address=callback_address(mitto, "report").replace("cbs_", "x"))
    assert "1 callback of the last 24 hours" in page.read()
    call_back(mitto, mitto_report(make_message(mitto), "Sent"))
    understand(mitto)
    assert "Reports arrive" in page.read()


def test_the_secret_is_replaced_without_a_gap(page: GatewayPage, workspace: Workspace) -> None:
    mitto = make_mitto(workspace)
    [old] = callback_secrets(mitto)
    page.post("rotate")
    mitto.refresh_from_db()
    new, kept = callback_secrets(mitto)
    assert kept == old != new
    assert new in page.read()
    page.post("retire")
    mitto.refresh_from_db()
    assert callback_secrets(mitto) == [new]
    assert actions() == [
        "sms_gateway.callback_secret_rotated",
        "sms_gateway.old_callback_secret_retired",
    ]


def test_a_gateway_that_signs_has_no_secret_to_replace(
    page: GatewayPage, workspace: Workspace
) -> None:
    make_twilio(workspace)
    assert "Replace the secret" not in page.read()
    assert "there is no secret" in page.post("rotate").content.decode()


def test_disconnecting_forgets_the_key_and_keeps_the_addresses(
    page: GatewayPage, sms_gateways: SmsGateways
) -> None:
    page.connect_mitto()
    gateway = Connection.unscoped.get()
    assert "first" in page.connect_twilio().content.decode(), "one gateway at a time"
    page.post("disconnect")
    gateway.refresh_from_db()
    assert gateway.state == Connection.State.DISABLED
    assert "product_key" not in gateway.credentials
    assert "Disconnected" in page.read()

    secrets = callback_secrets(gateway)
    page.connect_mitto()
    gateway.refresh_from_db()
    assert gateway.is_usable
    assert callback_secrets(gateway) == secrets
    page.post("disconnect")
    page.connect_twilio()
    assert Connection.unscoped.filter(state=Connection.State.ACTIVE).get().backend == "twilio"


def test_fields_of_callbacks_are_named_by_people(page: GatewayPage, workspace: Workspace) -> None:
    mitto = make_mitto(workspace)
    told = page.post("callbacks", field_status="Zustand, Lage", callback_header="X-Hook")
    mitto.refresh_from_db()
    assert "read like this" in told.content.decode()
    assert mitto.credentials["callback_fields"] == {"status": ["Zustand", "Lage"]}
    assert mitto.credentials["reports_each_part"] is False
    assert page.post("callbacks", callback_header="no good").status_code == 422


def test_without_a_gateway_its_acts_lead_back_to_the_choice(page: GatewayPage) -> None:
    for act in ("reveal", "rotate", "retire", "disconnect"):
        assert "Choose your gateway" in page.read(f"{act}/")
    assert "Choose your gateway" in page.post("test").content.decode()
    assert page.post("nobody/connect").status_code == 404


def test_an_address_that_cannot_be_reached_is_told(
    page: GatewayPage, workspace: Workspace, settings: Any
) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    make_mitto(workspace)
    assert "could not be reached" in page.post("test").content.decode()


@pytest.mark.parametrize("role", ["marketer", "call_manager", "call_agent", "member"])
def test_nobody_else_sees_the_set_up(workspace: Workspace, role: str) -> None:
    page = GatewayPage(workspace, role)
    assert page.client.get(page.address).status_code == 403
    assert page.connect_mitto().status_code == 403
    assert "sms/gateway" not in page.client.get(f"/w/{workspace.slug}/").content.decode()
