"""Secrets that are planted everywhere must not come out anywhere (RULES F7)."""

import pytest

from integrations.errors import NeedsAttention
from integrations.redaction import MASK, redact, redact_event, redact_values

TOKEN = "00D5g000004XyZ1!AQ4AQExAmple.Token_x"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"header Authorization: Bearer {TOKEN}", TOKEN),
        (f"token {TOKEN} was refused", TOKEN),
        ("POST /token?grant_type=x&refresh_token=5AepAbc.d&client_id=3", "5AepAbc.d"),
        ("callback ?code=aPrxEXAMPLE.abc%3D%3D&state=1", "aPrxEXAMPLE"),
        ('{"client_secret": "very \\" secret"}', "very"),
        ("{'access_token': 'abc'}", "abc"),
        ("whsec_cGF0Y2hiYXk=", "cGF0Y2hiYXk"),
        ("Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA"),
    ],
)
def test_secrets_are_masked_by_name_and_by_shape(text: str, secret: str) -> None:
    masked = redact(text)
    assert secret not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "text",
    ["SELECT Id FROM Task WHERE CallObject = 'pb-abc'", "Call +1 415-555-0123", "code red: stop"],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_mappings_are_masked_by_the_name_of_the_key_at_any_depth() -> None:
    value = {"a": [{"refresh_token": "x", "n": 1}], "Authorization": "y", "token": None, "b": "z"}
    assert redact_values(value) == {
        "a": [{"refresh_token": MASK, "n": 1}],
        "Authorization": MASK,
        "token": None,
        "b": "z",
    }


def test_log_events_and_errors_are_masked() -> None:
    assert TOKEN not in str(redact_event(None, "info", {"event": "x", "url": f"/?t={TOKEN}"}))
    assert TOKEN not in str(NeedsAttention(f"no: {TOKEN}"))
