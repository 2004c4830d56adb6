"""What the simulated phone system reports, read by the console's own parser and fold."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from calls.events import parse_call_event
from calls.fold import FoldedCall, fold_call
from calls.simulators.config import PhoneSystemConfig
from calls.simulators.switchboard import Switchboard, SwitchboardError

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


class Office:
    """A switchboard with a clock of its own, and the events that it reported."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.board = Switchboard(PhoneSystemConfig(), self.events.append)

    def after(self, seconds: float) -> datetime:
        return START + timedelta(seconds=seconds)

    def fold(self) -> FoldedCall:
        return fold_call(
            parse_call_event(event, event_id=f"{number:04}")
            for number, event in enumerate(self.events)
        )


@pytest.fixture
def office() -> Office:
    return Office()


def types_of(office: Office) -> list[tuple[str, str]]:
    return [(event["type"], event["data"]["extension"]) for event in office.events]


def test_a_ring_group_rings_everybody_and_falls_silent_when_one_answers(office: Office) -> None:
    call = office.board.place_call(caller="+14155550142", to="600", at=START)
    office.board.answer(call, extension="202", at=office.after(5))
    assert types_of(office) == [
        ("call.ringing", "201"),
        ("call.ringing", "202"),
        ("call.answered", "202"),
        ("call.ended", "201"),
    ]
    assert office.events[-1]["data"]["end_cause"] == "answered_elsewhere"


def test_every_event_is_a_full_snapshot_that_the_contract_accepts(office: Office) -> None:
    call = office.board.place_call(
        caller="+14155550142", to="201", at=START, caller_name="Ada Byron"
    )
    office.board.answer(call, at=office.after(4))
    office.board.hold(call, at=office.after(10))
    office.board.resume(call, at=office.after(20))
    office.board.hang_up(call, at=office.after(64))
    parsed = [parse_call_event(event, event_id="e") for event in office.events]
    assert all(event.unknown_fields == () for event in parsed)
    folded = office.fold()
    assert (folded.outcome, folded.caller_name) == ("answered", "Ada Byron")
    assert [(leg.talk_seconds, leg.held_seconds) for leg in folded.legs] == [(60, 10)]


def test_a_withheld_number_is_reported_without_a_number(office: Office) -> None:
    office.board.place_call(caller="+14155550142", to="201", at=START, withheld=True)
    data = office.events[0]["data"]
    assert (data["external"], data["external_raw"]) == (None, "anonymous")


def test_a_blind_transfer_gives_two_legs_that_talked(office: Office) -> None:
    call = office.board.place_call(caller="+14155550142", to="201", at=START)
    office.board.answer(call, at=office.after(5))
    office.board.transfer_blind(call, to="202", at=office.after(15))
    office.board.answer(call, at=office.after(20))
    office.board.hang_up(call, at=office.after(50))
    folded = office.fold()
    assert folded.outcome == "transferred"
    assert [(leg.extension, leg.talk_seconds) for leg in folded.legs] == [("201", 10), ("202", 30)]
    assert folded.legs[1].external == "+14155550142"


def test_an_attended_transfer_runs_the_second_leg_from_take_over(office: Office) -> None:
    call = office.board.place_call(caller="+14155550142", to="201", at=START)
    office.board.answer(call, at=office.after(5))
    office.board.consult(call, to="202", at=office.after(15))
    office.board.answer(call, extension="202", at=office.after(18))
    office.board.transfer_attended(call, at=office.after(25))
    office.board.hang_up(call, at=office.after(65))
    folded = office.fold()
    assert [(leg.extension, leg.talk_seconds) for leg in folded.legs] == [("201", 20), ("202", 40)]
    assert [leg.direction for leg in folded.legs] == ["inbound", "inbound"]
    assert not any(leg.is_consult for leg in folded.legs)


def test_a_colleague_who_was_only_asked_leaves_the_call_going(office: Office) -> None:
    call = office.board.place_call(caller="+14155550142", to="201", at=START)
    office.board.answer(call, at=office.after(5))
    office.board.consult(call, to="202", at=office.after(15))
    office.board.answer(call, extension="202", at=office.after(18))
    office.board.hang_up(call, extension="202", at=office.after(25))
    office.board.resume(call, at=office.after(26))
    office.board.hang_up(call, extension="201", at=office.after(45))
    assert call.is_over
    assert [(leg.direction, leg.talk_seconds) for leg in office.fold().legs] == [
        ("inbound", 40),
        ("internal", 7),
    ]


def test_an_outbound_call_is_answered_by_the_other_side(office: Office) -> None:
    call = office.board.place_call(caller="201", to="+442079460123", at=START)
    office.board.answer(call, at=office.after(9))
    office.board.hang_up(call, extension="201", at=office.after(30))
    folded = office.fold()
    assert (folded.direction, folded.external) == ("outbound", "+442079460123")
    assert [leg.talk_seconds for leg in folded.legs] == [21]


def test_an_internal_call_has_a_leg_for_each_colleague(office: Office) -> None:
    call = office.board.place_call(caller="201", to="203", at=START)
    office.board.answer(call, at=office.after(3))
    office.board.hang_up(call, extension="203", at=office.after(13))
    folded = office.fold()
    assert folded.direction == "internal"
    assert [(leg.extension, leg.external_raw, leg.talk_seconds) for leg in folded.legs] == [
        ("201", "203", 10),
        ("203", "201", 10),
    ]


@pytest.mark.parametrize(
    ("caller", "to", "extension", "outcome"),
    [
        ("+14155550142", "201", None, "missed"),
        ("+14155550142", "600", None, "abandoned"),
        ("+14155550142", "201", "201", "rejected"),
        ("201", "+14155550142", "201", "missed"),
    ],
)
def test_a_call_that_nobody_answers_tells_why(
    office: Office, caller: str, to: str, extension: str | None, outcome: str
) -> None:
    call = office.board.place_call(caller=caller, to=to, at=START)
    office.board.hang_up(call, extension=extension, at=office.after(20))
    assert office.fold().outcome == outcome


def test_one_phone_of_a_group_may_reject_while_the_others_ring_on(office: Office) -> None:
    call = office.board.place_call(caller="+14155550142", to="600", at=START)
    office.board.hang_up(call, extension="201", at=office.after(2))
    assert not call.is_over


def test_what_no_phone_can_do_is_refused(office: Office) -> None:
    with pytest.raises(SwitchboardError, match="neither"):
        office.board.place_call(caller="+1", to="+2", at=START)
    call = office.board.place_call(caller="+14155550142", to="201", at=START)
    with pytest.raises(SwitchboardError, match="not answered"):
        office.board.hold(call, at=START)
    with pytest.raises(SwitchboardError, match="consulted"):
        office.board.transfer_attended(call, at=START)
    office.board.answer(call, at=START)
    with pytest.raises(SwitchboardError, match="no other extension"):
        office.board.transfer_blind(call, to="201", at=START)
    office.board.hang_up(call, at=START)
    with pytest.raises(SwitchboardError, match="over"):
        office.board.hang_up(call, at=START)
