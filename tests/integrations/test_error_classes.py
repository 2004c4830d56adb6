"""Which failures have one cause (PLUS-08)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.error_classes import error_class, error_columns


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("records: 0015g00000XyZ1AAAV", "records: 0015g00000XyZ2BAAV"),
        ("on record with id: 00T5g00000XyZ1A", "on record with id: 00T5g00000XyZ9Q"),
        ("“Ana” is too long", "“Bo” is too long"),
        ("value 17 of 20", "value 4 of 2000"),
        ("two  spaces", "two spaces"),
    ],
)
def test_what_differs_from_record_to_record_does_not_divide(one: str, other: str) -> None:
    assert error_class("CODE", one) == error_class("CODE", other)


def test_rules_with_texts_of_their_own_are_causes_of_their_own() -> None:
    code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert error_class(code, "Say why.") != error_class(code, "Say who.")
    assert error_class("ONE", "Say why.") != error_class("OTHER", "Say why.")


@given(code=st.text(max_size=300), message=st.text(max_size=2_000))
def test_every_error_fits_its_columns(code: str, message: str) -> None:
    columns = error_columns(code, message)
    assert len(columns["error_code"]) <= 80
    assert len(columns["error_class"]) <= 200
    assert columns["error_message"] == message


def test_no_error_has_no_class() -> None:
    assert error_class("", "") == ""
