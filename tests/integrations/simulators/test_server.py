"""Running a simulator as a process."""

import signal
import subprocess
import sys
import time

import pytest
import requests


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_simulator_process_says_when_it_is_ready_and_stops_cleanly(
    stop: signal.Signals,
) -> None:
    command = [sys.executable, "-m", "integrations.simulators.salesforce", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]
    with requests.Session() as session:  # kept alive across the stop
        assert session.get(f"{url}/services/data", timeout=5).status_code == 200
        started = time.monotonic()
        process.send_signal(stop)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 0, errors
    assert errors == ""
    assert time.monotonic() - started < 5


def test_the_simulator_does_not_import_django() -> None:
    script = "import sys, integrations.simulators.salesforce.app; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
