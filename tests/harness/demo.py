"""``manage.py demo`` as people and scripts start it: a process of its own, from an empty folder."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integrations.demo.environment import find_free_port

ROOT = Path(__file__).parents[2]
SECONDS = 120


def environment(folder: Path) -> dict[str, str]:
    """A newcomer's environment: none of this test run's settings, temporary files in ``folder``."""
    ours = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL")
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    return {**inherited, "TMPDIR": str(folder), "HOME": str(folder)}


def run_smoke(folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    """``manage.py demo --smoke`` to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", "demo", "--smoke", *more],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@contextmanager
def running_demo(
    folder: Path, data: Path, *more: str
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A demo that is ready, and what it printed; it is stopped as by Ctrl-C."""
    process = subprocess.Popen(
        [
            *(sys.executable, "manage.py", "demo"),
            *("--data", str(data), "--port", str(find_free_port())),
            *more,
        ],
        cwd=ROOT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    impatience = threading.Timer(SECONDS, process.kill)
    impatience.start()
    try:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("Ready after"):
                break
        impatience.cancel()
        yield process, printed
    finally:
        impatience.cancel()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
