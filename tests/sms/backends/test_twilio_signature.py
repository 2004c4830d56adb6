"""Twilio's signature by the vectors that its own library agrees with (sms.md 2.3)."""

import hashlib
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from sms.backends.base import Callback
from sms.backends.twilio_signature import SETTINGS_HEADER, SIGNATURE_HEADER, is_signed, sign

TOKEN = "0123456789abcdef0123456789abcdef"
URL = "https://console.example.test/sms/status?m=42"
FIELDS = {
    "AccountSid": "AC00000000000000000000000000000001",
    "MessageSid": "SM00000000000000000000000000000001",
    "MessageStatus": "delivered",
    "To": "+14155550123",
}
SHA_1 = "YA7rFERMrTyceEV0JxrrUTTD3ac="
SHA_256 = "rJcETouy5R9RCHNsX97oCyv+nxRLGyphMSvzg5KVVJ8="
SETTINGS_256 = "key=k1,algorithm=HMAC_SHA256"


def make_callback(**changes: Any) -> Callback:
    headers = changes.pop("headers", {SIGNATURE_HEADER: SHA_1})
    values = {
        "method": "POST",
        "url": URL,
        "content_type": "application/x-www-form-urlencoded",
        "body": urlencode(FIELDS),
        "headers": headers,
    }
    return Callback(**(values | changes))


def accepts(callback: Callback) -> bool:
    return is_signed(callback, tokens=[TOKEN], signing_keys={"k1": TOKEN})


def test_the_vectors() -> None:
    fields = {name: [value] for name, value in FIELDS.items()}
    assert sign(URL, fields, TOKEN) == SHA_1
    assert sign(URL, fields, TOKEN, "HMAC_SHA256") == SHA_256


def test_both_algorithms_are_accepted() -> None:
    assert accepts(make_callback())
    assert accepts(
        make_callback(headers={SIGNATURE_HEADER: SHA_256, SETTINGS_HEADER: SETTINGS_256})
    )


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("no signature", {"headers": {}}),
        ("another signature", {"headers": {SIGNATURE_HEADER: SHA_1[::-1]}}),
        ("a changed value", {"body": urlencode(FIELDS | {"MessageStatus": "failed"})}),
        ("one more field", {"body": urlencode(FIELDS | {"Extra": "1"})}),
        ("another address", {"url": URL.replace("42", "43")}),
        ("another method", {"method": "GET"}),
        (
            "an unknown algorithm",
            {"headers": {SIGNATURE_HEADER: SHA_1, SETTINGS_HEADER: "key=k1,algorithm=HMAC_MD5"}},
        ),
        (
            "an unknown key",
            {
                "headers": {
                    SIGNATURE_HEADER: SHA_256,
                    SETTINGS_HEADER: "key=k2,algorithm=HMAC_SHA256",
                }
            },
        ),
        ("garbage", {"headers": {SIGNATURE_HEADER: SHA_1, SETTINGS_HEADER: "algorithm"}}),
    ],
)
def test_anything_else_is_not(what: str, changes: dict[str, Any]) -> None:
    assert not accepts(make_callback(**changes)), what


def test_without_a_token_nothing_is_accepted() -> None:
    empty = sign(URL, {name: [value] for name, value in FIELDS.items()}, "")
    callback = make_callback(headers={SIGNATURE_HEADER: empty})
    assert not is_signed(callback, tokens=[""], signing_keys={})


@pytest.mark.parametrize(
    ("seen", "signed"),
    [
        (URL, URL.replace(".test/", ".test:443/")),
        (URL.replace(".test/", ".test:443/"), URL),
    ],
)
def test_the_default_port_may_be_written_or_not(seen: str, signed: str) -> None:
    right = sign(signed, {name: [value] for name, value in FIELDS.items()}, TOKEN)
    assert accepts(make_callback(url=seen, headers={SIGNATURE_HEADER: right}))


def test_blank_and_repeated_values_are_signed_too() -> None:
    body = "Body=&MediaUrl=b&MediaUrl=a&MediaUrl=b"
    right = sign(URL, {"Body": [""], "MediaUrl": ["b", "a", "b"]}, TOKEN)
    assert right == sign(URL + "BodyMediaUrlaMediaUrlb", {}, TOKEN)
    assert accepts(make_callback(body=body, headers={SIGNATURE_HEADER: right}))


def test_a_json_body_is_signed_by_its_digest_in_the_address() -> None:
    body = '{"MessageSid": "SM1"}'
    url = f"{URL}&bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    headers = {SIGNATURE_HEADER: sign(url, {}, TOKEN)}
    changes: dict[str, Any] = {"url": url, "content_type": "application/json", "headers": headers}

    assert accepts(make_callback(body=body, **changes))
    assert not accepts(make_callback(body=body.replace("1", "2"), **changes))


def test_the_vendors_own_library_agrees() -> None:
    validator = RequestValidator(TOKEN)
    assert validator.compute_signature(URL, FIELDS) == SHA_1
