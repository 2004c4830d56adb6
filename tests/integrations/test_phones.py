"""RULES A6 and B1 as far as single numbers go; behaviours of reference sms.md 6.1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.phones import (
    digits,
    e164_prefix,
    format_national,
    is_region,
    is_same_number,
    parse_phone,
    search_terms,
)

REGIONS = ("US", "GB", "DE", "ES", "IT", "FR", "CH", "AU", "JP", "AR", "MX", "IN", "BR", "NZ")


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("(415) 555-0123", "US", "+14155550123"),
        ("14155550123", "US", "+14155550123"),
        ("+1 415 555 0123", None, "+14155550123"),
        ("+1 415 555 0123", "GB", "+14155550123"),
        ("07814256404", "GB", "+447814256404"),
        ("+44 (0)20 7946 0123", "US", "+442079460123"),
        ("0014155550123", "DE", "+14155550123"),
        ("0114915112345678", "US", "+4915112345678"),
        ("06 12345678", "IT", "+390612345678"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("1-800-555-CALL", "US", "+18005552255"),
        ("０２０７９４６０１２３", "GB", "+442079460123"),
        ("tel:+1-415-555-0123", None, "+14155550123"),
        ("sip:+14155550123@pbx.example;user=phone", None, "+14155550123"),
    ],
)
def test_a_number_is_read_as_dialled_in_its_region(raw: str, region: str | None, e164: str) -> None:
    assert parse_phone(raw, region).e164 == e164


@pytest.mark.parametrize(
    "raw",
    [
        "+1 415 555 0123 x45",
        "+1 415 555 0123 ext. 45",
        "+1 415 555 0123;ext=45",
        "+1 415 555 0123#45",
        "+1 (415) 555-0123 / home",
        "+1 (415) 555-0123 (mobile)",
        "+1 (415) 555-0123, +1 (415) 555-0199",
        "Mobile +1 (415) 555-0123",
        "Tel: +1 (415) 555-0123",
    ],
)
def test_extensions_and_labels_do_not_become_digits(raw: str) -> None:
    assert parse_phone(raw, "GB").e164 == "+14155550123"


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "  ",
        "anonymous",
        "Anonymous",
        "UNKNOWN",
        "restricted",
        "Private Number",
        "<private>",
        "sip:anonymous@anonymous.invalid",
        "no caller ID",
        "withheld",
    ],
)
def test_a_hidden_number_is_withheld(raw: str | None) -> None:
    phone = parse_phone(raw, "US")

    assert phone.is_withheld
    assert phone.e164 is None


@pytest.mark.parametrize(
    "raw",
    [
        "201",
        "12345",
        "911",
        "STOP",
        "555-0123",
        "0000000000",
        "1111111111",
        "1234567890",
        "+999123456789",
        "9" * 300,
        "+",
        "()",
        "\x00",
        "x45",
    ],
)
def test_garbage_and_extensions_are_no_numbers_but_not_withheld(raw: str) -> None:
    phone = parse_phone(raw, "US")

    assert phone.e164 is None
    assert not phone.is_withheld
    assert phone.national == digits(raw)


def test_national_digits_alone_are_another_number_in_another_country() -> None:
    assert not is_same_number("020 7946 0123", "+442079460123", "DE")
    assert is_same_number("020 7946 0123", "+442079460123", "GB")


@pytest.mark.parametrize(
    ("e164", "terms"),
    [
        (
            "+14155551212",
            ("14155551212", "4155551212", "+14155551212", "(415) 555-1212", "415-555-1212"),
        ),
        (
            "+442079460123",
            (
                "442079460123",
                "2079460123",
                "02079460123",
                "+442079460123",
                "020 7946 0123",
                "20 7946 0123",
            ),
        ),
        ("+34600111222", ("34600111222", "600111222", "+34600111222", "600 11 12 22")),
        ("garbage", ()),
        ("", ()),
    ],
)
def test_a_search_asks_for_every_usual_notation(e164: str, terms: tuple[str, ...]) -> None:
    assert search_terms(e164) == terms


def test_people_see_their_own_country_as_dialled_at_home() -> None:
    assert format_national("+14155552671", "US") == "(415) 555-2671"
    assert format_national("+14155552671", "gb") == "+1 415-555-2671"
    assert format_national("+442079460123", "US") == "+44 20 7946 0123"
    assert format_national("+442079460123", None) == "+44 20 7946 0123"
    assert format_national("201", "US") == "201"


def test_regions_are_codes_of_countries_with_numbers() -> None:
    assert is_region("gb")
    assert not is_region("UK")
    assert not is_region("")


@given(raw=st.text(max_size=40), region=st.sampled_from((*REGIONS, None, "ZZ")))
def test_no_text_is_too_strange(raw: str, region: str | None) -> None:
    phone = parse_phone(raw, region)

    assert not (phone.is_withheld and phone.e164)


phone_like = st.text(alphabet="0123456789+()-. x#/", min_size=3, max_size=22)


@given(raw=phone_like, region=st.sampled_from(REGIONS), elsewhere=st.sampled_from(REGIONS))
def test_e164_means_itself_everywhere(raw: str, region: str, elsewhere: str) -> None:
    e164 = parse_phone(raw, region).e164
    if e164 is not None:
        assert parse_phone(e164, elsewhere).e164 == e164
        assert is_same_number(raw, e164, region)


@given(
    national=st.from_regex(r"[1-9][0-9]{6,10}", fullmatch=True),
    here=st.sampled_from(("US", "GB", "DE", "ES", "FR", "AU")),
    there=st.sampled_from(("US", "GB", "DE", "ES", "FR", "AU")),
)
def test_national_digits_never_match_across_countries(national: str, here: str, there: str) -> None:
    e164 = parse_phone(national, here).e164
    if e164 is not None and here != there:
        assert parse_phone(national, there).e164 != e164


@pytest.mark.parametrize(
    ("typed", "region", "prefix"),
    [
        ("(415) 555-0123", "US", "+14155550123"),
        ("(415) 555", "US", "+1415555"),
        ("1 415", "US", "+1415"),
        ("020 7946", "GB", "+44207946"),
        ("06 12", "IT", "+390612"),
        ("+44 20", "US", "+4420"),
        ("+44 20", None, "+4420"),
        ("415", None, "+415"),
    ],
)
def test_a_partly_typed_number_is_searched_by_its_e164_beginning(
    typed: str, region: str | None, prefix: str
) -> None:
    assert e164_prefix(typed, region) == prefix


@pytest.mark.parametrize("typed", ["Ana Ito", "4 Seasons", "", "+", "()"])
def test_what_holds_letters_or_no_digits_is_no_number_to_search(typed: str) -> None:
    assert e164_prefix(typed, "US") is None
