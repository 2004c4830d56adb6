"""What every gateway holds to, over real HTTP against the vendor's simulated door."""

import time
from collections.abc import Iterator

import pytest

from integrations.encryption import seal, unseal
from integrations.errors import (
    CredentialsRejected,
    NotSent,
    OutcomeUnknown,
    PatchbayError,
    RateLimited,
    Unavailable,
)
from integrations.models import Connection, Workspace
from sms.backends import gateway_of
from sms.backends.base import Accepted, Gateway, OutboundText, TextRefused
from sms.segments import count_segments
from tests.harness.sms_gateways import SmsGateways

REFERENCE = "7d9f1f7e-9f0e-4c8e-8d55-0f8a3f1e2b4c"


@pytest.fixture(params=["mitto", "twilio"])
def connection(
    request: pytest.FixtureRequest, workspace: Workspace, sms_gateways: SmsGateways
) -> Connection:
    return sms_gateways.connect(workspace, request.param)


@pytest.fixture
def gateway(connection: Connection) -> Iterator[Gateway]:
    with gateway_of(connection) as gateway:
        yield gateway


def make_text(last_digits: str = "0001", text: str = "Your table is ready.") -> OutboundText:
    return OutboundText(
        reference=REFERENCE,
        sender="+14155550170",
        to_e164=f"+1415555{last_digits}",
        text=text,
        encoding=count_segments(text).encoding,
    )


def outcome_of(gateway: Gateway, last_digits: str) -> PatchbayError:
    with pytest.raises(PatchbayError) as caught:
        gateway.send(make_text(last_digits))
    return caught.value


@pytest.mark.parametrize(
    "text", ["Your table is ready.", "Grüße, café & 100 €", "naïve 🙂 emoji", "line\nbreak {x}"]
)
def test_a_text_arrives_as_it_was_written(
    gateway: Gateway, sms_gateways: SmsGateways, text: str
) -> None:
    accepted = gateway.send(make_text(text=text))
    [arrived] = sms_gateways.records("messages")

    assert isinstance(accepted, Accepted)
    assert arrived["id"] == accepted.provider_message_id
    assert (arrived["text"], arrived["handset"]) == (text, "+14155550001")
    assert arrived["our_number"] == "+14155550170"
    assert len(arrived["parts"]) == count_segments(text).segments


def test_the_address_for_reports_and_our_reference_go_along(
    gateway: Gateway, sms_gateways: SmsGateways, connection: Connection
) -> None:
    gateway.send(make_text())
    [arrived] = sms_gateways.records("messages")

    assert f"/hooks/sms/{connection.key}/" in arrived["report_url"]
    assert REFERENCE in (arrived["reference"], arrived["report_url"].rpartition("=")[2])


def test_as_many_parts_are_expected_as_the_gateway_reports_on(
    gateway: Gateway, sms_gateways: SmsGateways
) -> None:
    accepted = gateway.send(make_text(text="a long text " * 30))
    [arrived] = sms_gateways.records("messages")

    assert len(arrived["parts"]) == 3
    assert accepted.part_count == len(arrived["ids"])


def test_what_is_refused_for_good_says_so(gateway: Gateway) -> None:
    assert outcome_of(gateway, "1001").means == TextRefused.BAD_NUMBER  # type: ignore[attr-defined]
    assert isinstance(outcome_of(gateway, "1003"), TextRefused)


def test_what_was_not_done_may_be_sent_again(gateway: Gateway, sms_gateways: SmsGateways) -> None:
    limited = outcome_of(gateway, "1010")
    assert isinstance(limited, RateLimited)
    assert isinstance(outcome_of(gateway, "1010"), RateLimited)
    gateway.send(make_text("1010"))
    assert isinstance(outcome_of(gateway, "1011"), Unavailable)
    gateway.send(make_text("1011"))

    assert [one["handset"] for one in sms_gateways.records("messages")] == [
        "+14155551010",
        "+14155551011",
    ]


def test_a_lost_answer_leaves_the_outcome_unknown(
    gateway: Gateway, sms_gateways: SmsGateways
) -> None:
    assert isinstance(outcome_of(gateway, "1012"), OutcomeUnknown)
    assert len(sms_gateways.records("messages")) == 1, "it was taken all the same"


@pytest.mark.parametrize("fault", ["before", "after", "cut"])
def test_a_broken_connection_leaves_the_outcome_unknown(
    gateway: Gateway, sms_gateways: SmsGateways, fault: str
) -> None:
    sms_gateways.fault("(/sms|/Messages.json)$", fault)
    assert isinstance(outcome_of(gateway, "0001"), OutcomeUnknown)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_an_error_of_a_proxy_leaves_the_outcome_unknown(
    gateway: Gateway, sms_gateways: SmsGateways, status: int
) -> None:
    sms_gateways.fault("(/sms|/Messages.json)$", "status", status=status, body="<h1>Oops</h1>")
    assert isinstance(outcome_of(gateway, "0001"), OutcomeUnknown)


def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(
    gateway: Gateway, sms_gateways: SmsGateways
) -> None:
    sms_gateways.fault("(/sms|/Messages.json)$", "status", status=200, body="all good")
    assert isinstance(outcome_of(gateway, "0001"), OutcomeUnknown)


def test_nobody_there_means_not_sent(
    connection: Connection, settings: pytest.FixtureRequest
) -> None:
    settings.MITTO_URL = settings.TWILIO_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    with gateway_of(connection) as gateway:
        assert isinstance(outcome_of(gateway, "0001"), NotSent)


def test_the_key_is_checked_without_sending(
    gateway: Gateway, connection: Connection, sms_gateways: SmsGateways
) -> None:
    gateway.check()
    wrong = unseal(connection.sealed_credentials) | {"product_key": "wrong"}
    connection.sealed_credentials = seal(wrong)
    with gateway_of(connection) as locked_out, pytest.raises(CredentialsRejected):
        locked_out.check()

    assert sms_gateways.records("messages") == []


def test_a_wrong_key_stops_everything(connection: Connection) -> None:
    wrong = unseal(connection.sealed_credentials) | {"product_key": "wrong"}
    connection.sealed_credentials = seal(wrong)
    with gateway_of(connection) as gateway:
        assert isinstance(outcome_of(gateway, "0001"), CredentialsRejected)


def test_keys_and_texts_stand_in_no_address(gateway: Gateway, sms_gateways: SmsGateways) -> None:
    gateway.send(make_text(text="secret plan"))
    lines = str(sms_gateways.requests())

    assert "secret plan" not in lines
    assert "product-key" not in lines


def test_eight_at_once_are_eight_texts(gateway: Gateway, sms_gateways: SmsGateways) -> None:
    from concurrent.futures import ThreadPoolExecutor

    started = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        sent = list(threads.map(lambda n: gateway.send(make_text(f"{n:04}")), range(8)))

    assert len({one.provider_message_id for one in sent}) == 8
    assert time.monotonic() - started < 5
