"""Settings that would let tokens travel in the clear are errors at boot (RULES F7)."""

import pytest
from pytest_django.fixtures import Settings

from integrations.salesforce.checks import check_lease_covers_deadline, check_oauth_transport


@pytest.mark.parametrize(
    ("insecure", "public_url", "demo", "problems"),
    [
        ("1", "https://patchbay.example", False, ["patchbay.E010"]),
        ("", "https://patchbay.example", False, []),
        ("1", "http://localhost:8000", False, []),
        ("1", "https://patchbay.example", True, []),
    ],
)
def test_insecure_oauth_is_for_demo_and_tests_only(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    insecure: str,
    public_url: str,
    demo: bool,
    problems: list[str],
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", insecure)
    settings.PUBLIC_URL = public_url
    settings.DEMO = demo
    assert [problem.id for problem in check_oauth_transport(None)] == problems


@pytest.mark.parametrize(("lease", "problems"), [(180.0, ["patchbay.E011"]), (181.0, [])])
def test_a_lease_outlives_everything_that_a_claim_may_do(
    settings: Settings, lease: float, problems: list[str]
) -> None:
    settings.SALESFORCE_DEADLINE_SECONDS = 60.0
    settings.OUTBOX_LEASE_SECONDS = lease
    assert [problem.id for problem in check_lease_covers_deadline(None)] == problems
