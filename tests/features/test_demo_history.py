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

from integrations.simulators.salesforce.seed import ONE_CONTACT_NUMBER
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
    planned = "SELECT DISTINCT subject_id FROM integrations_planrun WHERE subject_kind = 'call'"
    assert set(demo.column(planned)) == set(demo.column("SELECT id FROM calls_call"))
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


def test_texts_went_both_ways_and_leave_something_to_decide(demo: RememberedDemo) -> None:
    states = Counter(demo.rows("SELECT direction, state FROM sms_message"))
    assert states["outbound", "delivered"] > 20
    assert states["inbound", "received"] > 10
    assert states["outbound", "undelivered"] >= 1
    [opted_out] = demo.rows("SELECT phone_e164, kind, source, evidence FROM sms_optoutevent")
    assert opted_out[1:3] == ("opted_out", "keyword")
    assert json.loads(opted_out[3]) == {"text": "STOP", "keyword": "STOP"}
    last_to_them = "SELECT purpose FROM sms_message WHERE phone_e164 = '{}' ORDER BY id DESC"
    assert demo.column(last_to_them.format(opted_out[0]))[0] == "confirmation"
    assert demo.column("SELECT decision FROM sms_optoutsuggestion") == [""]
    assert states["outbound", "unconfirmed"] == 1
    unread = "SELECT COUNT(*) FROM sms_message WHERE direction = 'inbound' AND read_at IS NULL"
    assert demo.column(unread) == [1]
    with_ana = f"SELECT COUNT(*) FROM sms_message WHERE phone_e164 = '{ONE_CONTACT_NUMBER}'"
    assert demo.column(with_ana) == [0]


def test_each_text_stands_in_salesforce_but_the_one_that_is_not_confirmed(
    demo: RememberedDemo,
) -> None:
    filed = (
        "SELECT m.id FROM sms_message m JOIN integrations_crmwrite w "
        "ON w.subject_kind = 'message' AND w.subject_id = m.id WHERE w.state != 'held'"
    )
    settled = "SELECT id FROM sms_message WHERE state != 'unconfirmed'"
    assert sorted(demo.column(filed)) == sorted(demo.column(settled))
    subjects = [task["Subject"] for task in demo.tasks if task["Subject"].startswith("SMS ")]
    # The record of one may have been refused in the weeks, and nobody has looked.
    assert 0 <= len(demo.column(settled)) - len(subjects) <= 3
    # Reported within seconds, not a day later, when nothing had been heard.
    late = "SELECT MAX(julianday(final_at) - julianday(created_at)) FROM sms_message"
    assert demo.column(late)[0] < 1 / 24
