"""The simulator without Patchbay around it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import requests

from tests.harness.modules import ROOT

WITHOUT_DJANGO = (
    "import runpy, sys; sys.modules['django'] = None; sys.argv = ['salesforce', '--port', '0'];"
    "runpy.run_module('integrations.simulators.salesforce', run_name='__main__')"
)


def test_a_copy_of_the_package_runs_without_django_and_the_rest(tmp_path: Path) -> None:
    copied = tmp_path / "integrations" / "simulators"
    shutil.copytree(ROOT / "integrations" / "simulators", copied)
    (tmp_path / "integrations" / "__init__.py").touch()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", WITHOUT_DJANGO],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[-1]
            versions = requests.get(f"{url}/services/data", timeout=10).json()
        finally:
            process.terminate()
    assert versions[-1]["version"] == "68.0"
