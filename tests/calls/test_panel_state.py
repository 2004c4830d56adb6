"""What the panel shows: one leg a call, one badge, the buttons of the phase (B5, CRC-49)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.call_control import Control, controls_of
from calls.panel_state import PanelCall, PanelCallRow, PanelLeg, show_calls
from calls.presence import Check, PresenceFacts, judge_presence
from integrations.salesforce.precedence import Candidate

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def leg(state: str = "ringing", key: str = "leg-1", **more: Any) -> PanelLeg:
    """A leg that rings at noon, is answered after 5 s and ends after 65 s, as far as it got."""
    moments: dict[str, Any] = {"ring_started_at": NOON}
    if state != "ringing":
        moments["answered_at"] = at(5)
    if state == "ended":
        moments["ended_at"] = at(65)
    values: dict[str, Any] = {"leg_key": key, "state": state, "direction": "inbound"}
    return PanelLeg(**(values | moments | more))


def row(*legs: PanelLeg, call_id: int = 1, **more: Any) -> PanelCallRow:
    values: dict[str, Any] = {
        "external_raw": "+14155550123",
        "external_e164": "+14155550123",
        "lookup": "found",
    }
    return PanelCallRow(call_id=call_id, legs=legs or (leg(),), **(values | more))


def contact(number: int = 1, **more: Any) -> Candidate:
    values: dict[str, Any] = {
        "sobject": "Contact",
        "record_id": f"00300000000000{number}AAA",
        "name": f"Ana {number}",
        "account_name": "Initech",
    }
    return Candidate(**(values | more))


def shown(*rows: PanelCallRow, now: datetime = NOON, details: bool = True) -> tuple[PanelCall, ...]:
    return show_calls(rows, now=now, shows_details=details)


@pytest.mark.parametrize(
    ("candidates", "badge"),
    [
        ((), "new"),
        ((contact(),), "pop"),
        ((contact(1), contact(2)), "search"),
        # The hidden Contact of a person account is the same person (MII-02).
        (
            (
                contact(1),
                contact(
                    2,
                    sobject="Account",
                    is_person_account=True,
                    person_contact_id=contact(1).record_id,
                ),
            ),
            "pop",
        ),
    ],
)
def test_the_number_of_matches_decides_the_one_badge(
    candidates: tuple[Candidate, ...], badge: str
) -> None:
    (call,) = shown(row(candidates=candidates))
    assert (call.badge, call.no_badge) == (badge, "")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"is_internal": True, "candidates": (contact(),)}, "internal"),
        ({"is_withheld": True, "external_e164": ""}, "withheld"),
        ({"external_e164": "", "external_raw": "front door"}, "no_number"),
        ({"lookup": "pending"}, "searching"),
        ({"lookup": "failed"}, "search_failed"),
        ({"lookup": "not_needed"}, "not_searched"),
    ],
)
def test_where_nothing_can_match_the_panel_says_why(facts: dict[str, Any], reason: str) -> None:
    (call,) = shown(row(**facts))
    assert (call.badge, call.no_badge, call.records) == (None, reason, ())


def test_what_the_member_chose_is_popped_whatever_matched() -> None:
    (call,) = shown(row(candidates=(contact(1), contact(2)), chosen=contact(2)))
    assert (call.badge, call.is_chosen, call.caller) == ("pop", True, "Ana 2")
    assert [one.record_id for one in call.records] == [contact(2).record_id]


def test_without_details_a_record_is_its_type_and_name() -> None:
    (call,) = shown(row(candidates=(contact(),)), details=False)
    assert (call.records[0].sobject, call.records[0].name) == ("Contact", "Ana 1")
    assert call.records[0].account_name == ""


def test_a_hidden_number_is_not_shown_and_an_internal_one_is_the_colleagues() -> None:
    (hidden,) = shown(row(external_raw="anonymous", external_e164="", is_withheld=True))
    (inside,) = shown(row(leg(external_raw="202", direction="internal"), external_e164=""))
    assert (hidden.number, inside.number) == ("", "202")


@pytest.mark.parametrize(
    ("state", "phase", "controls"),
    [
        ("ringing", "ringing", ["answer", "hang_up"]),
        ("answered", "talking", ["hold", "transfer", "hang_up"]),
        ("held", "held", ["resume", "transfer", "hang_up"]),
        ("ended", "wrap_up", []),
    ],
)
def test_each_phase_has_its_buttons_and_only_those_that_the_phone_system_offers(
    state: str, phase: str, controls: list[str]
) -> None:
    (full,) = shown(row(leg(state), can_control=frozenset(Control)), now=at(70))
    assert (full.phase, list(full.controls)) == (phase, controls)
    (bare,) = shown(row(leg(state), can_control=controls_of("webhook")), now=at(70))
    assert bare.controls == ()


@pytest.mark.parametrize(
    ("ended", "now", "is_shown"),
    [
        (leg("ended"), at(124.9), True),
        (leg("ended"), at(125), False),
        (leg("ended", wrapped_up_at=at(70)), at(71), False),
        (leg("ended", answered_at=None), at(66), False),
        (leg("ended", is_consult=True), at(66), False),
    ],
)
def test_wrap_up_is_for_talk_and_ends_at_done_or_after_a_minute(
    ended: PanelLeg, now: datetime, is_shown: bool
) -> None:
    calls = shown(row(ended), now=now)
    assert [call.wrap_up_ends_at for call in calls] == [at(125)] * is_shown


def test_wrap_up_ends_when_the_next_leg_is_answered_but_not_when_it_rings() -> None:
    over = row(leg("ended"))
    rings = row(leg("ringing", ring_started_at=at(70)), call_id=2)
    talks = row(leg("answered", ring_started_at=at(70), answered_at=at(75)), call_id=2)
    assert [call.call_id for call in shown(over, rings, now=at(76))] == [2, 1]
    assert [call.call_id for call in shown(over, talks, now=at(76))] == [2]


def test_of_two_telephones_that_ring_the_answered_one_is_shown() -> None:
    (call,) = shown(row(leg(key="desk"), leg("answered", key="mobile")), now=at(6))
    assert (call.leg_key, call.phase) == ("mobile", "talking")


LEGS = st.builds(
    leg, st.sampled_from(["ringing", "answered", "held", "ended"]), st.sampled_from(["a", "b"])
)
ROWS = st.builds(
    lambda call_id, legs, candidates, lookup, chosen: row(
        *legs, call_id=call_id, candidates=tuple(candidates), lookup=lookup, chosen=chosen
    ),
    st.integers(1, 99),
    st.lists(LEGS, min_size=1, max_size=3),
    st.lists(st.builds(contact, st.integers(1, 4)), max_size=4),
    st.sampled_from(["not_needed", "pending", "found", "failed"]),
    st.none() | st.builds(contact, st.integers(5, 6)),
)


@given(
    st.lists(ROWS, max_size=4, unique_by=lambda one: one.call_id), st.integers(0, 200), st.randoms()
)
def test_any_order_of_rows_gives_one_panel_with_a_badge_or_a_reason_each(
    rows: list[PanelCallRow], seconds: int, random: Any
) -> None:
    calls = shown(*rows, now=at(seconds))
    shuffled = random.sample(rows, k=len(rows))
    assert shown(*shuffled, now=at(seconds)) == calls
    assert all(bool(call.badge) != bool(call.no_badge) for call in calls)
    assert all((call.badge == "search") == (len(call.records) > 1) for call in calls)


ALL_WELL: dict[str, Any] = {
    "script_version": 1,
    "has_phone_system": True,
    "is_phone_system_enabled": True,
    "last_event_failed": False,
    "extension": "201",
    "licence": "client",
}


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, None),
        ({"licence": "db"}, None),
        ({"script_version": None}, Check.PANEL_LIVE),
        ({"script_version": 0}, Check.PANEL_VERSION),
        ({"has_phone_system": False, "is_phone_system_enabled": False}, Check.PHONE_SYSTEM),
        ({"is_phone_system_enabled": False}, Check.PHONE_SYSTEM_ENABLED),
        ({"last_event_failed": True}, Check.PHONE_SYSTEM_HEALTHY),
        ({"extension": ""}, Check.EXTENSION),
        ({"licence": "none"}, Check.LICENCE),
    ],
)
def test_available_needs_every_precondition_and_the_first_that_fails_is_the_reason(
    facts: dict[str, Any], reason: Check | None
) -> None:
    presence = judge_presence(PresenceFacts(**(ALL_WELL | facts)))
    assert presence.reason == reason
    assert presence.state == ("not_connected" if reason else "available")
    assert [check for check, _ in presence.checks] == list(Check)
