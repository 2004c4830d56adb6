"""What a new Lead says: numbers and countries the way the options want them (C3, CTM-11 to 15)."""

import pytest

from integrations.phones import format_local, region_of
from integrations.planning import NewLead
from integrations.salesforce.lead_fields import lead_fields, region_fields

PICKLISTS = ("LastName", "Company", "Phone", "CountryCode", "StateCode", "Country")
FREE_TEXT = ("LastName", "Company", "Phone", "Country", "State")


@pytest.mark.parametrize(
    ("region", "createable", "full_names", "expected"),
    [
        ("US", PICKLISTS, False, {"CountryCode": "US"}),
        ("US", FREE_TEXT, False, {"Country": "US"}),
        ("US", PICKLISTS, True, {"Country": "United States"}),
        ("US", FREE_TEXT, True, {"Country": "United States"}),
        ("GB", FREE_TEXT, True, {"Country": "United Kingdom"}),
        ("AQ", FREE_TEXT, True, {}),
        (None, PICKLISTS, False, {}),
    ],
)
def test_a_country_is_a_code_or_a_name_and_never_both(
    region: str | None, createable: tuple[str, ...], full_names: bool, expected: dict[str, str]
) -> None:
    assert region_fields(region, createable, full_names=full_names) == expected


def test_fields_that_may_not_be_written_are_left_out_but_for_those_that_must_be() -> None:
    lead = NewLead("+14155552671", "Silva", "[not provided]", "+14155552671", "US")
    assert lead_fields(lead, ()) == {"LastName": "Silva", "Company": "[not provided]"}


@pytest.mark.parametrize(
    ("e164", "local", "region"),
    [
        ("+14155552671", "(415) 555-2671", "US"),
        ("+16045550123", "(604) 555-0123", "CA"),
        ("+442079460123", "020 7946 0123", "GB"),
        ("+34912345678", "912 34 56 78", "ES"),
        ("201", "201", None),
    ],
)
def test_numbers_are_written_as_in_their_own_country(
    e164: str, local: str, region: str | None
) -> None:
    assert format_local(e164) == local
    assert region_of(e164) == region
