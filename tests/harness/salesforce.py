"""A simulated Salesforce org on the wire, and what tests do to it from outside."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pytest_django.fixtures import Settings

from integrations.models import Connection, Workspace
from integrations.simulators.salesforce.app import make_app
from integrations.simulators.salesforce.config import DEMO_APP, OrgConfig
from integrations.simulators.salesforce.seed import SYNC_USERNAME
from integrations.simulators.server import run_in_thread
from tests.factories import make_salesforce_connection
from tests.harness.soql import asked_of, unreadable

CALLBACK = "http://localhost:8000/oauth/salesforce/callback/"
COLLECTIONS = r"/composite/sobjects$"
_PASSWORD = "demo-patchbay"
TOKEN = r"/services/oauth2/token$"


class SalesforceOrg:
    """The org at ``url``: its control addresses, and connections that hold real tokens of it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def act(self, name: str, **arguments: Any) -> Any:
        """Let the outside world do something (``expire-access-tokens``, ``refuse``, ...)."""
        return self._post(f"/_sim/actions/{name}", arguments)

    def fault(self, path: str, fault: str, **details: Any) -> None:
        """Let requests whose path matches go wrong."""
        self._post("/_sim/faults", {"path": path, "fault": fault, **details})

    def lift_faults(self) -> None:
        """Everything works again."""
        requests.delete(f"{self.url}/_sim/faults", timeout=5).raise_for_status()

    def records(self, name: str, **filters: str) -> list[dict[str, Any]]:
        """The records that the org holds."""
        return self._get(f"/_sim/records/{name}", filters)

    def requests(self, path: str = "") -> list[dict[str, Any]]:
        """What arrived so far, of one path (its end) or everything."""
        arrived = self._get("/_sim/requests", {})
        return [request for request in arrived if request["path"].endswith(path)]

    def read_page(self, address: str, username: str = "agent@acme.test") -> str:
        """A page of the org as somebody sees it who is signed in there."""
        with requests.Session() as browser:
            signing_in = {"un": username, "pw": _PASSWORD, "startURL": "/lightning"}
            browser.post(f"{self.url}/login", data=signing_in, timeout=5)
            page = browser.get(address, timeout=5)
        assert page.status_code == 200
        return page.text

    def connect(
        self, workspace: Workspace, username: str = SYNC_USERNAME, **fields: Any
    ) -> Connection:
        """A connection of ``username`` with tokens that the org issued."""
        tokens = self.act("issue-tokens", username=username)
        org_id, user_id = tokens["id"].split("/")[-2:]
        credentials = {name: tokens[name] for name in ("access_token", "refresh_token")}
        return make_salesforce_connection(
            workspace,
            self,
            **{
                "credentials": credentials,
                "org_id": org_id,
                "salesforce_user_id": user_id,
                "salesforce_username": username,
            }
            | fields,
        )

    def _get(self, path: str, params: dict[str, str]) -> list[dict[str, Any]]:
        response = requests.get(f"{self.url}{path}", params=params, timeout=5)
        response.raise_for_status()
        answer: list[dict[str, Any]] = response.json()
        return answer

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        response = requests.post(f"{self.url}{path}", json=body, timeout=5)
        assert response.ok, response.text
        return response.json() if response.content else None


@pytest.fixture(scope="session")
def _questions() -> Iterator[set[str]]:
    """What the feature tests made Patchbay ask; at the end a foreign parser reads all of it."""
    questions: set[str] = set()
    yield questions
    node = shutil.which("node")
    if node is not None and questions:
        assert unreadable(node, questions) == {}


@pytest.fixture(scope="session")
def _salesforce_server() -> Iterator[SalesforceOrg]:
    app = make_app(OrgConfig(apps=(DEMO_APP,), index_lag_seconds=0))
    with run_in_thread(app) as server:
        yield SalesforceOrg(server.url)
    app.state.org.store.close()


@pytest.fixture
def salesforce_org(
    _salesforce_server: SalesforceOrg,
    _questions: set[str],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[SalesforceOrg]:
    """An org fresh from its seed, whose app this installation uses."""
    settings.SALESFORCE_CLIENT_ID = DEMO_APP.consumer_key
    settings.SALESFORCE_CLIENT_SECRET = DEMO_APP.consumer_secret
    settings.SALESFORCE_LOGIN_URL = _salesforce_server.url
    settings.SALESFORCE_DEADLINE_SECONDS = 3.0
    # oauthlib insists on https; our own HTTP layer allows plain http to listed hosts only.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    yield _salesforce_server
    if "features" in request.path.parts:
        _questions |= asked_of(_salesforce_server.requests())
    _salesforce_server._post("/_sim/reset", {})
