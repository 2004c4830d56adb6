"""RULES A6; CRC-30, CRC-31, CRC-68."""

import pytest

from calls.numbers import is_internal_call, is_internal_number, strip_outside_prefix


@pytest.mark.parametrize(
    ("raw", "length", "prefixes", "is_internal"),
    [
        ("1", 5, (), True),
        ("201", 5, (), True),
        ("12345", 5, (), True),
        ("123456", 5, (), False),
        ("123456", 6, (), True),
        (" 2-01 ", 5, (), True),
        ("+201", 5, (), False),
        ("*97", 5, (), False),
        ("20a", 5, (), False),
        ("٢٠١", 5, (), False),
        ("", 5, (), False),
        (None, 5, (), False),
        ("anonymous", 5, (), False),
        ("201", 5, ("2", "7"), True),
        ("301", 5, ("2", "7"), False),
        ("27654321", 5, ("2",), False),
        ("02079460123", 5, (), False),
    ],
)
def test_a_short_number_without_plus_is_internal(
    raw: str | None, length: int, prefixes: tuple[str, ...], is_internal: bool
) -> None:
    result = is_internal_number(raw, internal_length=length, internal_prefixes=prefixes)

    assert result is is_internal


def test_five_digits_are_the_default() -> None:
    assert is_internal_number("12345")
    assert not is_internal_number("123456")


@pytest.mark.parametrize(
    ("far", "near", "is_internal"),
    [
        ("7000201", "7000202", True),
        ("7000201", "7000999", False),
        ("7000999", "7000202", False),
        ("201", None, True),
        (None, "7000202", False),
    ],
)
def test_two_known_extensions_are_internal_whatever_their_length(
    far: str | None, near: str | None, is_internal: bool
) -> None:
    known = {"7000201", "7000202"}

    assert is_internal_call(far, near, extensions=known) is is_internal


@pytest.mark.parametrize(
    ("raw", "prefix", "stripped"),
    [
        ("902079460123", "9", "02079460123"),
        ("902079460123", "", "902079460123"),
        ("02079460123", "9", "02079460123"),
        ("+902079460123", "9", "+902079460123"),
        ("9911", "9", "911"),
        ("911", "9", "911"),
        ("0,02079460123", "0,", "02079460123"),
    ],
)
def test_the_prefix_for_an_outside_line_goes_first(raw: str, prefix: str, stripped: str) -> None:
    assert strip_outside_prefix(raw, prefix) == stripped
