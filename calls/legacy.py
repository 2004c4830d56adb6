"""Legacy mode: one Task for a whole call, under a Lead or a Contact (RULES C7, CTM-07, 08). Pure.

The Task is written closed when the call is answered and changed at transfers and at the end; it
belongs to who talked last. An inbound call from a valid number that nobody has makes a Lead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from calls.association import associate_internal, associate_unmatched, leave_out_gone
from calls.facts import LegFacts, PlanFacts
from calls.interaction_rules import associate_by_choice
from calls.ownership import Owner
from calls.plan_options import PlanOptions
from calls.record_selection import RecordDue, select_records
from calls.record_slots import Association, describe_match, file_under
from calls.records import build_write
from integrations.phones import format_local, region_of
from integrations.planning import CampaignToJoin, NewLead, PlannedWrite, TraceLine
from integrations.salesforce.precedence import (
    Candidate,
    choose_directory_record,
    dedupe_person_accounts,
)

#: What Salesforce itself puts where a Lead's company is not known.
UNKNOWN_COMPANY = "[not provided]"
_MAX_LAST_NAME_LENGTH = 80  # Salesforce: Lead.LastName


def legacy_record_key(call_id: int) -> str:
    """The target key of a call's one Task; it names no leg (C7)."""
    return f"call:{call_id}:task"


def written_number(e164: str, options: PlanOptions) -> str:
    """A number as it stands in the phone fields that we write (A7, CTM-11, CTM-12)."""
    return format_local(e164) if options.local_numbers else e164


def select_legacy_record(facts: PlanFacts, options: PlanOptions) -> Iterator[RecordDue | TraceLine]:
    """The call's record, once somebody talks or, where nobody does, once it is over.

    A call that goes on waits for the search: a Lead can only be made together with its Task.
    """
    if facts.lookup.state == "pending" and facts.call.ended_at is None:
        text = "Salesforce has not said yet whose number it is; the record follows."
        yield TraceLine("C7", text, "skipped")
        return
    yield from select_records(replace(facts, legs=_as_one_leg(facts)), options)


def _as_one_leg(facts: PlanFacts) -> tuple[LegFacts, ...]:
    """The call as the talk of who talked last, from its first ring; its legs if nobody talked."""
    talks = [
        leg for leg in facts.legs if leg.has_talked and leg.is_internal == facts.call.is_internal
    ]
    if not talks:
        return facts.legs
    last = max(talks, key=lambda leg: (leg.answered_at or leg.ring_started_at, leg.leg_key))
    whole = replace(
        last,
        ring_started_at=facts.call.started_at,
        # The record is closed from the start: it says how the call stands, not that it is over.
        ended_at=last.ended_at or last.answered_at,
        talk_seconds=sum(leg.talk_seconds for leg in talks),
        had_panel=any(leg.had_panel for leg in talks),
    )
    return (whole,)


def plan_legacy_record(
    leg: LegFacts, owner: Owner, facts: PlanFacts, options: PlanOptions
) -> tuple[PlannedWrite, tuple[TraceLine, ...]]:
    """The call's Task, with a new Lead where nobody has the number, and why."""
    # One Task for all: the latest choice counts, whoever of those who talked made it.
    association = (
        associate_internal(leg, facts)
        or associate_by_choice(facts, [one.leg_key for one in facts.legs])
        or associate_unmatched(facts)
        or _by_people(facts)
    )
    association = leave_out_gone(association, facts)
    key = legacy_record_key(facts.call.call_id)
    write, lines = build_write(key, leg, owner, association, facts, options)
    if association.rule == "C7" and association.record is None:
        lead, line = _new_lead(facts, options)
        write, lines = replace(write, new_lead=lead), (*lines, line)
    campaign, line_of_campaign = _campaign_of(write, facts)
    return replace(write, campaign=campaign), (*lines, *line_of_campaign)


def _campaign_of(
    write: PlannedWrite, facts: PlanFacts
) -> tuple[CampaignToJoin | None, tuple[TraceLine, ...]]:
    """The campaign that the person joins, and why or why not (CTM-09)."""
    number = facts.tracked_number
    if number is None or not number.campaign_id:
        if not facts.call.did:
            return None, ()
        text = f"No campaign is known for {facts.call.did}, so none is added."
        return None, (TraceLine("C7", text),)
    if not write.fields["WhoId"] and write.new_lead is None:
        text = f"The Task hangs on nobody, so nobody joins the campaign “{number.campaign_name}”."
        return None, (TraceLine("C7", text),)
    text = (
        f"{number.e164} is “{number.label}”: whoever the Task hangs on joins the campaign "
        f"“{number.campaign_name}”."
    )
    line = TraceLine("C7", text)
    return CampaignToJoin(number.campaign_id, number.campaign_name), (line,)


def _by_people(facts: PlanFacts) -> Association:
    """A Contact (or person account) before a Lead, the newest of several; nothing else counts."""
    people = [one for one in dedupe_person_accounts(facts.candidates) if _is_person(one)]
    chosen = choose_directory_record(people)
    if chosen is None:
        text = f"No Lead or Contact holds {facts.call.external_e164}."
        return Association(None, None, "C7", (TraceLine("C7", text),))
    which = "The one that holds" if len(people) == 1 else f"Of {len(people)} that hold"
    return file_under(chosen, "C7", f"{which} the number: {describe_match(chosen)}.")


def _is_person(candidate: Candidate) -> bool:
    return candidate.sobject in ("Contact", "Lead") or candidate.is_person_account


def _new_lead(facts: PlanFacts, options: PlanOptions) -> tuple[NewLead | None, TraceLine]:
    call = facts.call
    if call.direction != "inbound" or call.external_e164 is None:
        return None, TraceLine("C7", "Only an inbound call makes a Lead.")
    if facts.similar_records:
        text = (
            "A duplicate rule of the org refused a new Lead, and not exactly one of the records "
            "that it named holds the number. A person must choose."
        )
        return None, TraceLine("C3", text, "needs review")
    phone = written_number(call.external_e164, options)
    lead = NewLead(
        phone_e164=call.external_e164,
        last_name=(call.caller_name or phone)[:_MAX_LAST_NAME_LENGTH],
        company=UNKNOWN_COMPANY,
        phone=phone,
        region=region_of(call.external_e164),
        full_region_names=options.full_region_names,
        runs_assignment_rules=options.run_assignment_rules,
    )
    return lead, TraceLine("C7", f"A Lead “{lead.last_name}” is made together with the Task.")
