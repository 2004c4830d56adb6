"""What stands in Salesforce for a reported activity: tables of rules, without a database."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.activities.facts import ActivityFacts, MemberFacts, PlanFacts
from integrations.activities.plan import REPORTED_KINDS, plan_activity_writes
from integrations.activity_kinds import SOBJECT_OF, ActivityKind
from integrations.planning import Plan, PlannedWrite
from integrations.salesforce.precedence import Candidate

ON = {"activity_history": True}
CONTACT, LEAD, ACCOUNT = "003000000000001AAA", "00Q000000000001AAA", "001000000000001AAA"
OPPORTUNITY, CASE = "006000000000001AAA", "500000000000001AAA"
ANA = Candidate("Contact", CONTACT, "Ana Ito")
LEA = Candidate("Lead", LEAD, "Lea Berg")
BEN = MemberFacts(5, "Ben Carter", "005000000000001AAA", "America/Los_Angeles")
#: In Los Angeles it is still the day before.
EARLY = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


def facts(
    kind: str = "message_opened",
    candidates: tuple[Candidate, ...] = (ANA,),
    member: MemberFacts | None = BEN,
    **more: Any,
) -> PlanFacts:
    told = {"person_email": "ana@ito.test", "subject": "Spring", "source": "Mailer"} | more
    activity = ActivityFacts(7, kind, EARLY, **told)
    return PlanFacts(
        activity,
        org_id="00D000000000001EAA",
        candidates=candidates,
        member=member,
        default_owner="00G000000000001AAA",
        sync_user_id="005000000000009AAA",
    )


def plan(given_facts: PlanFacts) -> Plan:
    return plan_activity_writes(given_facts, ON)


def the_write(given_facts: PlanFacts) -> PlannedWrite:
    [write] = plan(given_facts).writes
    return write


@pytest.mark.parametrize("kind", REPORTED_KINDS)
def test_a_meeting_is_an_event_and_everything_else_a_completed_task(kind: ActivityKind) -> None:
    write = the_write(facts(kind))
    assert (write.sobject, write.activity) == (SOBJECT_OF[kind], kind)
    assert write.fields.get("Status") == ("Completed" if write.sobject == "Task" else None)
    assert ("StartDateTime" in write.fields) == (write.sobject == "Event")


def test_a_task_has_the_date_of_its_owner_and_says_what_it_was_about() -> None:
    write = the_write(facts(link="https://acme.test/offer", text="Clicked twice", phone_e164="+1"))
    assert write.fields["ActivityDate"] == "2026-11-19"
    assert write.fields["Subject"] == "Message opened: Spring"
    assert write.fields["Description"] == (
        "Clicked twice\n\nLink: https://acme.test/offer\nWith: ana@ito.test, +1"
    )
    assert write.fields["OwnerId"] == BEN.salesforce_user_id
    assert write.subject_label == "Message opened: Spring (Ana Ito)"


def test_an_event_has_the_times_of_the_meeting_and_reminds_nobody() -> None:
    ends_at = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
    write = the_write(
        facts(
            "meeting_confirmed",
            starts_at=datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
            ends_at=ends_at,
            location="Room 4",
        )
    )
    shown = ("Subject", "StartDateTime", "EndDateTime", "Location", "IsReminderSet")
    assert [write.fields[name] for name in shown] == [
        "Meeting: Spring",
        "2026-11-23T10:00:00Z",
        "2026-11-23T10:30:00Z",
        "Room 4",
        False,
    ]


@pytest.mark.parametrize(
    ("more", "who", "what", "outcomes"),
    [
        ({}, CONTACT, None, {"applied"}),
        ({"related_to_id": OPPORTUNITY}, CONTACT, OPPORTUNITY, {"applied"}),
        ({"candidates": (LEA,)}, LEAD, None, {"applied"}),
        # A Lead takes no second record.
        ({"candidates": (LEA,), "related_to_id": OPPORTUNITY}, LEAD, None, {"applied", "skipped"}),
        ({"record_id": LEAD, "related_to_id": OPPORTUNITY}, LEAD, None, {"applied", "skipped"}),
        # What the report names counts, whatever a search would bring.
        ({"record_id": CONTACT, "candidates": (LEA,)}, CONTACT, None, {"applied"}),
        ({"record_id": CASE}, None, CASE, {"applied"}),
        # Several are never guessed, and none is no reason to lose it.
        ({"candidates": (ANA, LEA)}, None, None, {"applied", "flagged"}),
        ({"candidates": ()}, None, None, {"applied", "flagged"}),
        (
            {"candidates": (), "related_to_id": OPPORTUNITY},
            None,
            OPPORTUNITY,
            {"applied", "flagged"},
        ),
        # A company, and a person account with its own person.
        ({"candidates": (Candidate("Account", ACCOUNT, "Ito"),)}, None, ACCOUNT, {"applied"}),
        (
            {
                "candidates": (
                    Candidate(
                        "Account", ACCOUNT, "Ito", is_person_account=True, person_contact_id=CONTACT
                    ),
                )
            },
            CONTACT,
            None,
            {"applied"},
        ),
    ],
)
def test_what_it_is_filed_under(
    more: dict[str, Any], who: str | None, what: str | None, outcomes: set[str]
) -> None:
    planned = plan(facts(**more))
    [write] = planned.writes
    assert (write.fields["WhoId"], write.fields["WhatId"]) == (who, what)
    assert write.parent_key == (who or what)
    assert {line.outcome for line in planned.trace} == outcomes


@pytest.mark.parametrize(
    ("changed", "options", "rule"),
    [
        ({}, {"activity_history": False}, "C1"),
        ({"org_id": ""}, ON, "E3"),
        ({"member": replace(BEN, withheld_by="role")}, ON, "MIX-15"),
        ({"member": replace(BEN, withheld_by="member")}, ON, "MIX-16"),
    ],
)
def test_where_nothing_is_written_one_line_says_why(
    changed: dict[str, Any], options: dict[str, Any], rule: str
) -> None:
    planned = plan_activity_writes(replace(facts(), **changed), options)
    assert planned.writes == ()
    [line] = planned.trace
    assert (line.rule, line.outcome) == (rule, "stopped")


def test_who_owns_it_where_no_member_can() -> None:
    """A queue may own a Task and no Event."""
    assert the_write(facts(member=None)).fields["OwnerId"] == "00G000000000001AAA"
    meeting = facts("meeting_confirmed", member=None)
    assert the_write(meeting).fields["OwnerId"] == "005000000000009AAA"
    stranger = plan(facts(member=replace(BEN, salesforce_user_id=None)))
    assert stranger.trace[-1].outcome == "flagged"


@given(
    st.sampled_from(REPORTED_KINDS),
    st.text(max_size=200),
    st.text(max_size=121),
    st.lists(st.sampled_from([ANA, LEA, Candidate("Account", ACCOUNT, "Ito")]), max_size=3),
)
def test_the_same_facts_make_the_same_record_and_it_fits(
    kind: ActivityKind, subject: str, name: str, candidates: list[Candidate]
) -> None:
    told = facts(kind, tuple(candidates), subject=subject, person_name=name)
    planned = plan(told)
    assert planned == plan(PlanFacts.from_json(told.to_json()))
    [write] = planned.writes
    assert len(write.fields["Subject"]) <= 255
    assert len(write.subject_label) <= 255
    assert Plan.from_json(planned.to_json()).trace == planned.trace
