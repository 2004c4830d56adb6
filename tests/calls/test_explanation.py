"""The trace of a plan, arranged for reading (PLUS-04)."""

from calls.explanation import advice_on, find_stop, group_trace
from integrations.planning import TraceLine, read_trace

APPLIED = TraceLine("C1", "Activity history is on.")
OF_LEG = TraceLine("A2", "Ana talked: the record is theirs.", about="leg-1")
STOPPED = TraceLine("C1", "Activity history is off.", "stopped")


def test_a_stored_trace_is_read_back() -> None:
    stored = [{"rule": "C1", "text": "Activity history is on.", "outcome": "applied", "about": ""}]
    assert read_trace(stored) == (APPLIED,)


def test_lines_of_another_release_are_left_out() -> None:
    assert read_trace([{"reason": "unheard of"}]) == ()
    assert read_trace(None) == ()


def test_reasons_are_grouped_by_the_whole_call_and_by_leg() -> None:
    unknown = TraceLine("A2", "Nobody knows.", about="leg-9")
    groups = group_trace([OF_LEG, APPLIED, unknown], {"leg-1": "Ana Ito"}, whole="The whole call")
    assert [(group.title, group.lines) for group in groups] == [
        ("The whole call", (APPLIED,)),
        ("Ana Ito", (OF_LEG,)),
        ("leg-9", (unknown,)),
    ]


def test_the_first_precondition_that_failed_is_found_with_what_to_do() -> None:
    assert find_stop([APPLIED, OF_LEG]) is None
    stop = find_stop([APPLIED, STOPPED])
    assert stop == STOPPED
    assert advice_on(STOPPED).startswith("An admin can switch activity history on")
    assert advice_on(TraceLine("A3", "Talk before a transfer.", "stopped")) == ""
