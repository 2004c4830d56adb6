"""RULES C7: legacy mode writes one Task a call, under a Lead or a Contact, and makes Leads."""

from dataclasses import replace
from typing import Any

import pytest

from calls.facts import InteractionFacts, LegFacts, LookupFacts, PlanFacts
from calls.plan import plan_call_writes
from integrations.planning import NewLead, Plan
from integrations.salesforce.precedence import Candidate
from tests.calls.events_builder import at
from tests.calls.facts_builder import (
    ACCOUNT,
    BEN,
    CALL,
    CLEO,
    CONTACT,
    INTERNAL_CALL,
    LEAD,
    NUMBER,
    PERSON,
    facts,
    internal_leg,
    leg,
    rung,
)

KEY = "call:1:task"
OPEN_CALL = replace(CALL, ended_at=None, outcome=None)


def plan(known: PlanFacts, **options: Any) -> Plan:
    return plan_call_writes(known, {"activity_history": True, "legacy": True, **options})


def who(known: PlanFacts, **options: Any) -> str | None:
    (write,) = plan(known, **options).writes
    found: str | None = write.fields["WhoId"]
    return found


def lead_of(known: PlanFacts, **options: Any) -> NewLead | None:
    (write,) = plan(known, **options).writes
    return write.new_lead


def talking(key: str = "A", **changes: Any) -> LegFacts:
    return leg(key, state="answered", ended_at=None, talk_seconds=0, **changes)


NEWER_CONTACT = replace(
    CONTACT, record_id="003000000000009AAA", last_modified="2026-11-21T10:00:00.000+0000"
)


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ((CONTACT,), CONTACT.record_id),
        ((LEAD,), LEAD.record_id),
        ((CONTACT, LEAD), CONTACT.record_id),
        ((CONTACT, NEWER_CONTACT, LEAD), NEWER_CONTACT.record_id),
        ((ACCOUNT, LEAD), LEAD.record_id),
        ((PERSON, LEAD), PERSON.person_contact_id),
    ],
)
def test_the_record_is_a_contact_else_a_lead_the_newest_of_several(
    candidates: tuple[Candidate, ...], expected: str
) -> None:
    known = facts(candidates=candidates)
    assert who(known) == expected
    assert lead_of(known) is None


def test_an_account_alone_counts_as_nobody() -> None:
    known = facts(candidates=(ACCOUNT,))
    assert who(known) is None
    assert lead_of(known) is not None


def test_an_unknown_inbound_caller_becomes_a_lead_with_what_is_known() -> None:
    known = facts(call=replace(CALL, caller_name="Maria Silva"))
    assert lead_of(known) == NewLead(
        phone_e164=NUMBER,
        last_name="Maria Silva",
        company="[not provided]",
        phone=NUMBER,
        region="GB",
    )
    nameless = lead_of(facts(), local_numbers=True, full_region_names=True)
    assert nameless is not None
    assert (nameless.last_name, nameless.phone) == ("07814 256404", "07814 256404")
    assert nameless.full_region_names


@pytest.mark.parametrize(
    "known",
    [
        facts(leg(direction="outbound"), call=replace(CALL, direction="outbound")),
        facts(call=replace(CALL, external_raw="", external_e164=None, is_withheld=True)),
        facts(call=replace(CALL, external_raw="12", external_e164=None)),
        facts(own_numbers=frozenset({NUMBER})),
        facts(internal_leg("A", BEN, "202"), call=INTERNAL_CALL),
        facts(lookup=LookupFacts("failed", "away")),
        facts(lookup=LookupFacts("pending")),
    ],
    ids=["outbound", "withheld", "no number", "own number", "internal", "failed", "pending"],
)
def test_nobody_else_becomes_a_lead(known: PlanFacts) -> None:
    assert lead_of(known) is None


def test_a_missed_call_makes_a_lead_too_unless_such_calls_have_no_record() -> None:
    missed = facts(rung(), call=replace(CALL, outcome="missed", ended_at=at(20)))
    assert lead_of(missed) is not None
    assert plan(missed, record_unanswered="none").writes == ()


def test_the_task_stands_closed_at_the_answer_and_its_key_names_no_leg() -> None:
    (write,) = plan(facts(talking(), call=OPEN_CALL, candidates=(CONTACT,))).writes
    assert write.target_key == KEY
    assert (write.fields["Status"], write.fields["CallDurationInSeconds"]) == ("Completed", 0)
    assert write.fields["OwnerId"] == BEN.salesforce_user_id


def test_nothing_is_written_while_it_rings_or_the_search_is_out() -> None:
    ringing = facts(rung(ended_at=None, state="ringing"), call=OPEN_CALL)
    assert plan(ringing).writes == ()
    searching = facts(talking(), call=OPEN_CALL, lookup=LookupFacts("pending"))
    assert [line.rule for line in plan(searching).trace if line.outcome == "stopped"] == ["C7"]


def test_a_transfer_changes_the_same_task_and_who_talked_last_owns_it() -> None:
    first = leg("A", BEN, ended_at=at(30), talk_seconds=25, transferred_to_extension="202")
    second = leg("B", CLEO, ring_started_at=at(31), answered_at=at(35), talk_seconds=30)
    (before,) = plan(facts(first, call=OPEN_CALL, candidates=(CONTACT,))).writes
    (after,) = plan(facts(first, second, candidates=(CONTACT,))).writes

    assert before.target_key == after.target_key == KEY
    assert before.fields["CallDisposition"] == "Transferred to 202"
    assert after.fields["OwnerId"] == CLEO.salesforce_user_id
    assert after.owner_membership_id == CLEO.membership_id
    assert (after.fields["CallDisposition"], after.fields["CallDurationInSeconds"]) == (
        "Answered",
        55,
    )


def test_with_activity_history_off_legacy_does_nothing() -> None:
    result = plan(facts(), activity_history=False)
    assert (result.writes, [line.outcome for line in result.trace]) == ((), ["stopped"])


def test_the_trace_says_that_triggers_sleep_and_why_no_campaign_was_added() -> None:
    told = " ".join(line.text for line in plan(facts(candidates=(CONTACT,))).trace)
    assert "triggers sleep" in told
    assert "No campaign is known for +18005550100" in told


def test_a_choice_is_for_the_one_task_and_saying_none_makes_no_lead() -> None:
    chosen = InteractionFacts("", at(90), "Ben Carter", LEAD)
    (write,) = plan(facts(candidates=(CONTACT,), interactions=(chosen,))).writes
    assert (write.fields["WhoId"], write.new_lead) == (LEAD.record_id, None)

    nobody = replace(chosen, record=None)
    (write,) = plan(facts(interactions=(nobody,))).writes
    assert (write.fields["WhoId"], write.new_lead) == (None, None)
