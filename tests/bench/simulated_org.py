"""A simulated Salesforce org in a process of its own, so that its work is not counted as ours."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from django.conf import settings

from integrations.simulators.salesforce.config import DEMO_APP
from tests.bench.stage import ROOT, Stage, find_free_port
from tests.harness.salesforce import SalesforceOrg

_PROGRAM = """
import sys
from integrations.simulators.salesforce.app import make_app
from integrations.simulators.salesforce.config import DEMO_APP, OrgConfig
from integrations.simulators.server import serve
port, store = int(sys.argv[1]), sys.argv[2]
url = f"http://127.0.0.1:{port}"
config = OrgConfig(public_url=url, apps=(DEMO_APP,), store_path=store, index_lag_seconds=0)
serve(make_app(config), port=port)
"""
_START_SECONDS = 60.0


@contextmanager
def simulated_org(stage: Stage) -> Iterator[SalesforceOrg]:
    """Run an org until the block ends, as the one whose app this installation uses."""
    port = find_free_port()
    url = f"http://127.0.0.1:{port}"
    store = stage.directory / f"org-{port}.sqlite3"
    org = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(port), str(store)], cwd=ROOT, env=stage.environment
    )
    settings.SALESFORCE_CLIENT_ID = DEMO_APP.consumer_key
    settings.SALESFORCE_CLIENT_SECRET = DEMO_APP.consumer_secret
    settings.SALESFORCE_LOGIN_URL = url
    try:
        _wait_until_it_answers(url, org)
        yield SalesforceOrg(url)
    finally:
        org.terminate()
        org.wait(timeout=15)


def _wait_until_it_answers(url: str, org: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            requests.get(f"{url}/services/data", timeout=2)
        except requests.ConnectionError:
            if org.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("The simulated org did not start.") from None
            time.sleep(0.1)
        else:
            return
