"""RULES B3.2 to B3.4 and B4: what people do about a call decides where its record hangs."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.association import associate
from calls.facts import InteractionFacts, OrgFacts
from calls.interaction_kinds import INTERACTION_KINDS, InteractionKind
from calls.legacy import plan_legacy_record
from calls.ownership import owner_of_talk
from calls.plan_options import PlanOptions
from calls.record_slots import Association
from integrations.salesforce.precedence import Candidate
from tests.calls.events_builder import at
from tests.calls.facts_builder import (
    ACCOUNT,
    CALL,
    CLEO,
    CONTACT,
    INTERNAL_CALL,
    LEAD,
    PERSON,
    facts,
    internal_leg,
    leg,
)
from tests.harness.modules import ROOT

OTHER_CONTACT = replace(CONTACT, record_id="003000000000009AAA", name="Ann Other", account_id=None)
DEAL = Candidate("Opportunity", "006000000000001AAA", "Pumps", account_id=ACCOUNT.record_id)
FOREIGN_DEAL = replace(DEAL, record_id="006000000000002AAA", account_id="001000000000009AAA")
CASE = Candidate("Case", "500000000000001AAA", "Pump leaks")
USER = Candidate("User", "005000000000001AAA", "Ben")


def did(kind: InteractionKind, record: Candidate | None, at_second: float, key: str = "A") -> Any:
    return InteractionFacts(key, at(at_second), "Ben", record, kind)


def filed(*interactions: InteractionFacts, **changes: Any) -> Association:
    """Where the leg A is filed, when two records hold its number and these things were done."""
    known = facts(
        candidates=changes.pop("candidates", (LEAD, OTHER_CONTACT)),
        interactions=interactions,
        **changes,
    )
    return associate(known.legs[0], known)


def ids(association: Association) -> tuple[str | None, str | None]:
    return association.who_id, association.what_id


@pytest.mark.parametrize(
    ("done", "record_id", "rule"),
    [
        ([did("popped", CONTACT, 6)], CONTACT.record_id, "B3.3"),
        ([did("opened", LEAD, 6)], LEAD.record_id, "B3.3"),
        # The first was the wrong one, and the agent went on to another (CRC-60).
        ([did("popped", CONTACT, 6), did("opened", LEAD, 30)], LEAD.record_id, "B3.3"),
        ([did("opened", LEAD, 6), did("popped", CONTACT, 30)], CONTACT.record_id, "B3.3"),
        # A list, a home page or a user is no place for a record, and takes none away (CRC-70).
        ([did("popped", CONTACT, 6), did("opened", USER, 30)], CONTACT.record_id, "B3.3"),
        # What a person said comes before the pages that were open.
        ([did("chosen", CONTACT, 6), did("opened", LEAD, 30)], CONTACT.record_id, "B3.2"),
        ([did("created", LEAD, 6), did("opened", CONTACT, 30)], LEAD.record_id, "B3.2"),
        ([did("chosen", CONTACT, 6), did("created", LEAD, 30)], LEAD.record_id, "B3.2"),
        # The record that was dialled from, unless another was opened since.
        ([did("dialled", LEAD, -1)], LEAD.record_id, "B3.4"),
        ([did("dialled", LEAD, -1), did("opened", CONTACT, 9)], CONTACT.record_id, "B3.3"),
        ([did("dialled", LEAD, -1), did("chosen", CONTACT, 9)], CONTACT.record_id, "B3.2"),
    ],
)
def test_the_first_rule_that_holds_decides_and_of_one_rule_the_latest(
    done: list[InteractionFacts], record_id: str, rule: str
) -> None:
    result = filed(*done)

    assert (ids(result), result.rule) == ((record_id, None), rule)
    assert not result.needs_review


def test_what_was_overtaken_stays_in_the_trace() -> None:
    result = filed(did("popped", CONTACT, 6), did("opened", OTHER_CONTACT, 30))

    assert [line.text for line in result.trace[:2]] == [
        "Ben opened Contact Ann Other.",
        "Before that Ben popped Contact Fred Bloggs. The later one counts.",
    ]


@pytest.mark.parametrize("kind", get_args(InteractionKind))
def test_a_single_match_does_not_outweigh_what_somebody_did(kind: InteractionKind) -> None:
    result = filed(did(kind, LEAD, 6), candidates=(OTHER_CONTACT,))

    assert result.who_id == LEAD.record_id


@pytest.mark.parametrize("kind", ["popped", "opened", "dialled"])
def test_nothing_was_searched_for_and_the_open_page_counts_all_the_same(kind: Any) -> None:
    withheld = replace(CALL, is_withheld=True, external_e164=None)

    assert filed(did(kind, CASE, 6), call=withheld).what_id == CASE.record_id


@pytest.mark.parametrize("kind", get_args(InteractionKind))
def test_an_internal_call_goes_nowhere_whatever_is_opened(kind: InteractionKind) -> None:
    known = facts(call=INTERNAL_CALL, interactions=(did(kind, CONTACT, 6),))

    assert ids(associate(internal_leg("A", None, "202"), known)) == (None, None)


def test_each_leg_has_its_own_pages() -> None:
    second = leg("B", CLEO, transferred_from_leg_key="A")
    known = facts(leg(), second, candidates=(LEAD, CONTACT), interactions=(did("popped", LEAD, 6),))

    assert associate(known.legs[0], known).who_id == LEAD.record_id
    after_transfer = associate(second, known)
    assert (after_transfer.who_id, after_transfer.needs_review) == (None, True)


def test_who_was_reached_by_a_transfer_dialled_nothing() -> None:
    second = leg("B", CLEO, transferred_from_leg_key="A")
    call = replace(CALL, direction="outbound", dial_source="dial field")
    known = facts(leg(), second, call=call, candidates=(CONTACT,))
    options = PlanOptions(manual_dial_single_match="none")

    assert associate(known.legs[0], known, options).who_id is None
    assert associate(second, known, options).who_id == CONTACT.record_id


@pytest.mark.parametrize(
    ("done", "who_id", "what_id"),
    [
        # The company of the contact, in either order.
        (
            [did("opened", CONTACT, 6), did("opened", ACCOUNT, 9)],
            CONTACT.record_id,
            ACCOUNT.record_id,
        ),
        (
            [did("opened", ACCOUNT, 6), did("opened", CONTACT, 9)],
            CONTACT.record_id,
            ACCOUNT.record_id,
        ),
        ([did("popped", CONTACT, 6), did("chosen", DEAL, 9)], CONTACT.record_id, DEAL.record_id),
        (
            [did("dialled", CONTACT, -1), did("opened", DEAL, 9)],
            CONTACT.record_id,
            DEAL.record_id,
        ),
        # Of two that fit the later one; what came after the winner does not count.
        (
            [did("opened", ACCOUNT, 1), did("opened", DEAL, 2), did("opened", CONTACT, 3)],
            CONTACT.record_id,
            DEAL.record_id,
        ),
        ([did("chosen", CONTACT, 6), did("opened", DEAL, 9)], CONTACT.record_id, None),
        # Another company, one that is not known, or a lead: nothing is filled in.
        ([did("opened", CONTACT, 6), did("opened", FOREIGN_DEAL, 9)], None, FOREIGN_DEAL.record_id),
        ([did("opened", CONTACT, 6), did("opened", CASE, 9)], None, CASE.record_id),
        ([did("opened", OTHER_CONTACT, 6), did("opened", ACCOUNT, 9)], None, ACCOUNT.record_id),
        ([did("opened", ACCOUNT, 6), did("opened", LEAD, 9)], LEAD.record_id, None),
        ([did("opened", LEAD, 6), did("opened", ACCOUNT, 9)], None, ACCOUNT.record_id),
        # A person account is person and company in one.
        ([did("opened", PERSON, 6)], PERSON.person_contact_id, None),
        ([did("opened", PERSON, 6), did("opened", PERSON, 9)], PERSON.person_contact_id, None),
        ([did("opened", CONTACT, 6)], CONTACT.record_id, None),
    ],
)
def test_the_other_slot_is_filled_from_before_within_one_account(
    done: list[InteractionFacts], who_id: str | None, what_id: str | None
) -> None:
    assert ids(filed(*done)) == (who_id, what_id)


def test_a_record_that_is_gone_fills_no_slot() -> None:
    done = (did("opened", ACCOUNT, 6), did("opened", CONTACT, 9))
    result = filed(*done, gone_records=frozenset({ACCOUNT.record_id}))

    assert (ids(result), result.needs_review) == ((CONTACT.record_id, None), False)


@pytest.mark.parametrize(
    ("parents", "counts"),
    [(None, False), (frozenset({"Account"}), False), (frozenset({"Machine__c"}), True)],
)
def test_what_an_activity_can_hang_on_is_the_orgs_own_describe(
    parents: frozenset[str] | None, counts: bool
) -> None:
    machine = Candidate("Machine__c", "a00000000000001AAA", "Press 7")
    org = OrgFacts(org_id="00D000000000001AAA", task_parents=parents)

    assert (filed(did("opened", machine, 6), org=org).what_id is not None) is counts


def test_legacy_mode_has_one_task_and_takes_the_latest_choice_of_anybody() -> None:
    first, last = leg("A"), leg("B", CLEO, transferred_from_leg_key="A")
    known = facts(
        first,
        last,
        candidates=(OTHER_CONTACT,),
        interactions=(did("chosen", LEAD, 6), did("opened", CONTACT, 7, "B")),
    )

    write, _lines = plan_legacy_record(last, owner_of_talk(last, known), known, PlanOptions())

    assert write.fields["WhoId"] == LEAD.record_id


@given(
    done=st.lists(
        st.builds(
            did,
            st.sampled_from(get_args(InteractionKind)),
            st.sampled_from([CONTACT, LEAD, ACCOUNT, PERSON, DEAL, CASE, USER]),
            st.integers(0, 60),
            st.sampled_from(["A", "B", ""]),
        ),
        max_size=8,
    ),
    seed=st.integers(0, 1000),
)
def test_neither_order_nor_repetition_changes_anything(
    done: list[InteractionFacts], seed: int
) -> None:
    shuffled = done + done[: len(done) // 2]
    random.Random(seed).shuffle(shuffled)

    assert filed(*shuffled) == filed(*done)


def test_the_table_of_the_docs_is_the_table_of_the_code() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    section = text.partition("## What people do about a call")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]

    assert {(kind.strip(" `"), rule.strip()) for kind, rule in rows} == {
        (kind, meaning.rule) for kind, meaning in INTERACTION_KINDS.items()
    }
