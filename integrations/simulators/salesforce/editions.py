"""What an edition means for the API: whether there is one, and how much of it (reference 5.4)."""

from __future__ import annotations

ALWAYS = {
    "Enterprise Edition": 1_000,
    "Unlimited Edition": 5_000,
    "Salesforce Platform Starter": 200,
    "Salesforce Platform Plus": 1_000,
}
"""Editions with the API: daily requests for each licence, on top of the base. The Platform ones are
licences of Enterprise orgs, which people take for editions."""
DEVELOPER = "Developer Edition"
WITH_ADD_ON = "Professional Edition"
WITHOUT = (
    "Base Edition",
    "Contact Manager Edition",
    "Essentials Edition",
    "Personal Edition",
    "Team Edition",
)
EDITIONS = (*ALWAYS, DEVELOPER, WITH_ADD_ON, *WITHOUT)
BASE_REQUESTS, DEVELOPER_REQUESTS, SANDBOX_REQUESTS = 100_000, 15_000, 5_000_000


def daily_requests(edition: str, licences: int, *, is_sandbox: bool, has_add_on: bool) -> int:
    """API requests of 24 hours; 0 where the edition has no API. Raises `ValueError`."""
    if edition not in EDITIONS:
        raise ValueError(f"edition must be one of {', '.join(EDITIONS)}")
    if edition in WITHOUT or (edition == WITH_ADD_ON and not has_add_on):
        return 0
    if is_sandbox and edition != DEVELOPER:
        return SANDBOX_REQUESTS
    if edition == DEVELOPER:
        return DEVELOPER_REQUESTS
    return BASE_REQUESTS + licences * ALWAYS.get(edition, 1_000)
