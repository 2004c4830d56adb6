"""The panel's script without a browser: what it knows, and how it reads the stream."""

import subprocess
from pathlib import Path

TESTS = Path(__file__).parents[1] / "js" / "panel_store.test.mjs"


def test_the_store_adds_changes_up_as_patchbay_told_them(node: str) -> None:
    run = subprocess.run([node, "--test", str(TESTS)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
