import pytest

from integrations.countries import find_region


@pytest.mark.parametrize(
    ("country", "region"),
    [
        ("US", "US"),
        ("gb", "GB"),
        ("UK", "GB"),
        ("United States", "US"),
        (" united kingdom ", "GB"),
        ("Deutschland", "DE"),
        ("España", "ES"),
        ("Atlantis", None),
        ("", None),
        (None, None),
    ],
)
def test_codes_and_names_of_countries_are_understood(
    country: str | None, region: str | None
) -> None:
    assert find_region(country) == region
