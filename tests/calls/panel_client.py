"""A softphone panel as its script speaks to Patchbay: by HTTP, with a token and without cookies."""

import base64
import hashlib
import secrets
import uuid
from typing import Any

from django.test import Client

from integrations.models import Membership
from tests.factories import give_softphone

VERSION = 1


def new_challenge() -> tuple[str, str]:
    """A verifier and the challenge that a panel makes of it (RFC 7636, S256)."""
    verifier = secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).decode().rstrip("=")


def ask_code(member: Membership, challenge: str) -> Any:
    """The answer of the console, where the member is signed in."""
    console = Client()
    console.force_login(member.user)
    address = f"/w/{member.workspace.slug}/calls/panel/code/"
    return console.post(address, {"challenge": challenge})


def exchange(code: str, verifier: str, *, version: int = VERSION) -> Any:
    """The answer to a code."""
    given = {"code": code, "verifier": verifier, "script_version": version}
    return Client().post("/panel/session/", given, content_type="application/json")


class PanelClient:
    """One open panel of one member."""

    def __init__(self, member: Membership, *, version: int = VERSION) -> None:
        self.version = version
        give_softphone(member)
        verifier, challenge = new_challenge()
        code = ask_code(member, challenge).json()["code"]
        answer = exchange(code, verifier, version=version)
        assert answer.status_code == 201, answer.content
        self.token = answer.json()["token"]

    def get(self, address: str, **query: Any) -> Any:
        return Client().get(f"/panel/{address}", query, headers=self._headers)

    def post(self, address: str, **given: Any) -> Any:
        return Client().post(
            f"/panel/{address}", given, content_type="application/json", headers=self._headers
        )

    def state(self, **query: Any) -> dict[str, Any]:
        answer = self.get("state/", **query)
        assert answer.status_code == 200, answer.content
        assert not answer.cookies
        state: dict[str, Any] = answer.json()
        return state

    def call(self) -> dict[str, Any]:
        """The one call that is on the panel."""
        [call] = self.state()["calls"]
        assert isinstance(call, dict)
        return call

    def act(self, action: str, call: dict[str, Any], *, key: str = "", **fields: Any) -> Any:
        return self.post(
            "actions/",
            key=key or str(uuid.uuid4()),
            action=action,
            call_id=call["call_id"],
            leg_key=call["leg_key"],
            **fields,
        )

    def beat(self) -> Any:
        return self.post("heartbeat/", script_version=self.version)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
