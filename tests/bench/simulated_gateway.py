"""A simulated SMS gateway in a process of its own, so that its work is not counted as ours."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from django.conf import settings

from tests.bench.stage import ROOT, Stage, find_free_port
from tests.harness.sms_gateways import SmsGateways

_PROGRAM = """
import sys
from integrations.simulators.server import serve
from sms.simulators.app import make_app
from sms.simulators.config import SmsConfig
serve(make_app(SmsConfig()), port=int(sys.argv[1]))
"""
_START_SECONDS = 60.0


@contextmanager
def simulated_gateway(stage: Stage) -> Iterator[SmsGateways]:
    """Run both vendors' gateways until the block ends, as those that connections use."""
    port = find_free_port()
    url = f"http://127.0.0.1:{port}"
    program = [sys.executable, "-c", _PROGRAM, str(port)]
    gateway = subprocess.Popen(program, cwd=ROOT, env=stage.environment)
    settings.MITTO_URL = settings.TWILIO_URL = url
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(url):
            if gateway.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("The simulated gateway did not start.")
            time.sleep(0.1)
        yield SmsGateways(url)
    finally:
        gateway.terminate()
        gateway.wait(timeout=15)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/_sim/records/account", timeout=2).ok
    except requests.ConnectionError:
        return False
