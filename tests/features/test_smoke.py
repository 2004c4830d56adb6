"""``manage.py demo`` as people and scripts start it: a process of its own, from an empty folder."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from integrations.demo.browsing import Browser
from tests.harness.demo import run_smoke, running_demo
from tests.harness.figures import Tell

_RECORDS_OF_THE_LAST_DAY = 14


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
def test_the_smoke_run_shows_one_call_one_text_and_a_stop_exactly_once(tmp_path: Path) -> None:
    done = run_smoke(tmp_path)
    assert done.returncode == 0, done.stderr
    task, *of_texts, contact = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(one["Subject"][:8] for one in of_texts) == ["SMS from", "SMS to +", "SMS to +"]
    assert {one["WhoId"] for one in of_texts} == {contact["Id"]}
    assert contact["SMS_Opt_Out__c"] is True
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


def test_the_demo_can_be_used_and_leaves_no_process_behind(tmp_path: Path, tell: Tell) -> None:
    data = tmp_path / "data"
    with running_demo(tmp_path, data, "--past-days", "2") as (process, printed):
        assert "Patchbay is ready: http://localhost:" in printed
        tell(printed.splitlines()[-1])
        facts: dict[str, Any] = json.loads((data / "demo.json").read_text())
        admin = facts["sign_ins"][0]
        browser = Browser()
        browser.open(f"{facts['console']['url']}/accounts/login/")
        browser.submit(login=admin["email"], password=admin["password"])
        browser.open(admin["url"])
        browser.open(f"{admin['url']}calls/call/")
        assert "(206) 555-0111" in browser.text
        tasks = requests.get(f"{facts['salesforce']['control_url']}records/Task", timeout=5)
        ours = [task for task in tasks.json() if task["CallObject"]]
        assert len(ours) >= _RECORDS_OF_THE_LAST_DAY
    assert process.returncode == 0
    assert processes_of(data) == []
    with running_demo(tmp_path, data, "--quiet") as (_, printed):
        tell(printed.splitlines()[-1])
        assert "Remembering" not in printed
        again = json.loads((data / "demo.json").read_text())
        assert again["phone_system"]["secret"] == facts["phone_system"]["secret"]
