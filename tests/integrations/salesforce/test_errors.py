"""The table of Salesforce's error codes."""

import pytest

from integrations.salesforce.errors import (
    ERROR_RULES,
    Verdict,
    advice_for,
    classify,
    says_not_done,
)


@pytest.mark.parametrize(
    ("code", "message", "verdict"),
    [
        ("INVALID_SESSION_ID", "Session expired or invalid", Verdict.RECONNECT),
        (
            "INVALID_SESSION_ID",
            "This session is not valid for use with the REST API",
            Verdict.CONFIGURATION,
        ),
        ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", Verdict.LIMIT),
        ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", Verdict.RETRY),
        ("UNABLE_TO_LOCK_ROW", "", Verdict.RETRY),
        ("SERVER_UNAVAILABLE", "server too busy", Verdict.RETRY),
        ("API_DISABLED_FOR_ORG", "", Verdict.CONFIGURATION),
        ("INACTIVE_OWNER_OR_USER", "", Verdict.INACTIVE_OWNER),
        ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", Verdict.TARGET_GONE),
        ("INVALID_CROSS_REFERENCE_KEY", "Record Type ID: this ID value", Verdict.ATTENTION),
        ("ENTITY_IS_DELETED", "", Verdict.TARGET_GONE),
        ("CANNOT_UPDATE_CONVERTED_LEAD", "", Verdict.CONVERTED_LEAD),
        ("DUPLICATE_VALUE", "", Verdict.DUPLICATE_VALUE),
        ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "", Verdict.INSUFFICIENT_ACCESS),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Say why.", Verdict.ATTENTION),
        ("NOBODY_KNOWS_THIS", "", Verdict.ATTENTION),
        ("", "", Verdict.ATTENTION),
    ],
)
def test_each_code_says_what_follows(code: str, message: str, verdict: Verdict) -> None:
    assert classify(code, message) is verdict


def test_only_codes_that_rule_a_write_out_say_that_it_was_not_done() -> None:
    assert says_not_done("SERVER_UNAVAILABLE")
    assert says_not_done("REQUEST_LIMIT_EXCEEDED")
    assert not says_not_done("UNKNOWN_EXCEPTION")
    assert not says_not_done("REQUEST_RUNNING_TOO_LONG")
    assert not says_not_done("")


def test_every_code_that_needs_an_admin_tells_what_to_do() -> None:
    silent = [
        code
        for code, rule in ERROR_RULES.items()
        if rule.verdict in (Verdict.CONFIGURATION, Verdict.INSUFFICIENT_ACCESS) and not rule.advice
    ]
    assert silent == []
    assert advice_for("API_CURRENTLY_DISABLED").endswith("API Enabled.")
