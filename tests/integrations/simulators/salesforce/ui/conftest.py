"""People who are logged in at the pages of the org."""

import pytest

from tests.integrations.simulators.org_client import OrgClient
from tests.integrations.simulators.salesforce.ui.person import AGENT, Person


@pytest.fixture
def admin(org: OrgClient) -> Person:
    """An administrator."""
    return Person(org)


@pytest.fixture
def agent(org: OrgClient) -> Person:
    """Somebody without special permissions, in Los Angeles."""
    return Person(org, AGENT)


@pytest.fixture
def ana_id(org: OrgClient) -> str:
    """The contact Ana Ito."""
    return str(org.record("Contact", Name="Ana Ito")["Id"])
