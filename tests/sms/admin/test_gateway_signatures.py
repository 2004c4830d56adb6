"""SMS → Gateway, Twilio: tokens are replaced, signing keys come and go, and nothing is refused."""

from typing import Any

import pytest
import time_machine

from integrations.encryption import unseal
from integrations.models import AuditEntry, Connection, Workspace
from sms.backends.twilio_signature import sign
from sms.callbacks import callback_address
from tests.harness.sms_gateways import CONFIG, SmsGateways
from tests.sms.admin.test_gateway_page import GatewayPage
from tests.sms.gateway_rows import call_back, make_mitto, make_twilio

pytestmark = pytest.mark.django_db

EARLIER = "an-earlier-token-of-this-account"
FIELDS = {"MessageSid": "SM1", "MessageStatus": "delivered"}


def report_status(gateway: Connection, key: str, settings: str = "") -> int:
    """What a report signed with this key is answered."""
    address = callback_address(gateway, "report")
    values: dict[str, list[str]] = {name: [value] for name, value in FIELDS.items()}
    algorithm = "HMAC_SHA256" if settings else "HMAC_SHA1"
    headers: dict[str, Any] = {"X-Twilio-Signature": sign(address, values, key, algorithm)}
    if settings:
        headers["X-Twilio-Webhooks-Signature-Settings"] = settings
    return call_back(gateway, FIELDS, headers=headers).status_code


def last_action() -> tuple[str, str]:
    entry = AuditEntry.unscoped.latest("pk")
    return entry.action, entry.target_label


def test_a_replaced_token_is_accepted_for_a_week_or_until_somebody_ends_it(
    workspace: Workspace, sms_gateways: SmsGateways
) -> None:
    page = GatewayPage(workspace)
    gateway = make_twilio(workspace)
    assert gateway.replace_credentials({"account_sid": CONFIG.account_sid, "product_key": EARLIER})
    with time_machine.travel("2026-03-01T12:00:00Z", tick=True):
        page.confirm_password(1772366400)
        assert "accepted the key" in page.connect_twilio().content.decode()
        assert [report_status(gateway, key) for key in (CONFIG.auth_token, EARLIER, "x")] == [
            *(200, 200, 401)
        ]
        assert "The earlier token is accepted until" in page.read()
    with time_machine.travel("2026-03-09T12:00:00Z", tick=True):
        assert report_status(gateway, EARLIER) == 401
        assert report_status(gateway, CONFIG.auth_token) == 200
    with time_machine.travel("2026-03-02T12:00:00Z", tick=True):
        page.confirm_password(1772452800)
        page.post("earlier-token/end")
        assert report_status(gateway, EARLIER) == 401
        assert report_status(gateway, CONFIG.auth_token) == 200
    assert last_action() == ("sms_gateway.earlier_token_ended", "Twilio")


def test_the_token_of_another_account_proves_nothing(
    workspace: Workspace, sms_gateways: SmsGateways
) -> None:
    page = GatewayPage(workspace)
    gateway = make_twilio(workspace)
    assert gateway.replace_credentials(
        {"account_sid": "AC1", "product_key": EARLIER, "signing_keys": {"k1": "first-secret"}}
    )
    page.connect_twilio()
    assert report_status(gateway, EARLIER) == 401
    assert report_status(gateway, "first-secret", "key=k1,algorithm=HMAC_SHA256") == 401


def test_a_signing_key_is_added_sealed_and_ended(workspace: Workspace) -> None:
    page = GatewayPage(workspace)
    gateway = make_twilio(workspace)
    settings = "key=k1,algorithm=HMAC_SHA256"
    assert report_status(gateway, "first-secret", settings) == 401

    added = page.post("signing-key", key_id="k1", secret="first-secret")
    assert "accepted from now on" in added.content.decode()
    assert last_action() == ("sms_gateway.signing_key_added", "Twilio k1")
    gateway.refresh_from_db()
    assert unseal(gateway.sealed_credentials)["signing_keys"] == {"k1": "first-secret"}
    assert "first-secret" not in page.read() + gateway.sealed_credentials
    assert report_status(gateway, "first-secret", settings) == 200

    again = page.post("signing-key", key_id="k1", secret="another-secret")
    assert (again.status_code, "End it first" in again.content.decode()) == (422, True)
    page.post("signing-key/k1/end")
    assert last_action() == ("sms_gateway.signing_key_ended", "Twilio k1")
    assert report_status(gateway, "first-secret", settings) == 401
    assert page.client.get(f"{page.address}signing-key/k1/end/").status_code == 404


def test_a_gateway_without_signatures_takes_no_signing_key(workspace: Workspace) -> None:
    page = GatewayPage(workspace)
    make_mitto(workspace)
    assert "What proves" not in page.read()
    page.post("signing-key", key_id="k1", secret="first-secret")
    assert "signing_keys" not in Connection.unscoped.get().credentials
