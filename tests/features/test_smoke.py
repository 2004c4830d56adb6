"""``manage.py demo`` as people and scripts start it: a process of its own, from an empty folder."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from integrations.demo.browsing import Browser
from integrations.demo.environment import find_free_port

ROOT = Path(__file__).parents[2]
SECONDS = 120


def environment(folder: Path) -> dict[str, str]:
    """A newcomer's environment: none of this test run's settings, temporary files in ``folder``."""
    ours = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL")
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    return {**inherited, "TMPDIR": str(folder), "HOME": str(folder)}


def run_smoke(folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
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
def running_demo(folder: Path, data: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A demo that is ready, and what it printed; it is stopped as by Ctrl-C."""
    process = subprocess.Popen(
        [
            *(sys.executable, "manage.py", "demo"),
            *("--data", str(data), "--port", str(find_free_port())),
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
            if line.startswith("Ctrl-C"):
                break
        yield process, printed
    finally:
        impatience.cancel()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


def processes_of(data: Path) -> list[str]:
    """The command lines of living processes that work on this folder."""
    return [
        text
        for entry in Path("/proc").glob("[0-9]*/cmdline")
        if str(data) in (text := _read(entry).replace("\0", " "))
    ]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


@pytest.mark.feature("CRC-55", "CRC-72", "CRC-73")
def test_the_smoke_run_shows_the_completed_task_of_one_call(tmp_path: Path) -> None:
    done = run_smoke(tmp_path)
    assert done.returncode == 0, done.stderr
    (task,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert task["Status"] == "Completed"
    assert task["CallDurationInSeconds"] == 42
    assert task["WhoId"].startswith("003")
    assert task["OwnerId"].startswith("005")
    assert "+14155550101" in task["Subject"]
    assert list(tmp_path.iterdir()) == []


def test_the_smoke_run_fails_with_the_reason_when_salesforce_refuses_tasks(tmp_path: Path) -> None:
    done = run_smoke(tmp_path, "--refuse-tasks")
    assert done.returncode != 0
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION" in done.stderr
    assert done.stdout == ""


def test_the_demo_can_be_used_and_leaves_no_process_behind(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_demo(tmp_path, data) as (process, printed):
        assert "Patchbay is ready: http://localhost:" in printed
        facts: dict[str, Any] = json.loads((data / "demo.json").read_text())
        admin = facts["sign_ins"][0]
        browser = Browser()
        browser.open(f"{facts['console']['url']}/accounts/login/")
        browser.submit(login=admin["email"], password=admin["password"])
        browser.open(admin["url"])
        calls = requests.get(f"{facts['phone_system']['control_url']}records/calls", timeout=5)
        assert len(calls.json()) == 12
    assert process.returncode == 0
    assert processes_of(data) == []
    with running_demo(tmp_path, data) as (_, printed):
        assert "Playing a day" not in printed
        again = json.loads((data / "demo.json").read_text())
        assert again["phone_system"]["secret"] == facts["phone_system"]["secret"]
