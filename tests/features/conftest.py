"""What the feature tests share."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.simulators.salesforce.app import make_app
from integrations.simulators.salesforce.config import OAuthApp, OrgConfig
from integrations.simulators.server import run_in_thread
from tests.features.company import Company
from tests.harness.salesforce import SalesforceOrg


@pytest.fixture
def company(transactional_db: None, salesforce_org: SalesforceOrg) -> Company:
    """Acme with its telephones and its org; nobody has called yet."""
    return Company(salesforce_org)


@pytest.fixture
def salesforce(
    live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """An org on another host name than the console, which knows the live server's callback."""
    app = OAuthApp("key", "secret", (f"{live_server.url}/oauth/salesforce/callback/",))
    org = make_app(OrgConfig(apps=(app,), index_lag_seconds=0))
    with run_in_thread(org) as server:
        settings.PUBLIC_URL = live_server.url
        settings.SALESFORCE_CLIENT_ID = app.consumer_key
        settings.SALESFORCE_CLIENT_SECRET = app.consumer_secret
        settings.SALESFORCE_LOGIN_URL = server.url
        monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
        yield server.url
    org.state.org.store.close()
