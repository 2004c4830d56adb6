"""Where a call was filed, from its writes and its trace."""

from typing import Any

import pytest

from calls.admin.filed import describe_filed, find_obstacle
from calls.models import Call, CallState, MatchState
from integrations.ledger import standing_writes
from integrations.models import CrmWrite, WriteState
from integrations.planning import TraceLine

STOP = TraceLine("C1", "Activity history is off: no call record is written.", "stopped")


def write(key: str = "a", **fields: Any) -> CrmWrite:
    values: dict[str, Any] = {"wire_key": key, "sobject": "Task", "fields": {}}
    return CrmWrite(**values | {"state": WriteState.DONE} | fields)


def done(key: str = "a", **fields: Any) -> CrmWrite:
    return write(key, salesforce_record_id="00T000000000001AAA", **fields)


def call(**fields: Any) -> Call:
    return Call(**{"state": CallState.ENDED, "direction": "inbound"} | fields)


def test_of_each_record_the_newest_edition_counts() -> None:
    first, second, other = done(), write(state=WriteState.PLANNED), done("b")
    cancelled = write("b", state=WriteState.CANCELLED)
    assert standing_writes([first, second, other, cancelled]) == [second, other]


@pytest.mark.parametrize(
    ("call_fields", "writes", "trace", "shown"),
    [
        ({}, [done(fields={"WhoId": "003X"})], [], ("Filed", "under Ana Ito")),
        ({}, [done(fields={"WhatId": "001Y"})], [], ("Filed", "under 001Y")),
        ({}, [done()], [], ("Filed", "under no record")),
        ({"needs_review": True}, [done()], [], ("Needs review", "choose the record")),
        (
            {},
            [done(), write("b", state=WriteState.HELD, held_reason="Revoked.")],
            [],
            ("Held", "Revoked."),
        ),
        ({}, [], [STOP], ("Not filed", "Activity history is off")),
        ({"state": CallState.ANSWERED}, [], [], ("In progress", "when it ends")),
        ({"plan_due_at": "2026-11-16"}, [], [], ("Being filed", "Within a minute")),
        ({}, [], [], ("Not filed", "Nothing was to be written")),
    ],
)
def test_the_cell_says_how_it_stands(
    call_fields: dict[str, Any],
    writes: list[CrmWrite],
    trace: list[TraceLine],
    shown: tuple[str, str],
) -> None:
    candidates = [{"record_id": "003X", "name": "Ana Ito", "person_contact_id": None}]
    filed = describe_filed(call(candidates=candidates, **call_fields), writes, trace)
    chip, text = shown
    assert f">{chip}</span>" in filed.chip
    assert text in filed.text


def test_a_record_that_stands_leaves_no_obstacle_even_while_an_update_waits() -> None:
    update = done(state=WriteState.PLANNED)
    assert find_obstacle(call(), [done(), update], []) is None


@pytest.mark.parametrize(
    ("call_fields", "writes", "happened"),
    [
        ({}, [write(state=WriteState.HELD, held_reason="Revoked.")], "Revoked."),
        ({"state": CallState.HELD}, [], "The call goes on."),
        (
            {"plan_due_at": "2026-11-16", "match_state": MatchState.PENDING},
            [],
            "has not said yet whose number it is",
        ),
        ({"plan_due_at": "2026-11-16"}, [], "has just ended"),
        (
            {},
            [write(state=WriteState.CANCELLED, held_reason="The plan no longer asks for it.")],
            "The plan no longer asks for it.",
        ),
        ({}, [], "Nothing was to be written"),
    ],
)
def test_the_first_obstacle_is_named(
    call_fields: dict[str, Any], writes: list[CrmWrite], happened: str
) -> None:
    obstacle = find_obstacle(call(**call_fields), writes, [])
    assert obstacle is not None
    assert happened in obstacle.happened


def test_a_stop_of_the_plan_comes_with_its_rule_and_what_to_do() -> None:
    obstacle = find_obstacle(call(), [], [STOP])
    assert obstacle is not None
    assert (obstacle.rule, obstacle.happened) == ("C1", STOP.text)
    assert "switch activity history on" in obstacle.to_do
