"""RULES A1 and A3: a call is a function of the set of its events."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.events import CallEventData, LegSnapshot
from calls.fold import FoldedCall, FoldedLeg, fold_call
from tests.calls.events_builder import at, attended, blind, consult, event, inbound


def leg_of(call: FoldedCall, key: str) -> FoldedLeg:
    return next(leg for leg in call.legs if leg.leg_key == key)


ANSWERED = [
    inbound("ringing", "A", 0, extension="201", did="+18005550100", queue="Sales"),
    inbound("answered", "A", 5, extension="201", caller_name="Bournemouth"),
    inbound("ended", "A", 65, extension="201", end_cause="normal_clearing"),
]


def test_an_answered_call_has_its_times_and_its_facts() -> None:
    call = fold_call(ANSWERED)

    assert (call.started_at, call.answered_at, call.ended_at) == (at(0), at(5), at(65))
    assert (call.state, call.outcome, call.direction) == ("ended", "answered", "inbound")
    assert (call.external, call.external_raw) == ("+442079460123", "02079460123")
    assert (call.queue, call.caller_name, call.did) == ("Sales", "Bournemouth", "+18005550100")
    assert (call.legs[0].talk_seconds, call.legs[0].held_seconds) == (60, 0)


def test_a_call_that_still_rings_has_no_end_and_no_outcome() -> None:
    call = fold_call(ANSWERED[:1])

    assert (call.state, call.ended_at, call.outcome) == ("ringing", None, None)
    assert call.legs[0].talk_seconds == 0


def test_gaps_are_filled_from_the_snapshot_of_any_event() -> None:
    only_the_end = inbound("ended", "A", 66, started_at=0, answered_at=5, ended_at=65)

    leg = fold_call([only_the_end]).legs[0]

    assert (leg.ring_started_at, leg.answered_at, leg.ended_at) == (at(0), at(5), at(65))
    assert leg.talk_seconds == 60


def test_a_stated_time_beats_the_time_of_an_event() -> None:
    late_report = inbound("answered", "A", 9, answered_at=5)

    assert fold_call([*ANSWERED, late_report]).legs[0].answered_at == at(5)


def test_of_conflicting_values_the_latest_event_wins() -> None:
    first = inbound("ringing", "A", 0, event_id="e-b", extension="201")
    later = inbound("answered", "A", 5, event_id="e-a", extension="202")
    same_moment = inbound("held", "A", 5, event_id="e-c", extension="203")

    assert fold_call([later, first]).legs[0].extension == "202"
    assert fold_call([same_moment, later, first]).legs[0].extension == "203"


def test_a_name_goes_with_its_own_source() -> None:
    named = inbound("ringing", "A", 0, caller_name="Bo", caller_name_source="network")
    renamed = inbound("answered", "A", 5, caller_name="Bo Lind")

    call = fold_call([named, renamed])

    assert (call.caller_name, call.caller_name_source) == ("Bo Lind", None)


def test_holds_add_up_and_belong_to_the_talk() -> None:
    events = [
        *ANSWERED,
        inbound("held", "A", 10),
        inbound("held", "A", 12),
        inbound("resumed", "A", 20),
        inbound("held", "A", 60),
    ]

    leg = fold_call(events).legs[0]

    assert (leg.held_seconds, leg.talk_seconds) == (15, 60)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([("ringing", 0)], "ringing"),
        ([("answered", 5)], "answered"),
        ([("answered", 5), ("held", 6)], "held"),
        ([("held", 6)], "held"),
        ([("answered", 5), ("held", 6), ("resumed", 7)], "answered"),
        ([("ended", 5), ("answered", 3), ("ringing", 0)], "ended"),
        ([("ended", 5), ("ringing", 9)], "ended"),
    ],
)
def test_the_state_follows_the_clock_of_the_phone_system(
    events: list[tuple[str, float]], state: str
) -> None:
    call = fold_call([inbound(kind, "A", seconds) for kind, seconds in events])

    assert call.state == call.legs[0].state == state


def test_in_a_ring_group_one_talks_and_the_others_only_rang() -> None:
    events = [inbound("ringing", leg, 0) for leg in "ABC"]
    events += [inbound("answered", "B", 4)]
    events += [inbound("ended", leg, 4, end_cause="answered_elsewhere") for leg in "AC"]

    call = fold_call(events)
    assert (call.state, call.ended_at) == ("answered", None)

    call = fold_call([*events, inbound("ended", "B", 30)])
    assert (call.outcome, call.ended_at) == ("answered", at(30))
    assert [leg.talk_seconds for leg in call.legs] == [0, 26, 0]


@pytest.mark.parametrize(
    ("endings", "queue", "outcome"),
    [
        (["no_answer"], None, "missed"),
        ([None], None, "missed"),
        (["USER_BUSY"], None, "busy"),
        (["call-rejected"], None, "rejected"),
        (["congestion"], None, "failed"),
        (["originator_cancel"], None, "missed"),
        (["originator_cancel"], "Sales", "abandoned"),
        (["abandoned"], None, "abandoned"),
        (["busy", "no_answer"], None, "missed"),
        (["busy", "busy"], None, "busy"),
        (["no_answer", "voicemail"], None, "voicemail"),
    ],
)
def test_a_call_that_nobody_answered_says_why(
    endings: list[str | None], queue: str | None, outcome: str
) -> None:
    events = [
        inbound("ended", f"L{number}", 20, end_cause=cause, queue=queue)
        for number, cause in enumerate(endings)
    ]

    assert fold_call(events).outcome == outcome


def test_a_recorded_message_makes_it_voicemail() -> None:
    message = inbound("ended", "A", 20, voicemail_url="https://pbx.example/vm/1")

    assert fold_call([message]).outcome == "voicemail"


def test_the_direction_is_guessed_only_where_nobody_says_it() -> None:
    assert fold_call([event("ringing", "A", 0)]).direction == "inbound"
    assert fold_call([event("ringing", "A", 0, dial_request_id="d1")]).direction == "outbound"


def talks(call: FoldedCall) -> dict[str, tuple[str, int]]:
    """What gets a call record: direction and seconds of every talk that is not a consult."""
    return {
        leg.leg_key: (leg.direction, leg.talk_seconds)
        for leg in call.legs
        if leg.answered_at and not leg.is_consult
    }


BLIND = [
    inbound("ringing", "A", 0, extension="201"),
    inbound("answered", "A", 5, extension="201"),
    inbound("transferred", "A", 30, extension="201", transfer=blind("B", "202")),
    inbound("ended", "A", 30, extension="201"),
    inbound("ringing", "B", 31, extension="202", external_raw="201", direction="internal"),
    inbound("answered", "B", 35, extension="202"),
    inbound("ended", "B", 95, extension="202"),
]


def test_a_blind_transfer_is_two_talks() -> None:
    call = fold_call(BLIND)

    assert talks(call) == {"A": ("inbound", 25), "B": ("inbound", 60)}
    assert leg_of(call, "A").transferred_to_leg_key == "B"
    assert leg_of(call, "B").transferred_from_leg_key == "A"
    assert leg_of(call, "B").external_raw == "02079460123"
    assert call.outcome == "transferred"


def test_a_transfer_that_names_only_the_extension_finds_the_leg() -> None:
    events = [
        replace(e, snapshot=replace(e.snapshot, transfer=blind(None, "202")))
        if e.type == "call.transferred"
        else e
        for e in BLIND
    ]

    assert leg_of(fold_call(events), "A").transferred_to_leg_key == "B"


def test_a_lost_transfer_event_shows_in_the_snapshot_of_the_end() -> None:
    events = [e for e in BLIND if e.type != "call.transferred" and e.leg_key != "A"]
    events.append(inbound("ended", "A", 30, answered_at=5, transfer=blind("B")))

    assert talks(fold_call(events)) == {"A": ("inbound", 25), "B": ("inbound", 60)}


def test_a_transferred_call_goes_on_while_the_target_rings() -> None:
    call = fold_call(BLIND[:5])

    assert (call.state, call.ended_at, call.outcome) == ("answered", None, None)
    assert leg_of(call, "A").state == "ended"


def test_a_transfer_to_an_outside_number_keeps_its_target_as_text() -> None:
    events = [*BLIND[:2], inbound("transferred", "A", 30, transfer=blind(None, "07700900123"))]

    leg = fold_call(events).legs[0]

    assert (leg.state, leg.transferred_to_extension) == ("ended", "07700900123")
    assert leg.transferred_to_leg_key is None


OUTSIDE_TALK = [
    inbound("ringing", "A", 0, extension="201"),
    inbound("answered", "A", 5, extension="201"),
    inbound("held", "A", 20, extension="201"),
]
COLLEAGUE = [
    consult("ringing", "B", 21, extension="202"),
    consult("answered", "B", 25, extension="202"),
]
FINISH = [inbound("ended", "A", 40), inbound("ended", "B", 100, extension="202")]
# How phone systems report one and the same attended transfer at 40 s.
ATTENDED_SHAPES = {
    "the target's consult leg goes on": [
        *OUTSIDE_TALK,
        *COLLEAGUE,
        inbound("transferred", "A", 40, transfer=attended("B")),
        *FINISH,
    ],
    "only the extension is named": [
        *OUTSIDE_TALK,
        *COLLEAGUE,
        inbound("transferred", "A", 40, transfer=attended(None, "202")),
        *FINISH,
    ],
    "the transferor has a consult leg too": [
        *OUTSIDE_TALK,
        consult("answered", "A2", 25, extension="201", external_raw="202"),
        *COLLEAGUE,
        inbound("transferred", "A", 40, transfer=attended("B")),
        consult("ended", "A2", 40, extension="201"),
        *FINISH,
    ],
    "the consult leg reports the transfer": [
        *OUTSIDE_TALK,
        consult("answered", "A2", 25, extension="201", external_raw="202"),
        *COLLEAGUE,
        consult("transferred", "A2", 40, extension="201", transfer=attended("B")),
        *FINISH,
    ],
    "the target's own consult leg reports it": [
        *OUTSIDE_TALK,
        *COLLEAGUE,
        consult("transferred", "B", 40, extension="202", transfer=attended("B")),
        *FINISH,
    ],
    "the target gets a new leg": [
        *OUTSIDE_TALK,
        consult("answered", "X", 25, extension="202"),
        inbound("transferred", "A", 40, transfer=attended("B")),
        consult("ended", "X", 39, extension="202"),
        inbound("ringing", "B", 40, extension="202"),
        inbound("answered", "B", 40, extension="202"),
        *FINISH,
    ],
}


@pytest.mark.parametrize("events", ATTENDED_SHAPES.values(), ids=ATTENDED_SHAPES)
def test_an_attended_transfer_is_two_talks_and_the_consult_none(
    events: list[CallEventData],
) -> None:
    call = fold_call(events)

    assert talks(call) == {"A": ("inbound", 35), "B": ("inbound", 60)}
    target = leg_of(call, "B")
    assert (target.answered_at, target.external_raw) == (at(40), "02079460123")
    assert target.transferred_from_leg_key == "A"
    assert (call.external_raw, call.direction) == ("02079460123", "inbound")


def test_a_transfer_before_the_colleague_answers_starts_with_the_answer() -> None:
    events = [
        *OUTSIDE_TALK,
        COLLEAGUE[0],
        inbound("transferred", "A", 24, transfer=attended("B")),
        COLLEAGUE[1],
        inbound("ended", "B", 85),
    ]

    assert talks(fold_call(events)) == {"A": ("inbound", 19), "B": ("inbound", 60)}


def test_an_abandoned_consult_stays_an_internal_talk() -> None:
    events = [
        *OUTSIDE_TALK,
        *COLLEAGUE,
        consult("ended", "B", 35, extension="202"),
        inbound("resumed", "A", 36),
        inbound("ended", "A", 65),
    ]

    call = fold_call(events)

    assert talks(call) == {"A": ("inbound", 60), "B": ("internal", 10)}
    assert (call.direction, call.outcome) == ("inbound", "answered")


def test_only_the_consult_that_ended_in_the_transfer_merges() -> None:
    given_up = [
        consult("answered", "X", 21, extension="202"),
        consult("ended", "X", 23, extension="202"),
    ]
    events = [*ATTENDED_SHAPES["the target's consult leg goes on"], *given_up]

    assert talks(fold_call(events)) == {
        "A": ("inbound", 35),
        "B": ("inbound", 60),
        "X": ("internal", 2),
    }


def test_transfers_chain() -> None:
    second = [
        inbound("transferred", "B", 95, transfer=blind("C")),
        inbound("answered", "C", 100, extension="203"),
        inbound("ended", "C", 110, extension="203"),
    ]

    call = fold_call([*BLIND, *second])

    assert talks(call) == {"A": ("inbound", 25), "B": ("inbound", 60), "C": ("inbound", 10)}
    assert leg_of(call, "C").external_raw == "02079460123"


def test_an_internal_call_transfers_among_colleagues() -> None:
    events = [
        consult("answered", "A", 5, extension="201", external_raw="202"),
        consult("answered", "B", 5, extension="202"),
        consult("transferred", "B", 30, extension="202", transfer=blind("C")),
        consult("answered", "C", 35, extension="203"),
        consult("ended", "A", 60, extension="201"),
        consult("ended", "C", 60, extension="203"),
    ]

    call = fold_call(events)

    assert call.direction == "internal"
    assert {key: seconds for key, (_, seconds) in talks(call).items()} == {
        "A": 55,
        "B": 25,
        "C": 25,
    }


def test_a_leg_cannot_be_transferred_to_itself() -> None:
    call = fold_call([inbound("transferred", "A", 30, answered_at=5, transfer=blind("A"))])

    assert call.legs[0].transferred_from_leg_key is None


def test_events_of_two_calls_are_refused() -> None:
    with pytest.raises(ValueError, match="one call, not of 2"):
        fold_call([ANSWERED[0], replace(ANSWERED[1], call_key="other")])
    with pytest.raises(ValueError, match="not of 0"):
        fold_call([])


moments = st.integers(0, 40).map(at)
snapshots = st.builds(
    LegSnapshot,
    direction=st.sampled_from((None, "inbound", "internal")),
    external_raw=st.sampled_from((None, "02079460123", "201")),
    extension=st.sampled_from((None, "201", "202")),
    started_at=st.none() | moments,
    answered_at=st.none() | moments,
    ended_at=st.none() | moments,
    end_cause=st.sampled_from((None, "busy", "normal")),
    caller_name=st.sampled_from((None, "Ana", "Bo")),
    transfer=st.sampled_from((None, None, attended("B"), blind("C"), attended(None, "202"))),
)


@st.composite
def event_sets(draw: st.DrawFn, transfers: bool = True) -> list[CallEventData]:
    kinds = ["ringing", "answered", "held", "resumed", "ended"] + ["transferred"] * transfers
    events = []
    for number in range(draw(st.integers(1, 9))):
        drawn = event(
            draw(st.sampled_from(kinds)),
            draw(st.sampled_from("ABC")),
            draw(st.integers(0, 40)),
            event_id=f"e-{number}",
        )
        snapshot = draw(snapshots)
        if not transfers:
            snapshot = replace(snapshot, transfer=None)
        events.append(replace(drawn, snapshot=snapshot))
    return events


@given(events=event_sets(), data=st.data())
def test_order_and_repetition_leave_no_mark(
    events: list[CallEventData], data: st.DataObject
) -> None:
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=6))
    shuffled = data.draw(st.permutations(repeated))

    assert fold_call(shuffled) == fold_call(events)


@given(events=event_sets())
def test_numbers_make_sense_whatever_is_reported(events: list[CallEventData]) -> None:
    call = fold_call(events)

    assert (call.ended_at is not None) == (call.outcome is not None) == (call.state == "ended")
    for leg in call.legs:
        assert 0 <= leg.held_seconds <= leg.talk_seconds or leg.talk_seconds == 0
        assert leg.answered_at or leg.talk_seconds == 0


RANK = {"ringing": 0, "answered": 1, "held": 1, "ended": 2}


@given(events=event_sets(transfers=False), data=st.data())
def test_one_more_event_never_moves_a_leg_back(
    events: list[CallEventData], data: st.DataObject
) -> None:
    late = data.draw(st.sampled_from(events))
    others = [e for e in events if e is not late]
    if not others:
        return
    after = {leg.leg_key: RANK[leg.state] for leg in fold_call(events).legs}

    for leg in fold_call(others).legs:
        assert RANK[leg.state] <= after[leg.leg_key]
