"""The weeks that the demo remembers: consistent from the phone system's event to the Task."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from django.db import connection

from tests.harness.demo import running_demo

PAST_DAYS = 16
SECONDS = 300


@dataclass(frozen=True)
class RememberedDemo:
    """What stood in a demo's files and in its org once its past had come home."""

    console: sqlite3.Connection
    tasks: list[dict[str, Any]]
    opened: dict[str, int]

    def rows(self, sql: str) -> list[Any]:
        return self.console.execute(sql).fetchall()

    def column(self, sql: str) -> list[Any]:
        return [row[0] for row in self.rows(sql)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RememberedDemo]:
    if connection.vendor != "sqlite":
        pytest.skip("the demo keeps SQLite whatever database the tests run on")
    folder = tmp_path_factory.mktemp("remembering")
    data = folder / "data"
    with running_demo(folder, data, "--quiet", "--past-days", str(PAST_DAYS)) as (process, printed):
        assert "still being played" in printed
        deadline = time.monotonic() + SECONDS
        while (data / "past").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline, (data / "logs" / "weeks.log").read_text()[-2000:]
            time.sleep(0.2)
        facts = json.loads((data / "demo.json").read_text())
        control, org = facts["salesforce"]["control_url"], facts["salesforce"]["url"]
        tasks = requests.get(f"{control}records/Task", timeout=20).json()
        ours = [task for task in tasks if task["CallObject"]]
        opened = {
            task["Id"]: requests.get(f"{org}/{task['Id']}", timeout=5).status_code
            for task in ours[:: len(ours) // 5]
        }
    with closing(sqlite3.connect(data / "patchbay.sqlite3")) as console:
        yield RememberedDemo(console, ours, opened)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("+0000"))


def test_each_written_record_is_one_task_of_the_org_under_the_same_key_and_at_the_same_time(
    demo: RememberedDemo,
) -> None:
    written = demo.rows(
        "SELECT salesforce_record_id, wire_key, done_at FROM integrations_crmwrite "
        "WHERE state = 'done' AND operation = 'create'"
    )
    assert len(written) > 100
    tasks = {task["Id"]: task for task in demo.tasks}
    assert {(record_id, key) for record_id, key, _ in written} == {
        (task["Id"], task["CallObject"]) for task in demo.tasks
    }
    assert max(Counter(task["CallObject"] for task in demo.tasks).values()) == 1
    for record_id, _, done_at in written:
        lag = moment(done_at) - moment(tasks[record_id]["CreatedDate"])
        # A lost answer is asked for a little later.
        assert timedelta(0) <= lag < timedelta(minutes=12)
    assert set(demo.opened.values()) == {200}


def test_the_weeks_hold_calls_of_every_outcome_in_a_rhythm(demo: RememberedDemo) -> None:
    outcomes = Counter(demo.column("SELECT outcome FROM calls_call"))
    assert set(outcomes) == {"answered", "missed", "abandoned", "transferred"}
    kinds = demo.rows("SELECT direction, is_internal, is_withheld, match_state FROM calls_call")
    assert {direction for direction, *_ in kinds} == {"inbound", "outbound", "internal"}
    assert {1} <= {internal for _, internal, *_ in kinds}
    assert {1} <= {withheld for *_, withheld, _ in kinds}
    assert demo.column("SELECT COUNT(*) FROM calls_call WHERE needs_review")[0] > 3
    assert demo.column("SELECT COUNT(*) FROM calls_callleg WHERE held_seconds > 0")[0] > 3

    days = Counter(demo.column("SELECT date(started_at, '-8 hours') FROM calls_call"))
    fortnight = sorted(days)[-14:]
    assert len(fortnight) == 14
    weekdays = [count for day, count in days.items() if moment(day).weekday() < 5]
    weekend = [count for day, count in days.items() if moment(day).weekday() >= 5]
    assert sum(weekdays) / len(weekdays) > 2 * sum(weekend) / len(weekend)


def test_troubles_left_their_traces_and_what_was_lost_was_found(demo: RememberedDemo) -> None:
    states = Counter(demo.column("SELECT state FROM integrations_crmwrite"))
    assert set(states) == {"done", "needs_attention"}
    attempts = Counter(demo.rows("SELECT outcome, error_code FROM integrations_crmwriteattempt"))
    assert attempts[("unknown", "ANSWER_LOST")] == 1
    assert attempts[("refused", "FIELD_CUSTOM_VALIDATION_EXCEPTION")] == 4
    left = set(
        demo.column("SELECT error_code FROM integrations_crmwrite WHERE state = 'needs_attention'")
    )
    assert left == {
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "REQUIRED_FIELD_MISSING",
    }
    reconnect = "SELECT resolved_at FROM integrations_notice WHERE kind = 'salesforce_reconnect'"
    (resolved_at,) = demo.column(reconnect)
    assert resolved_at is not None
    late = (
        "SELECT COUNT(*) FROM integrations_crmwrite WHERE state = 'done' "
        "AND julianday(done_at) - julianday(created_at) > 0.2"
    )
    assert demo.column(late)[0] > 0  # held until somebody reconnected


def test_everything_around_the_calls_tells_the_same_story(demo: RememberedDemo) -> None:
    assert demo.rows("PRAGMA foreign_key_check") == []
    authors = demo.column(
        "SELECT DISTINCT author_id FROM integrations_optionsrevision WHERE author_id IS NOT NULL"
    )
    assert len(authors) == 2
    actions = set(demo.column("SELECT action FROM integrations_auditentry"))
    assert {"salesforce.connected", "salesforce.renewed", "options.changed"} <= actions
    planned = "SELECT DISTINCT subject_id FROM integrations_planrun ORDER BY 1"
    assert demo.column(planned) == demo.column("SELECT id FROM calls_call ORDER BY 1")
    assert set(demo.column("SELECT state FROM integrations_inboundevent")) == {"processed"}
    assert demo.column("SELECT COUNT(*) FROM integrations_directorycontact")[0] > 30
    hours = demo.column("SELECT COUNT(DISTINCT hour) FROM integrations_apiusage")[0]
    assert hours > 50
    of_others = (
        "SELECT COUNT(*) FROM calls_call JOIN integrations_workspace w ON w.id = workspace_id "
        "WHERE w.slug = 'globex'"
    )
    assert demo.column(of_others) == [0]
    # The product's clock and the database's agree about the past.
    apart = (
        "SELECT MAX(julianday(first_sent_at) - julianday(created_at)) FROM integrations_crmwrite "
        "WHERE state = 'needs_attention'"
    )
    assert demo.column(apart)[0] < 1 / 24
