"""Standard Webhooks, checked against the scheme's own library."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from integrations.standard_webhooks import (
    SignatureRejected,
    TimestampRejected,
    WebhookHeaders,
    verify,
)

SECRET = "whsec_cGF0Y2hiYXktdGVzdC1zZWNyZXQtMDAwMQ=="
OLDER = "whsec_cGF0Y2hiYXktdGVzdC1zZWNyZXQtMDAwMg=="
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def signed(body: str, *, secret: str = SECRET, at: datetime = NOW) -> WebhookHeaders:
    signature = Webhook(secret).sign("msg-1", at, body)
    return WebhookHeaders("msg-1", str(int(at.timestamp())), signature)


@given(st.text())
def test_what_the_library_signs_is_accepted(body: str) -> None:
    encoded = body.encode("utf-8", "replace")
    verify(signed(encoded.decode()), encoded, secrets=[SECRET], now=NOW)


def test_an_altered_body_is_refused() -> None:
    with pytest.raises(SignatureRejected, match="does not match"):
        verify(signed('{"a": 1}'), b'{"a": 2}', secrets=[SECRET], now=NOW)


def test_an_altered_id_is_refused() -> None:
    headers = signed("{}")
    other = WebhookHeaders("msg-2", headers.timestamp, headers.signatures)
    with pytest.raises(SignatureRejected):
        verify(other, b"{}", secrets=[SECRET], now=NOW)


def test_both_live_secrets_are_accepted_while_one_is_replaced() -> None:
    for secret in (SECRET, OLDER):
        verify(signed("{}", secret=secret), b"{}", secrets=[SECRET, OLDER], now=NOW)


def test_a_secret_that_was_retired_is_refused() -> None:
    with pytest.raises(SignatureRejected):
        verify(signed("{}", secret=OLDER), b"{}", secrets=[SECRET], now=NOW)


@pytest.mark.parametrize(
    ("age", "words"),
    [(timedelta(seconds=301), "301 seconds old"), (timedelta(seconds=-301), "in the future")],
)
def test_a_message_from_another_time_is_refused_with_its_age(age: timedelta, words: str) -> None:
    with pytest.raises(TimestampRejected, match=words):
        verify(signed("{}", at=NOW - age), b"{}", secrets=[SECRET], now=NOW)


def test_a_message_at_the_edge_of_the_tolerance_is_accepted() -> None:
    verify(signed("{}", at=NOW - timedelta(seconds=300)), b"{}", secrets=[SECRET], now=NOW)


def test_one_good_signature_among_others_is_enough() -> None:
    headers = signed("{}")
    several = f"v1,!!! v2,abc v1,AAAA {headers.signatures}"
    verify(
        WebhookHeaders(headers.message_id, headers.timestamp, several),
        b"{}",
        secrets=[SECRET],
        now=NOW,
    )


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(name: str) -> None:
    given_headers = {
        "webhook-id": "msg-1",
        "webhook-timestamp": "1",
        "webhook-signature": "v1,x",
    } | {name: ""}
    with pytest.raises(SignatureRejected, match=name):
        WebhookHeaders.from_headers(given_headers)


def test_a_timestamp_that_is_no_number_is_refused() -> None:
    with pytest.raises(SignatureRejected, match="number of seconds"):
        verify(WebhookHeaders("m", "soon", "v1,x"), b"", secrets=[SECRET], now=NOW)
