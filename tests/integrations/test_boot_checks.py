"""What an installation on https must not start with."""

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from integrations.boot_checks import check_production


def problems(
    settings: Settings, *, url: str = "https://patchbay.example", **changes: object
) -> set[str]:
    settings.PUBLIC_URL = url
    for name, value in changes.items():
        setattr(settings, name, value)
    return {str(problem.id) for problem in check_production(None)} - {"patchbay.E022"}


def test_a_proper_installation_starts(settings: Settings) -> None:
    assert problems(settings) == set()


def test_without_keys_nothing_can_be_sealed(settings: Settings) -> None:
    assert problems(settings, ENCRYPTION_KEYS=[]) == {"patchbay.E020"}
    assert problems(settings, url="http://localhost:8000", ENCRYPTION_KEYS=[]) == {"patchbay.E020"}


def test_a_demo_is_never_served_over_https(settings: Settings) -> None:
    assert problems(settings, DEMO=True) == {"patchbay.E021"}
    assert problems(settings, url="http://localhost:8000", DEMO=True) == set()


@pytest.mark.parametrize("url", ["https://patchbay.example", "http://localhost:8000"])
def test_sqlite_is_for_this_machine_only(settings: Settings, url: str) -> None:
    settings.PUBLIC_URL = url
    found = {problem.id for problem in check_production(None)}
    expected = connection.vendor == "sqlite" and url.startswith("https://")
    assert ("patchbay.E022" in found) == expected
