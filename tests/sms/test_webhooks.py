"""The door for gateways: proven, stored, then acknowledged in the gateway's own way (RULES F6)."""

import json
from typing import Any

import pytest
from django.test import Client

from integrations.models import Connection, InboundEvent, IntakeCount, Workspace
from integrations.redaction import MASK
from sms.callbacks import callback_address, callback_secrets
from tests.sms.gateway_rows import call_back, make_message, make_mitto, make_twilio, mitto_report

pytestmark = pytest.mark.django_db

Result = IntakeCount.Result
TWILIO_REPORT = {"MessageSid": "SM1", "MessageStatus": "delivered"}


@pytest.fixture
def mitto(workspace: Workspace) -> Connection:
    return make_mitto(workspace)


@pytest.fixture
def twilio(workspace: Workspace) -> Connection:
    return make_twilio(workspace)


def counted(connection: Connection) -> dict[str, int]:
    return dict(IntakeCount.unscoped.filter(connection=connection).values_list("result", "count"))


def test_each_gateway_gets_the_answer_that_it_wants(mitto: Connection, twilio: Connection) -> None:
    plain, markup = call_back(mitto, {"id": "1"}), call_back(twilio, TWILIO_REPORT)

    assert (plain.status_code, plain.content) == (200, b"")
    assert (markup.status_code, markup["Content-Type"]) == (200, "text/xml")
    assert b"<Response/>" in markup.content


@pytest.mark.parametrize(("kind", "handler"), [("report", "sms_reports")])
def test_it_is_stored_whole_before_it_is_acknowledged(
    twilio: Connection, kind: Any, handler: str
) -> None:
    call_back(twilio, TWILIO_REPORT, kind)
    stored = InboundEvent.unscoped.get()
    callback = json.loads(stored.body)

    assert (stored.handler, stored.workspace_id) == (handler, twilio.workspace_id)
    assert callback["body"] == "MessageSid=SM1&MessageStatus=delivered"
    assert callback["url"] == callback_address(twilio, kind)


def test_the_secret_in_the_address_is_stored_nowhere(mitto: Connection) -> None:
    call_back(mitto, {"id": "1", "status": "Sent"})
    stored = InboundEvent.unscoped.get()

    assert callback_secrets(mitto)[0] not in stored.body
    assert MASK in json.loads(stored.body)["url"]


def test_a_get_and_json_are_understood_as_well(mitto: Connection) -> None:
    message = make_message(mitto)
    path = callback_address(mitto, "report").partition("localhost:8000")[2]
    Client().get(path, mitto_report(message, "Sent"))
    Client().post(
        path, json.dumps([mitto_report(message, "Delivered")]), content_type="application/json"
    )

    assert InboundEvent.unscoped.count() == 2


def test_a_repeat_is_acknowledged_alike_and_stored_once(
    mitto: Connection, twilio: Connection
) -> None:
    for connection, fields in ((mitto, {"id": "1", "status": "Sent"}), (twilio, TWILIO_REPORT)):
        first, again = call_back(connection, fields), call_back(connection, fields)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert InboundEvent.unscoped.filter(connection=connection).count() == 1
        assert counted(connection) == {Result.REPEATED: 1}


def test_a_forged_callback_is_counted_not_stored(mitto: Connection, twilio: Connection) -> None:
    wrong_secret = callback_address(mitto, "report").replace("cbs_", "cbs-")
    no_secret = f"http://localhost:8000/hooks/sms/{mitto.key}/report/"
    for address in (wrong_secret, no_secret):
        assert call_back(mitto, {"id": "1"}, address=address).status_code == 401
    signed_wrongly = call_back(twilio, TWILIO_REPORT, headers={"X-Twilio-Signature": "x"})

    assert signed_wrongly.status_code == 401
    assert not InboundEvent.unscoped.exists()
    assert counted(mitto) == {Result.BAD_SIGNATURE: 2}
    assert counted(twilio) == {Result.BAD_SIGNATURE: 1}


def test_a_header_may_carry_the_secret_instead(workspace: Workspace) -> None:
    mitto = make_mitto(workspace, callback_header="X-Hook-Secret")
    address = f"http://localhost:8000/hooks/sms/{mitto.key}/report/"
    secret = callback_secrets(mitto)[0]
    right = call_back(mitto, {"id": "1"}, address=address, headers={"X-Hook-Secret": secret})
    wrong = call_back(mitto, {"id": "2"}, address=address, headers={"X-Hook-Secret": "wrong"})

    assert (right.status_code, wrong.status_code) == (200, 401)
    assert secret not in InboundEvent.unscoped.get().body


def test_both_secrets_are_live_while_the_gateway_changes_over(workspace: Workspace) -> None:
    mitto = make_mitto(workspace, callback_secrets=["cbs_new", "cbs_old"])
    for secret in ("cbs_new", "cbs_old"):
        address = f"http://localhost:8000/hooks/sms/{mitto.key}/{secret}/report/"
        assert call_back(mitto, {"id": secret}, address=address).status_code == 200


@pytest.mark.parametrize("key", ["no-such-key", "%00", "é"])
def test_an_unknown_address_is_not_found(key: str, db: None) -> None:
    assert Client().post(f"/hooks/sms/{key}/report/").status_code == 404
    assert Client().post(f"/hooks/sms/{key}/secret/inbound/").status_code == 404


def test_too_much_or_too_often_is_refused(mitto: Connection, settings: Any) -> None:
    assert call_back(mitto, {"id": "x" * 256 * 1024}).status_code == 413
    settings.INTAKE_RATE_LIMIT = "1/hour"
    assert [call_back(mitto, {"id": str(n)}).status_code for n in range(2)] == [200, 429]


def test_a_disconnected_gateway_is_still_heard(mitto: Connection) -> None:
    Connection.unscoped.filter(pk=mitto.pk).update(state=Connection.State.DISABLED)
    assert call_back(mitto, {"id": "1"}).status_code == 200
