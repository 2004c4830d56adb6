"""A foreign client, jsforce, works against the simulator; its lines are in tests/js."""

import json
import os
import subprocess

import pytest

from tests.harness.node_modules import JS, install_node_modules
from tests.integrations.simulators.org_client import APP, EXTERNAL_ID, OrgClient

SCENARIOS = (
    "login",
    "query",
    "search",
    "crud",
    "upsert",
    "collections",
    "composite",
    "describe",
    "limits",
    "refresh",
    "revoke",
)


@pytest.fixture(scope="module")
def jsforce() -> str:
    """The script; its packages are installed first."""
    install_node_modules()
    return str(JS / "jsforce_scenarios.cjs")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_jsforce_works(org: OrgClient, node: str, jsforce: str, scenario: str) -> None:
    given = {
        "url": org.url,
        "accessToken": org.tokens["access_token"],
        "refreshToken": org.tokens["refresh_token"],
        "clientId": APP.consumer_key,
        "clientSecret": APP.consumer_secret,
        "redirectUri": APP.redirect_uris[0],
        "externalId": EXTERNAL_ID,
    }
    # No proxy: the org is on this machine.
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [node, jsforce, scenario, json.dumps(given)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
