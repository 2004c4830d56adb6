"""Which Salesforce record a leg's call record is filed under (RULES B3, B4). Pure.

The first rule that holds decides, and several matches are never guessed (K-01). `facts.candidates`
are records whose standard phone fields were compared with the number (B1).
"""

from __future__ import annotations

from dataclasses import replace

from calls.facts import LegFacts, PlanFacts
from calls.interaction_rules import associate_by_choice, associate_by_page
from calls.plan_options import PlanOptions
from calls.record_slots import Association, describe_match, file_under, unfiled
from calls.screen import narrow
from integrations.planning import TraceLine
from integrations.salesforce.precedence import (
    Candidate,
    choose_directory_record,
    dedupe_person_accounts,
)


def associate(leg: LegFacts, facts: PlanFacts, options: PlanOptions | None = None) -> Association:
    """The record for `leg`; without `options` those of the facts are used."""
    chosen = options or PlanOptions.read(facts.options)
    association = (
        associate_internal(leg, facts)
        or associate_by_choice(facts, (leg.leg_key,))
        or associate_by_page(leg, facts)
        or associate_unmatched(facts)
        or _by_searched_matches(leg, facts, chosen)
    )
    association = leave_out_gone(association, facts)
    return replace(
        association,
        trace=tuple(replace(line, about=leg.leg_key) for line in association.trace),
    )


def associate_internal(leg: LegFacts, facts: PlanFacts) -> Association | None:
    """An internal call is filed under nothing, whatever anybody did (B3.1, CRC-96)."""
    if leg.is_internal or facts.call.is_internal:
        return unfiled("B3.1", "An internal call is filed under nothing.")
    return None


def associate_unmatched(facts: PlanFacts) -> Association | None:
    """Under nothing, where there are no matches to go by; None where they decide."""
    call = facts.call
    if call.is_withheld:
        return unfiled("B3.7", "The number is withheld, so it matches nothing.")
    if call.external_e164 is None:
        return unfiled("B3.7", f"“{call.external_raw}” is not a telephone number.")
    if call.external_e164 in facts.own_numbers:
        return unfiled("B1", f"{call.external_e164} is one of our own numbers: never matched.")
    if facts.lookup.state == "pending":
        text = "Salesforce has not answered the search yet; filed under nothing for now."
        return unfiled("B3.7", text, flag="search pending")
    if facts.lookup.state == "failed":
        reason = facts.lookup.reason or "no reason given"
        return unfiled("B3.7", f"The search failed: {reason}", flag="search failed", review=True)
    if facts.lookup.state == "not needed":
        reason = facts.lookup.reason or "it was not needed"
        return unfiled("B3.7", f"The number was not searched for: {reason}")
    return None


def _by_searched_matches(leg: LegFacts, facts: PlanFacts, options: PlanOptions) -> Association:
    """The matches that the softphone layout of the leg's member looks at (CRC-36)."""
    if leg.searched_objects is None:
        return _by_matches(leg, facts, options)
    searched = narrow(facts.candidates, leg.searched_objects)
    association = _by_matches(leg, replace(facts, candidates=searched), options)
    if len(searched) == len(facts.candidates):
        return association
    text = (
        "The softphone layout searches "
        f"{' and '.join(sorted(leg.searched_objects))} only: {len(searched)} of "
        f"{len(facts.candidates)} records count."
    )
    return replace(association, trace=(TraceLine("B1", text), *association.trace))


def _by_matches(leg: LegFacts, facts: PlanFacts, options: PlanOptions) -> Association:
    matches = dedupe_person_accounts(facts.candidates)
    if not matches:
        return unfiled("B3.7", f"No record holds {facts.call.external_e164}.")
    if len(matches) > 1:
        return _of_several(matches, options)
    # Who was reached by a transfer dialled nothing.
    was_dialled_by_hand = (
        facts.call.dial_source == "dial field" and leg.transferred_from_leg_key is None
    )
    if was_dialled_by_hand and options.manual_dial_single_match == "none":
        text = "Dialled in the dial field: a single match is not used (manual_dial_single_match)."
        return unfiled("B3.5", text)
    (match,) = matches
    return file_under(
        match, "B3.5", f"Exactly one record holds the number: {describe_match(match)}."
    )


def _of_several(matches: tuple[Candidate, ...], options: PlanOptions) -> Association:
    found = f"{len(matches)} records hold the number"
    if options.multi_match == "none":
        return unfiled("B3.6", f"{found}; the workspace files such calls under nothing.")
    if options.multi_match == "precedence":
        best = choose_directory_record(matches)
        if best:
            return file_under(
                best, "B3.6", f"{found}; by precedence (MII-10) {describe_match(best)}."
            )
    asked = (
        "nobody chose one in the search dialog"
        if options.search_dialog
        else "no trigger chose one and the search dialog is off"
    )
    text = f"{found} and {asked}; never guessed."
    return unfiled("B3.6", text, flag="several matches", review=True)


def leave_out_gone(association: Association, facts: PlanFacts) -> Association:
    """``association``, but under nothing where Salesforce said that its record cannot be used (C6).

    It holds until another record is found or chosen, however often the call is planned meanwhile.
    """
    if association.record is None or not facts.gone_records & {
        association.who_id,
        association.what_id,
    }:
        return association
    text = (
        f"Salesforce lets nothing be filed under {describe_match(association.record)}: it is gone "
        "or closed to Patchbay. A person must choose."
    )
    return replace(
        association,
        who_id=None,
        what_id=None,
        rule="C6",
        trace=(*association.trace, TraceLine("C6", text, "needs review")),
        needs_review=True,
        flag="record gone",
    )
