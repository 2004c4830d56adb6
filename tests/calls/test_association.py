"""RULES B1, B3 and B4: what a call record is filed under."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from calls.association import associate
from calls.facts import CallFacts, InteractionFacts, LookupFacts
from calls.plan_options import PlanOptions
from integrations.salesforce.precedence import Candidate
from tests.calls.events_builder import at
from tests.calls.facts_builder import (
    ACCOUNT,
    CALL,
    CONTACT,
    INTERNAL_CALL,
    LEAD,
    NUMBER,
    PERSON,
    facts,
    internal_leg,
    leg,
)

TWIN = replace(CONTACT, record_id="003000000000002AAA", name="Bo Lind")


@pytest.mark.parametrize(
    ("candidates", "who_id", "what_id"),
    [
        ((CONTACT,), CONTACT.record_id, None),
        ((LEAD,), LEAD.record_id, None),
        ((ACCOUNT,), None, ACCOUNT.record_id),
        ((PERSON,), PERSON.person_contact_id, None),
        ((PERSON, TWIN), PERSON.person_contact_id, None),
        ((replace(PERSON, person_contact_id=None),), None, PERSON.record_id),
    ],
)
def test_a_single_match_takes_its_slot(
    candidates: tuple[Candidate, ...], who_id: str | None, what_id: str | None
) -> None:
    result = associate(leg(), facts(candidates=candidates))

    assert (result.who_id, result.what_id, result.rule) == (who_id, what_id, "B3.5")
    assert not result.needs_review
    assert [line.rule for line in result.trace] == ["B3.5", "B4"]
    assert {line.about for line in result.trace} == {"A"}


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_a_single_match_counts_in_both_directions(direction: Any) -> None:
    call = replace(CALL, direction=direction)
    result = associate(leg(direction=direction), facts(call=call, candidates=(CONTACT,)))

    assert result.who_id == CONTACT.record_id


@pytest.mark.parametrize(
    ("call", "lookup", "rule", "flag", "needs_review"),
    [
        (INTERNAL_CALL, "found", "B3.1", None, False),
        (replace(CALL, is_withheld=True, external_e164=None), "not needed", "B3.7", None, False),
        (replace(CALL, external_e164=None), "found", "B3.7", None, False),
        (CALL, "pending", "B3.7", "search pending", False),
        (CALL, "failed", "B3.7", "search failed", True),
        (CALL, "not needed", "B3.7", None, False),
    ],
)
def test_without_a_trustworthy_search_nothing_is_matched(
    call: CallFacts, lookup: Any, rule: str, flag: str | None, needs_review: bool
) -> None:
    known = facts(call=call, candidates=(CONTACT,), lookup=LookupFacts(lookup, "why not"))

    result = associate(leg(), known)

    assert (result.who_id, result.what_id, result.rule) == (None, None, rule)
    assert (result.flag, result.needs_review) == (flag, needs_review)


def test_a_consult_is_internal_even_inside_an_outside_call() -> None:
    result = associate(internal_leg("B", None, "201"), facts(candidates=(CONTACT,)))

    assert (result.who_id, result.rule) == (None, "B3.1")


def test_our_own_numbers_are_never_matched() -> None:
    known = facts(candidates=(CONTACT,), own_numbers=frozenset({NUMBER}))

    result = associate(leg(), known)

    assert (result.who_id, result.rule) == (None, "B1")


def test_nobody_holds_the_number() -> None:
    result = associate(leg(), facts())

    assert (result.who_id, result.what_id, result.rule) == (None, None, "B3.7")
    assert not result.needs_review


@pytest.mark.parametrize(
    ("options", "who_id", "needs_review"),
    [
        ({}, None, True),
        ({"search_dialog": False}, None, True),
        ({"multi_match": "none"}, None, False),
        ({"multi_match": "precedence"}, CONTACT.record_id, False),
        ({"multi_match": "precedence", "search_dialog": False}, CONTACT.record_id, False),
    ],
)
def test_several_matches_are_never_guessed_unless_the_workspace_says_how(
    options: dict[str, Any], who_id: str | None, needs_review: bool
) -> None:
    known = facts(candidates=(LEAD, ACCOUNT, CONTACT))

    result = associate(leg(), known, PlanOptions.read(options))

    assert (result.who_id, result.what_id, result.rule) == (who_id, None, "B3.6")
    assert result.needs_review is needs_review


@pytest.mark.parametrize(
    ("dial_source", "option", "is_filed"),
    [
        ("dial field", "associate", True),
        ("dial field", "none", False),
        ("handset", "none", True),
        (None, "none", True),
    ],
)
def test_the_dial_field_may_be_told_not_to_use_a_single_match(
    dial_source: Any, option: str, is_filed: bool
) -> None:
    known = facts(call=replace(CALL, dial_source=dial_source), candidates=(CONTACT,))
    options = PlanOptions.read({"manual_dial_single_match": option})

    result = associate(leg(), known, options)

    assert bool(result.who_id) is is_filed
    assert result.rule == "B3.5"


def test_without_other_options_those_of_the_facts_hold() -> None:
    known = facts(candidates=(LEAD, CONTACT), options={"multi_match": "precedence"})

    assert associate(leg(), known).who_id == CONTACT.record_id


@pytest.mark.parametrize(
    ("record", "parent_key"),
    [
        (CONTACT, CONTACT.account_id),
        (ACCOUNT, ACCOUNT.record_id),
        (LEAD, LEAD.record_id),
        (PERSON, PERSON.record_id),
    ],
)
def test_writes_of_one_parent_share_its_key(record: Candidate, parent_key: str) -> None:
    assert associate(leg(), facts(candidates=(record,))).parent_key == parent_key


def choice(record: Candidate | None, leg_key: str = "A", second: int = 90) -> InteractionFacts:
    return InteractionFacts(leg_key, at(second), "Ben Carter", record)


def test_what_a_person_chose_beats_every_match() -> None:
    result = associate(leg(), facts(candidates=(CONTACT,), interactions=(choice(LEAD),)))

    assert (result.who_id, result.rule, result.needs_review) == (LEAD.record_id, "B3.2", False)
    assert result.trace[0].text == f"Ben Carter chose Lead {LEAD.name}."


def test_the_latest_choice_counts_and_may_be_none_at_all() -> None:
    chosen = (choice(LEAD), choice(None, second=95))
    result = associate(leg(), facts(candidates=(CONTACT, LEAD), interactions=chosen))

    assert (result.who_id, result.what_id, result.needs_review) == (None, None, False)


def test_a_choice_is_for_its_leg_or_for_the_whole_call() -> None:
    elsewhere, everywhere = choice(LEAD, leg_key="B"), choice(LEAD, leg_key="")

    assert associate(leg(), facts(interactions=(elsewhere,))).who_id is None
    assert associate(leg(), facts(interactions=(everywhere,))).who_id == LEAD.record_id


def test_a_withheld_number_is_filed_where_a_person_says_and_an_internal_call_never() -> None:
    withheld = replace(CALL, is_withheld=True, external_e164=None)
    chosen = (choice(LEAD),)

    assert associate(leg(), facts(call=withheld, interactions=chosen)).who_id == LEAD.record_id
    inside = facts(call=INTERNAL_CALL, interactions=chosen)
    assert associate(internal_leg("A", None, "202"), inside).who_id is None


def test_a_chosen_record_that_is_gone_asks_again() -> None:
    gone = frozenset({LEAD.record_id})
    result = associate(leg(), facts(interactions=(choice(LEAD),), gone_records=gone))

    assert (result.who_id, result.needs_review, result.flag) == (None, True, "record gone")
