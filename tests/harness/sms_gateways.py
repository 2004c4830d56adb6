"""The simulated SMS gateways on the wire, and connections to them."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pytest_django.fixtures import Settings

from integrations.demo.outside import wait_for
from integrations.encryption import seal
from integrations.models import Connection, Workspace
from integrations.simulators.server import run_in_thread
from sms.callbacks import callback_address, new_callback_secret
from sms.simulators.app import make_app
from sms.simulators.config import SmsConfig

CONFIG = SmsConfig(delay_seconds=0.01, reply_seconds=0.01)


class SmsGateways:
    """Both gateways at ``url``, and what tests do to them from outside."""

    def __init__(self, url: str) -> None:
        self.url = url

    def act(self, name: str, **arguments: Any) -> Any:
        """Let the outside world do something (``reply``, ``report``, ...)."""
        answer = requests.post(f"{self.url}/_sim/actions/{name}", json=arguments, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, path: str, fault: str, **details: Any) -> None:
        """Let requests whose path matches go wrong."""
        body = {"path": path, "fault": fault, **details}
        requests.post(f"{self.url}/_sim/faults", json=body, timeout=5).raise_for_status()

    def records(self, name: str, **filters: str) -> list[dict[str, Any]]:
        """``messages`` or ``deliveries``."""
        answer = requests.get(f"{self.url}/_sim/records/{name}", params=filters, timeout=5)
        answer.raise_for_status()
        return list(answer.json())

    def requests(self) -> list[dict[str, Any]]:
        """What arrived so far."""
        return list(requests.get(f"{self.url}/_sim/requests", timeout=5).json())

    def deliveries(self, count: int) -> list[dict[str, Any]]:
        """The callbacks, once so many have been answered."""

        def answered() -> list[dict[str, Any]]:
            done = [one for one in self.records("deliveries") if one["status"] is not None]
            return done if len(done) >= count else []

        found = wait_for(answered, seconds=10)
        assert found, f"{count} callbacks did not come: {self.records('deliveries')}"
        return found

    def connect(self, workspace: Workspace, backend: str) -> Connection:
        """A connection with the right keys, whose replies come to this installation."""
        credentials: dict[str, Any] = {"product_key": CONFIG.product_key}
        if backend == "twilio":
            credentials = {
                "product_key": CONFIG.auth_token,
                "account_sid": CONFIG.account_sid,
            }
        else:
            credentials["callback_secrets"] = [new_callback_secret()]
        connection = Connection.unscoped.create(
            workspace=workspace,
            kind=Connection.Kind.SMS_GATEWAY,
            backend=backend,
            name=backend.title(),
            sealed_credentials=seal(credentials),
        )
        inbound = callback_address(connection, "inbound")
        self.act("point-at", gateway=backend, inbound_url=inbound)
        return connection


@pytest.fixture(scope="session")
def _sms_server() -> Iterator[SmsGateways]:
    with run_in_thread(make_app(CONFIG)) as server:
        yield SmsGateways(server.url)


@pytest.fixture
def sms_gateways(_sms_server: SmsGateways, settings: Settings) -> Iterator[SmsGateways]:
    """Both gateways, with nothing sent yet."""
    settings.MITTO_URL = settings.TWILIO_URL = _sms_server.url
    yield _sms_server
    requests.post(f"{_sms_server.url}/_sim/reset", timeout=5).raise_for_status()
