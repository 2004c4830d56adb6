"""A simulated org over real HTTP, back at its seed for each test."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from integrations.simulators.salesforce.app import make_app
from integrations.simulators.salesforce.config import OrgConfig
from integrations.simulators.salesforce.schema import text
from integrations.simulators.server import run_in_thread
from tests.integrations.simulators.org_client import (
    APP,
    EXTERNAL_ID,
    NO_PKCE_APP,
    SERVER_APP,
    SHARED_ID,
    OrgClient,
)


@pytest.fixture(scope="session")
def org_url() -> Iterator[str]:
    """The address of an org that runs as long as the tests."""
    config = OrgConfig(
        apps=(APP, NO_PKCE_APP, SERVER_APP),
        index_lag_seconds=0,
        external_id_field=EXTERNAL_ID,
        more_fields={"Lead": [replace(text(SHARED_ID, "Legacy ID", 40), external_id=True)]},
    )
    app = make_app(config)
    with run_in_thread(app) as server:
        yield server.url
    app.state.org.store.close()


@pytest.fixture
def org(org_url: str) -> Iterator[OrgClient]:
    """The org at its seed, with the Sync User signed in."""
    with requests.Session() as session:
        client = OrgClient(org_url, session)
        assert client.control("POST", "reset").status_code == 204
        client.sign_in()
        yield client
