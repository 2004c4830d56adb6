"""The record of a message: whether, where and how, with the rule that decided."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.salesforce.precedence import Candidate
from sms.facts import MemberFacts, MessageFacts, PlanFacts
from sms.plan import plan_message_writes

ON = {"activity_history": True, "mirror_campaign_sms": "each"}
ANN = MemberFacts(7, "Ann", "005000000000001AAA")
CONTACT = Candidate("Contact", "003000000000001AAA", "Bo Li", account_id="001000000000001AAA")
LEAD = Candidate("Lead", "00Q000000000001AAA", "Bo Li")
ACCOUNT = Candidate("Account", "001000000000001AAA", "Acme")


def facts(message: dict[str, Any] | None = None, **fields: Any) -> PlanFacts:
    sent = MessageFacts(
        message_id=1,
        is_inbound=False,
        origin="compose",
        purpose="conversation",
        state="delivered",
        state_label="Delivered",
        was_handed_over=True,
        phone_e164="+447700900123",
        our_number="+442079460000",
        text="Hello",
        created_at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC),
        person_sobject="Contact",
        person_record_id=CONTACT.record_id,
        person_name="Bo Li",
    )
    values: dict[str, Any] = {
        "message": replace(sent, **message or {}),
        "org_id": "00D000000000001AAA",
        "member": ANN,
        "default_owner": "005000000000009AAA",
        "time_zone": "Europe/Berlin",
    }
    return PlanFacts(**values | fields)


STRANGER = {
    "is_inbound": True,
    "was_handed_over": False,
    "state": "received",
    "state_label": "Received",
    "person_sobject": "",
    "person_record_id": "",
    "person_name": "",
}


def test_a_text_becomes_one_closed_task() -> None:
    (write,) = plan_message_writes(facts(), ON).writes
    assert (write.target_key, write.sobject, write.activity) == (
        "message:1:task",
        "Task",
        "message_delivered",
    )
    assert write.fields == {
        "Subject": "SMS to +447700900123 (Bo Li)",
        "Description": "Hello\n\nFrom: +442079460000\nStatus: Delivered",
        "Status": "Completed",
        "ActivityDate": "2026-11-23",
        "WhoId": CONTACT.record_id,
        "WhatId": None,
        "OwnerId": ANN.salesforce_user_id,
    }


@pytest.mark.parametrize(
    ("changes", "options", "rule"),
    [
        ({}, ON | {"activity_history": False}, "C1"),
        ({"org_id": ""}, ON, "E3"),
        ({"message": {"purpose": "test"}}, ON, "D4"),
        ({"message": {"was_handed_over": False, "state": "skipped"}}, ON, "D4"),
        ({"message": {"origin": "campaign"}}, ON | {"mirror_campaign_sms": "status"}, "D4"),
        ({"message": {"origin": "campaign"}}, ON | {"mirror_campaign_sms": "none"}, "D4"),
        ({"member": replace(ANN, withheld_by="role")}, ON, "MIX-15"),
        ({"member": replace(ANN, withheld_by="member")}, ON, "MIX-16"),
    ],
)
def test_where_nothing_is_written_the_first_reason_is_told(
    changes: dict[str, Any], options: dict[str, Any], rule: str
) -> None:
    message = changes.pop("message", None)
    plan = plan_message_writes(facts(message, **changes), options)
    assert plan.writes == ()
    assert [(line.rule, line.outcome) for line in plan.trace] == [(rule, "stopped")]


@pytest.mark.parametrize(
    ("message", "candidates", "who", "what", "outcome"),
    [
        ({"campaign_record_id": "701"}, None, CONTACT.record_id, "701", "applied"),
        (
            {
                "person_sobject": "Lead",
                "person_record_id": LEAD.record_id,
                "campaign_record_id": "701",
            },
            None,
            LEAD.record_id,
            None,
            "applied",
        ),
        (
            {"person_sobject": "Account", "person_record_id": ACCOUNT.record_id},
            None,
            None,
            ACCOUNT.record_id,
            "applied",
        ),
        (STRANGER, (CONTACT,), CONTACT.record_id, None, "applied"),
        (STRANGER, (ACCOUNT,), None, ACCOUNT.record_id, "applied"),
        (STRANGER, (CONTACT, LEAD), None, None, "needs review"),
        (STRANGER, (), None, None, "needs review"),
    ],
)
def test_where_it_is_filed(
    message: dict[str, Any],
    candidates: tuple[Candidate, ...] | None,
    who: str | None,
    what: str | None,
    outcome: str,
) -> None:
    plan = plan_message_writes(facts(message, candidates=candidates), ON)
    (write,) = plan.writes
    assert (write.fields["WhoId"], write.fields["WhatId"]) == (who, what)
    assert plan.trace[1].outcome == outcome


def test_a_lead_of_a_campaign_is_told_in_the_description() -> None:
    lead = {"person_sobject": "Lead", "campaign_record_id": "701", "campaign_name": "Spring"}
    (write,) = plan_message_writes(facts(lead), ON).writes
    assert "Campaign: Spring" in write.fields["Description"]


def test_facts_survive_their_json() -> None:
    known = facts(STRANGER, candidates=(CONTACT,))
    assert PlanFacts.from_json(known.to_json()) == known


def test_a_long_name_is_cut_and_never_the_number() -> None:
    (write,) = plan_message_writes(facts({"person_name": "x" * 300}), ON).writes
    assert len(write.fields["Subject"]) == 255
    assert write.fields["Subject"].startswith("SMS to +447700900123 (x")
