"""Facts for the planner in a few words; times are seconds after noon UTC."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from calls.facts import CallFacts, LegFacts, LookupFacts, MemberFacts, OrgFacts, PlanFacts
from integrations.salesforce.precedence import Candidate
from tests.calls.events_builder import at

NUMBER = "+447814256404"
ON = {"activity_history": True}

BEN = MemberFacts(7, "Ben", "005000000000007AAA", "Europe/London", True, "201")
CLEO = MemberFacts(8, "Cleo", "005000000000008AAA", "America/New_York", True, "202")
QUEUE = "00G000000000001AAA"

CONTACT = Candidate(
    sobject="Contact",
    record_id="003000000000001AAA",
    name="Fred Bloggs",
    account_id="001000000000001AAA",
    account_name="Bloggs Ltd",
    phones={"MobilePhone": "07814256404"},
    last_modified="2026-11-20T10:00:00.000+0000",
)
LEAD = Candidate(sobject="Lead", record_id="00Q000000000001AAA", name="Fred B.")
ACCOUNT = Candidate(
    sobject="Account",
    record_id="001000000000001AAA",
    name="Bloggs Ltd",
    account_id="001000000000001AAA",
)
PERSON = Candidate(
    sobject="Account",
    record_id="001000000000002AAA",
    name="Bo Lind",
    is_person_account=True,
    person_contact_id="003000000000002AAA",
)


def leg(key: str = "A", member: MemberFacts | None = BEN, **changes: Any) -> LegFacts:
    """An inbound leg that rang at 0 s, was answered at 5 s and ended at 65 s."""
    answered = LegFacts(
        leg_key=key,
        direction="inbound",
        state="ended",
        ring_started_at=at(0),
        answered_at=at(5),
        ended_at=at(65),
        held_seconds=10,
        talk_seconds=60,
        is_internal=False,
        member=member,
        extension=member.extension if member else None,
        external_raw="07814256404",
    )
    return replace(answered, **changes)


def rung(key: str = "A", member: MemberFacts | None = BEN, **changes: Any) -> LegFacts:
    """A leg that only rang, for 20 s."""
    unanswered = {"answered_at": None, "ended_at": at(20), "talk_seconds": 0, "held_seconds": 0}
    return leg(key, member, **{**unanswered, **changes})


def internal_leg(key: str, member: MemberFacts | None, far: str | None, **changes: Any) -> LegFacts:
    return leg(key, member, direction="internal", is_internal=True, external_raw=far, **changes)


CALL = CallFacts(
    call_id=1,
    call_key="c1",
    direction="inbound",
    external_raw="07814256404",
    external_e164=NUMBER,
    is_internal=False,
    is_withheld=False,
    started_at=at(0),
    ended_at=at(65),
    did="+18005550100",
    outcome="answered",
)
INTERNAL_CALL = replace(
    CALL, direction="internal", external_raw="202", external_e164=None, is_internal=True, did="202"
)


def facts(*legs: LegFacts, call: CallFacts = CALL, **changes: Any) -> PlanFacts:
    """Facts of an outside call whose number nobody has; `candidates` and the rest as given."""
    known = PlanFacts(
        call=call,
        legs=legs or (leg(),),
        org=OrgFacts(org_id="00D000000000001AAA"),
        lookup=LookupFacts("found"),
        options=ON,
        options_revision=3,
        default_owner=QUEUE,
    )
    return replace(known, **changes)
