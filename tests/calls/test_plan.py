"""RULES A2 to A7, C1 and C9: what should stand in Salesforce for a call."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.explanation import no_record_cause
from calls.facts import LegFacts, LookupFacts, MemberFacts, OrgFacts, PlanFacts
from calls.plan import plan_call_writes
from calls.records import record_key
from integrations.planning import Plan
from tests.calls.events_builder import at
from tests.calls.facts_builder import (
    ACCOUNT,
    BEN,
    CALL,
    CLEO,
    CONTACT,
    INTERNAL_CALL,
    LEAD,
    ON,
    PERSON,
    QUEUE,
    facts,
    internal_leg,
    leg,
    rung,
)

UNANSWERED = replace(CALL, outcome="missed", ended_at=at(20))


def plan(known: PlanFacts, **options: Any) -> Plan:
    return plan_call_writes(known, {**ON, **options})


def stops(result: Plan) -> list[str]:
    return [line.rule for line in result.trace if line.outcome == "stopped"]


def outcomes(result: Plan, rule: str) -> list[str]:
    return [line.outcome for line in result.trace if line.rule == rule]


def test_an_answered_call_is_one_completed_task() -> None:
    result = plan(facts(candidates=(CONTACT,)))

    (write,) = result.writes
    subject = "Inbound Call at 12:00:00 from 07814256404 (Fred Bloggs)"
    assert write.target_key == "call:1:leg:A:task"
    assert (write.operation, write.sobject, write.feature) == ("create", "Task", "activity_history")
    assert write.owner_membership_id == BEN.membership_id
    assert (write.parent_key, write.subject_label) == (CONTACT.account_id, subject)
    assert write.fields == {
        "Subject": subject,
        "Description": subject,
        "Status": "Completed",
        "ActivityDate": "2026-11-21",
        "TaskSubtype": "Call",
        "CallType": "Inbound",
        "CallDurationInSeconds": 60,
        "CallDisposition": "Answered",
        "WhoId": CONTACT.record_id,
        "WhatId": None,
        "OwnerId": BEN.salesforce_user_id,
    }
    assert stops(result) == []


def test_neither_priority_nor_the_wire_key_is_ours_to_plan() -> None:
    (write,) = plan(facts()).writes

    assert {"Priority", "CallObject"}.isdisjoint(write.fields)


@pytest.mark.parametrize("options", [{}, {"activity_history": False}])
def test_activity_history_off_writes_nothing_and_says_so(options: dict[str, Any]) -> None:
    result = plan_call_writes(facts(), options)

    assert result.writes == ()
    assert stops(result) == ["C1"]


def test_without_an_org_nothing_is_planned() -> None:
    result = plan(facts(org=OrgFacts(org_id="")))

    assert (result.writes, stops(result)) == ((), ["E3"])


def test_the_orgs_own_closed_status_is_used() -> None:
    known = facts(org=OrgFacts(org_id="00D", closed_status="Erledigt"))

    assert plan(known).writes[0].fields["Status"] == "Erledigt"


def test_fields_that_the_connection_may_not_write_are_left_out_and_named() -> None:
    org = OrgFacts(org_id="00D", task_fields=frozenset({"WhoId", "OwnerId"}))

    result = plan(facts(org=org, candidates=(CONTACT,)))

    assert set(result.writes[0].fields) == {"Subject", "Status", "WhoId", "OwnerId"}
    assert outcomes(result, "MII-22") == ["flagged"]


def test_members_who_only_rang_stay_in_the_history() -> None:
    result = plan(facts(rung("B", CLEO, ended_at=at(5)), leg("A", BEN)))

    assert [write.target_key for write in result.writes] == ["call:1:leg:A:task"]
    assert "skipped" in outcomes(result, "A2")


def test_a_transfer_gives_each_member_a_record_of_their_own() -> None:
    first = leg(
        "A", BEN, ended_at=at(30), transferred_to_leg_key="B", transferred_to_extension="202"
    )
    second = leg(
        "B",
        CLEO,
        ring_started_at=at(31),
        answered_at=at(35),
        talk_seconds=30,
        transferred_from_leg_key="A",
    )

    ben, cleo = plan(facts(first, second, candidates=(CONTACT,))).writes

    assert ben.fields["CallDisposition"] == "Transferred to 202"
    assert (ben.fields["OwnerId"], cleo.fields["OwnerId"]) == (
        BEN.salesforce_user_id,
        CLEO.salesforce_user_id,
    )
    assert cleo.fields["CallDurationInSeconds"] == 30
    assert cleo.fields["Subject"] == "Inbound Call at 07:00:31 from 07814256404 (Fred Bloggs)"
    assert cleo.fields["Description"].endswith("\nTransferred from Ben")


def test_the_consult_of_a_transfer_writes_nothing() -> None:
    consult = internal_leg("A2", BEN, "202", is_consult=True)

    result = plan(facts(leg("A", BEN), consult))

    assert [write.target_key for write in result.writes] == ["call:1:leg:A:task"]
    assert outcomes(result, "A3") == ["skipped"]


def test_an_abandoned_consult_is_an_internal_record_under_nothing() -> None:
    known = facts(leg("A", BEN), internal_leg("B", CLEO, "201"), candidates=(CONTACT,))

    outside, inside = plan(known).writes

    assert outside.fields["WhoId"] == CONTACT.record_id
    assert inside.fields["CallType"] == "Internal"
    assert (inside.fields["WhoId"], inside.fields["WhatId"]) == (None, None)
    assert inside.fields["Subject"] == "Internal Call at 07:00:00 from 201 (Ben)"


def test_an_internal_call_is_one_record_for_each_who_talked_under_nothing() -> None:
    known = facts(
        internal_leg("A", BEN, "202"),
        internal_leg("B", CLEO, "201"),
        call=INTERNAL_CALL,
        candidates=(CONTACT,),
        lookup=LookupFacts("not needed"),
    )

    caller, called = plan(known).writes

    assert caller.fields["Subject"] == "Internal Call at 12:00:00 to 202 (Cleo)"
    assert called.fields["Subject"] == "Internal Call at 07:00:00 from 201 (Ben)"
    for write, member in ((caller, BEN), (called, CLEO)):
        assert write.fields["CallType"] == "Internal"
        assert (write.fields["WhoId"], write.fields["WhatId"]) == (None, None)
        assert write.fields["OwnerId"] == member.salesforce_user_id


def test_an_internal_leg_that_shows_its_own_number_is_named_by_the_other_end() -> None:
    known = facts(internal_leg("A", BEN, "202"), internal_leg("B", CLEO, "202"), call=INTERNAL_CALL)

    called = plan(known).writes[1]

    assert called.fields["Subject"] == "Internal Call at 07:00:00 from 201 (Ben)"


def test_a_transfer_that_names_only_the_leg_says_whose_extension_it_was() -> None:
    first = leg("A", BEN, ended_at=at(30), transferred_to_leg_key="B")
    second = rung("B", CLEO, transferred_from_leg_key="A")

    (write,) = plan(facts(first, second)).writes

    assert write.fields["CallDisposition"] == "Transferred to 202"


def test_internal_calls_may_be_left_out() -> None:
    known = facts(internal_leg("A", BEN, "202"), call=INTERNAL_CALL)

    result = plan(known, save_internal_calls=False)

    assert (result.writes, stops(result)) == ((), ["A6"])


def test_who_still_talks_gets_the_record_later() -> None:
    talking = leg("A", BEN, state="answered", ended_at=None, talk_seconds=0)

    result = plan(facts(talking, call=replace(CALL, ended_at=None, outcome=None)))

    assert (result.writes, stops(result)) == ((), ["A4"])


def test_a_record_is_due_at_transfer_while_the_call_goes_on() -> None:
    target = rung("B", CLEO, state="ringing", ended_at=None)

    result = plan(facts(leg("A", BEN), target, call=replace(CALL, ended_at=None, outcome=None)))

    assert [write.target_key for write in result.writes] == ["call:1:leg:A:task"]


@pytest.mark.parametrize(
    ("had_panel", "log_without_panel", "is_written"),
    [(False, True, True), (True, False, True), (False, False, False)],
)
def test_the_panel_matters_only_in_the_strict_reading(
    had_panel: bool, log_without_panel: bool, is_written: bool
) -> None:
    result = plan(facts(leg(had_panel=had_panel)), log_without_panel=log_without_panel)

    assert bool(result.writes) is is_written
    assert stops(result) == ([] if is_written else ["A5"])


def test_one_member_on_two_devices_at_once_is_one_record() -> None:
    result = plan(facts(leg("A", BEN), leg("A;2", BEN)))

    assert [write.target_key for write in result.writes] == ["call:1:leg:A:task"]


def test_a_call_that_comes_back_is_a_talk_of_its_own() -> None:
    back = leg("C", BEN, answered_at=at(70), ended_at=at(90))

    assert len(plan(facts(leg("A", BEN), back)).writes) == 2


@pytest.mark.parametrize(
    ("legs", "owner_id", "membership_id", "outcome"),
    [
        ((rung("A", BEN),), BEN.salesforce_user_id, 7, "applied"),
        ((rung("A", BEN), rung("A2", BEN)), BEN.salesforce_user_id, 7, "applied"),
        ((rung("A", BEN), rung("B", CLEO)), QUEUE, None, "applied"),
        ((rung("A", BEN), rung("B", None)), QUEUE, None, "applied"),
        ((rung("A", None),), QUEUE, None, "applied"),
        ((rung("A", replace(BEN, salesforce_user_id=None)),), QUEUE, 7, "flagged"),
    ],
)
def test_an_unanswered_call_is_one_record_of_the_only_member_rung(
    legs: tuple[LegFacts, ...], owner_id: str, membership_id: int | None, outcome: str
) -> None:
    result = plan(facts(*legs, call=UNANSWERED))

    (write,) = result.writes
    assert write.fields["OwnerId"] == owner_id
    assert write.owner_membership_id == membership_id
    assert (write.fields["CallDurationInSeconds"], write.fields["CallDisposition"]) == (0, "Missed")
    assert outcomes(result, "A2") == [outcome]


def test_unanswered_calls_may_be_left_out() -> None:
    result = plan(facts(rung(), call=UNANSWERED), record_unanswered="none")

    assert (result.writes, stops(result)) == ((), ["A2"])


def test_a_call_that_still_rings_is_not_unanswered_yet() -> None:
    call = replace(CALL, ended_at=None, outcome=None)

    result = plan(facts(rung(state="ringing", ended_at=None), call=call))

    assert (result.writes, stops(result)) == ((), ["A4"])


def test_an_unanswered_call_keeps_its_message_and_its_queue() -> None:
    known = facts(
        rung("A", BEN),
        rung("B", CLEO, voicemail_url="https://pbx.example/vm/1"),
        call=replace(UNANSWERED, outcome="voicemail", queue="Sales"),
    )

    fields = plan(known).writes[0].fields

    assert fields["CallDisposition"] == "Voicemail"
    assert fields["Description"].splitlines()[1:] == [
        "Queue: Sales",
        "Voicemail: https://pbx.example/vm/1",
    ]


@pytest.mark.parametrize("member", [None, replace(BEN, salesforce_user_id=None)])
def test_whom_salesforce_does_not_know_is_replaced_by_the_default_owner(
    member: MemberFacts | None,
) -> None:
    result = plan(facts(leg("A", member)))

    assert result.writes[0].fields["OwnerId"] == QUEUE
    assert outcomes(result, "A2") == ["flagged"]


def test_without_a_default_owner_salesforce_decides() -> None:
    result = plan(facts(leg("A", None), default_owner=None))

    assert "OwnerId" not in result.writes[0].fields


def test_an_outbound_call_goes_to_the_number_as_dialled() -> None:
    call = replace(CALL, direction="outbound")

    fields = plan(facts(leg(direction="outbound"), call=call)).writes[0].fields

    assert fields["CallType"] == "Outbound"
    assert fields["Subject"] == "Outbound Call at 12:00:00 to 07814256404"


@pytest.mark.parametrize(
    ("caller_name", "is_withheld", "subject"),
    [
        ("Bournemouth", False, "Inbound Call at 12:00:00 from 07814256404 (Bournemouth)"),
        (None, False, "Inbound Call at 12:00:00 from 07814256404"),
        (None, True, "Inbound Call at 12:00:00 from withheld number"),
    ],
)
def test_a_caller_without_record_is_named_as_the_network_names_them(
    caller_name: str | None, is_withheld: bool, subject: str
) -> None:
    call = replace(CALL, caller_name=caller_name, is_withheld=is_withheld)

    assert plan(facts(call=call)).writes[0].fields["Subject"] == subject


def test_an_outside_number_that_the_phone_system_calls_internal_is_not() -> None:
    call = replace(CALL, direction="internal")

    fields = plan(facts(leg(direction="internal"), call=call)).writes[0].fields

    assert fields["CallType"] == "Inbound"


def test_several_matches_leave_the_record_for_review() -> None:
    result = plan(facts(candidates=(CONTACT, LEAD)))

    (write,) = result.writes
    assert (write.fields["WhoId"], write.fields["WhatId"]) == (None, None)
    assert outcomes(result, "B3.6") == ["needs review"]


def test_the_options_given_decide_and_not_those_of_the_facts() -> None:
    known = facts(candidates=(CONTACT, LEAD), options={"activity_history": False})

    result = plan(known, multi_match="precedence")

    assert result.writes[0].fields["WhoId"] == CONTACT.record_id


def test_a_plan_survives_json() -> None:
    result = plan(facts(leg("A"), rung("B", CLEO), candidates=(CONTACT, LEAD)))

    assert Plan.from_json(json.loads(json.dumps(result.to_json()))) == result


def test_facts_of_a_later_release_are_refused() -> None:
    with pytest.raises(ValueError, match="schema 99"):
        PlanFacts.from_json({**facts().to_json(), "schema_version": 99})


def test_facts_of_another_release_are_read_without_what_they_lack() -> None:
    data = facts().to_json()
    del data["own_numbers"]
    data["call"]["mood"] = "good"

    assert PlanFacts.from_json(data) == facts()


members = st.sampled_from((None, BEN, CLEO, replace(BEN, salesforce_user_id=None)))
moments = st.integers(0, 90).map(at)


@st.composite
def drawn_legs(draw: st.DrawFn) -> tuple[LegFacts, ...]:
    legs = []
    for key in "ABCD"[: draw(st.integers(1, 4))]:
        drawn = leg(
            key,
            draw(members),
            direction=draw(st.sampled_from(("inbound", "outbound", "internal"))),
            ring_started_at=draw(moments),
            answered_at=draw(st.none() | moments),
            ended_at=draw(st.none() | moments),
            talk_seconds=draw(st.integers(0, 10**9)),
            is_internal=draw(st.booleans()),
            is_consult=draw(st.booleans()),
            had_panel=draw(st.booleans()),
            external_raw=draw(st.none() | st.text(max_size=12)),
            transferred_from_leg_key=draw(st.none() | st.sampled_from("ABCD")),
        )
        legs.append(drawn)
    return tuple(legs)


all_facts = st.builds(
    PlanFacts,
    call=st.builds(
        replace,
        st.just(CALL),
        direction=st.sampled_from(("inbound", "outbound", "internal")),
        is_internal=st.booleans(),
        is_withheld=st.booleans(),
        ended_at=st.none() | moments,
        outcome=st.sampled_from((None, "answered", "missed", "busy")),
        caller_name=st.none() | st.text(max_size=20),
        dial_source=st.sampled_from((None, "dial field", "handset")),
    ),
    legs=drawn_legs(),
    org=st.builds(
        OrgFacts,
        org_id=st.just("00D"),
        task_fields=st.none() | st.frozensets(st.sampled_from(("WhoId", "CallType", "OwnerId"))),
    ),
    lookup=st.builds(
        LookupFacts, state=st.sampled_from(("not needed", "found", "pending", "failed"))
    ),
    candidates=st.lists(st.sampled_from((CONTACT, LEAD, ACCOUNT, PERSON)), max_size=3).map(tuple),
    default_owner=st.none() | st.just(QUEUE),
    own_numbers=st.frozensets(st.sampled_from((CALL.external_e164 or "", "+18005550100"))),
)
all_options = st.fixed_dictionaries(
    {"activity_history": st.just(True)},
    optional={
        "log_without_panel": st.booleans(),
        "save_internal_calls": st.booleans(),
        "record_unanswered": st.sampled_from(("one", "none")),
        "multi_match": st.sampled_from(("none", "precedence", None)),
        "timezone_in_subject": st.booleans(),
        "subject_format": st.sampled_from(("24h/zone id", "12h/zone name")),
        "a later option": st.integers(),
    },
)


@given(known=all_facts, options=all_options)
def test_no_plan_breaks_the_laws(known: PlanFacts, options: dict[str, Any]) -> None:
    result = plan_call_writes(known, options)

    assert len({write.target_key for write in result.writes}) == len(result.writes)
    assert bool(result.writes) is not bool(stops(result))
    assert len(stops(result)) <= 1
    for write in result.writes:
        who_id = write.fields.get("WhoId") or ""
        assert not (who_id.startswith("00Q") and write.fields.get("WhatId"))
        assert 1 <= len(write.fields["Subject"]) <= 255
        assert write.fields.get("CallDurationInSeconds", 0) <= 99_999_999


@given(known=all_facts, options=all_options)
def test_a_member_never_has_two_records_for_one_moment(
    known: PlanFacts, options: dict[str, Any]
) -> None:
    keys = {write.target_key for write in plan_call_writes(known, options).writes}
    recorded = [
        talk
        for talk in known.legs
        if talk.has_talked and record_key(known.call.call_id, talk.leg_key) in keys
    ]

    for one, other in combinations(recorded, 2):
        is_inside = known.call.is_internal or one.is_internal == other.is_internal
        if one.member and one.member == other.member and is_inside:
            start = max(filter(None, (one.answered_at, other.answered_at)))
            end = min(filter(None, (one.ended_at, other.ended_at)))
            assert start >= end


@given(known=all_facts, options=all_options)
def test_only_a_call_that_nobody_answered_has_a_record_of_a_leg_that_rang(
    known: PlanFacts, options: dict[str, Any]
) -> None:
    writes = plan_call_writes(known, options).writes
    keys = [
        record_key(known.call.call_id, rang.leg_key) for rang in known.legs if not rang.has_talked
    ]

    assert sum(write.target_key in keys for write in writes) <= 1


@given(known=all_facts, options=all_options)
def test_kept_facts_plan_the_same_again(known: PlanFacts, options: dict[str, Any]) -> None:
    restored = PlanFacts.from_json(json.loads(json.dumps(known.to_json())))

    assert restored == known
    assert plan_call_writes(restored, options) == plan_call_writes(known, options)


@given(
    legs=st.lists(st.sampled_from([leg(), rung("B", CLEO), internal_leg("C", BEN, "202")])),
    history=st.booleans(),
    panel=st.booleans(),
    internal=st.booleans(),
    unanswered=st.sampled_from(["one", "none"]),
    legacy=st.booleans(),
    lookup=st.sampled_from(["found", "pending"]),
    ended=st.booleans(),
)
def test_whatever_stops_a_plan_is_one_of_the_named_causes(
    legs: list[LegFacts],
    history: bool,
    panel: bool,
    internal: bool,
    unanswered: str,
    legacy: bool,
    lookup: Any,
    ended: bool,
) -> None:
    call = CALL if ended else replace(CALL, ended_at=None)
    result = plan(
        facts(*legs, call=call, lookup=LookupFacts(lookup)),
        activity_history=history,
        log_without_panel=panel,
        save_internal_calls=internal,
        record_unanswered=unanswered,
        legacy=legacy,
    )

    assert bool(no_record_cause(result.trace)) is (not result.writes)
