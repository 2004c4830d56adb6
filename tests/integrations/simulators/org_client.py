"""A plain HTTP client of the simulated org, as tests speak to it."""

from typing import Any

import requests

from integrations.simulators.salesforce.config import OAuthApp

CALLBACK = "http://localhost:9999/callback/"
APP = OAuthApp("test.consumer.key", "test-secret", (CALLBACK,), name="Test App")
NO_PKCE_APP = OAuthApp(
    "plain.consumer.key", "plain-secret", (CALLBACK,), require_pkce=False, rotation=False
)
SERVER_APP = OAuthApp(
    "server.consumer.key", "server-secret", (CALLBACK,), name="Server", run_as="sync@acme.test"
)
EXTERNAL_ID = "Patchbay_Id__c"
SHARED_ID = "Legacy_Id__c"
"""An external id of Lead that is not unique."""


class OrgClient:
    """Speaks as one user. `data` is the address of the REST API."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = url
        self.data = f"{url}/services/data/v60.0"
        self.session = session
        self.tokens: dict[str, str] = {}

    def sign_in(self, username: str = "sync@acme.test", **more: str) -> None:
        """Speak as this user from now on."""
        self.tokens = self.act("issue-tokens", username=username, **more)
        self.session.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"

    def control(self, method: str, path: str, **more: Any) -> requests.Response:
        """A request to `/_sim/`."""
        return self.session.request(method, f"{self.url}/_sim/{path}", timeout=5, **more)

    def act(self, action: str, **arguments: Any) -> Any:
        """Let the outside world act; its answer."""
        answer = self.control("POST", f"actions/{action}", json=arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def records(self, name: str, **filters: str) -> list[dict[str, Any]]:
        """What the org holds."""
        records: list[dict[str, Any]] = self.control(
            "GET", f"records/{name}", params=filters
        ).json()
        return records

    def record(self, name: str, **filters: str) -> dict[str, Any]:
        """The one record that fits."""
        (record,) = self.records(name, **filters)
        return record

    def log(self) -> list[dict[str, Any]]:
        """The request log."""
        lines: list[dict[str, Any]] = self.control("GET", "requests").json()
        return lines

    def break_next(self, **fault: Any) -> None:
        """Put a fault in force."""
        assert self.control("POST", "faults", json=fault).status_code == 201

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """A call of the REST API."""
        return self.session.request(method, f"{self.data}/{path}", timeout=5, **more)

    def create(self, name: str, **fields: Any) -> requests.Response:
        """Create a record."""
        return self.call("POST", f"sobjects/{name}", json=fields)

    def create_id(self, name: str, **fields: Any) -> str:
        """Create a record that must be accepted; its id."""
        answer = self.create(name, **fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def query(self, text: str, **more: Any) -> Any:
        """The answer to SOQL that must be accepted."""
        answer = self.call("GET", "query", params={"q": text}, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def search(self, text: str) -> list[tuple[str, str]]:
        """Object and name of what SOSL finds."""
        answer = self.call("GET", "search", params={"q": text})
        assert answer.status_code == 200, answer.text
        found = answer.json()["searchRecords"]
        return [(one["attributes"]["type"], one["Name"]) for one in found]

    def user_id(self, username: str) -> str:
        """The id of a user."""
        return str(self.record("User", Username=username)["Id"])


def refused(answer: requests.Response) -> tuple[int, str]:
    """Status and error code of a refusal."""
    (error,) = answer.json()
    return answer.status_code, error["errorCode"]
