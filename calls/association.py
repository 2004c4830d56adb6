"""Which Salesforce record a leg's call record is filed under (RULES B3, B4). Pure.

The first rule that holds decides, and several matches are never guessed (K-01). `facts.candidates`
are records whose standard phone fields were compared with the number (B1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from calls.facts import LegFacts, PlanFacts
from calls.plan_options import PlanOptions
from calls.screen import narrow
from integrations.planning import Outcome, TraceLine
from integrations.salesforce.precedence import (
    Candidate,
    choose_directory_record,
    dedupe_person_accounts,
)


@dataclass(frozen=True, slots=True)
class Association:
    """Where a call record goes. `who_id` and `what_id` are the Task's slots, `rule` what decided.

    `needs_review`: a person must choose; `flag` says in short why there is no record, or None.
    `record` is the record itself, for its name and its account; it has a name even when it is gone.
    """

    who_id: str | None
    what_id: str | None
    rule: str
    trace: tuple[TraceLine, ...]
    needs_review: bool = False
    flag: str | None = None
    record: Candidate | None = None

    @property
    def parent_key(self) -> str | None:
        """The record that Salesforce locks with the Task: writes of one parent go together."""
        if self.record is None or not (self.who_id or self.what_id):
            return None
        return self.record.account_id or self.record.record_id


def associate(leg: LegFacts, facts: PlanFacts, options: PlanOptions | None = None) -> Association:
    """The record for `leg`; without `options` those of the facts are used."""
    chosen = options or PlanOptions.read(facts.options)
    association = associate_without_matches(leg, facts) or _by_searched_matches(leg, facts, chosen)
    association = leave_out_gone(association, facts)
    return replace(
        association,
        trace=tuple(replace(line, about=leg.leg_key) for line in association.trace),
    )


def associate_without_matches(leg: LegFacts, facts: PlanFacts) -> Association | None:
    """What is clear before any match counts; None where the matches decide."""
    call = facts.call
    if leg.is_internal or call.is_internal:
        return _unfiled("B3.1", "An internal call is filed under nothing.")
    if chosen := _by_choice(leg, facts):
        return chosen
    if call.is_withheld:
        return _unfiled("B3.7", "The number is withheld, so it matches nothing.")
    if call.external_e164 is None:
        return _unfiled("B3.7", f"“{call.external_raw}” is not a telephone number.")
    if call.external_e164 in facts.own_numbers:
        return _unfiled("B1", f"{call.external_e164} is one of our own numbers: never matched.")
    if facts.lookup.state == "pending":
        text = "Salesforce has not answered the search yet; filed under nothing for now."
        return _unfiled("B3.7", text, flag="search pending")
    if facts.lookup.state == "failed":
        reason = facts.lookup.reason or "no reason given"
        return _unfiled("B3.7", f"The search failed: {reason}", flag="search failed", review=True)
    if facts.lookup.state == "not needed":
        reason = facts.lookup.reason or "it was not needed"
        return _unfiled("B3.7", f"The number was not searched for: {reason}")
    return None


def _by_choice(leg: LegFacts, facts: PlanFacts) -> Association | None:
    """The latest choice of a person (B3.2)."""
    choices = [one for one in facts.interactions if one.leg_key in ("", leg.leg_key)]
    if not choices:
        return None
    latest = choices[-1]
    if latest.record is None:
        return _unfiled("B3.2", f"{latest.by} decided that none of the records is right.")
    return file_under(latest.record, "B3.2", f"{latest.by} chose {describe_match(latest.record)}.")


def _by_searched_matches(leg: LegFacts, facts: PlanFacts, options: PlanOptions) -> Association:
    """The matches that the softphone layout of the leg's member looks at (CRC-36)."""
    if leg.searched_objects is None:
        return _by_matches(facts, options)
    searched = narrow(facts.candidates, leg.searched_objects)
    association = _by_matches(replace(facts, candidates=searched), options)
    if len(searched) == len(facts.candidates):
        return association
    text = (
        "The softphone layout searches "
        f"{' and '.join(sorted(leg.searched_objects))} only: {len(searched)} of "
        f"{len(facts.candidates)} records count."
    )
    return replace(association, trace=(TraceLine("B1", text), *association.trace))


def _by_matches(facts: PlanFacts, options: PlanOptions) -> Association:
    matches = dedupe_person_accounts(facts.candidates)
    if not matches:
        return _unfiled("B3.7", f"No record holds {facts.call.external_e164}.")
    if len(matches) > 1:
        return _of_several(matches, options)
    was_dialled_by_hand = facts.call.dial_source == "dial field"
    if was_dialled_by_hand and options.manual_dial_single_match == "none":
        text = "Dialled in the dial field: a single match is not used (manual_dial_single_match)."
        return _unfiled("B3.5", text)
    (match,) = matches
    return file_under(
        match, "B3.5", f"Exactly one record holds the number: {describe_match(match)}."
    )


def _of_several(matches: tuple[Candidate, ...], options: PlanOptions) -> Association:
    found = f"{len(matches)} records hold the number"
    if options.multi_match == "none":
        return _unfiled("B3.6", f"{found}; the workspace files such calls under nothing.")
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
    return _unfiled("B3.6", text, flag="several matches", review=True)


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


def file_under(record: Candidate, rule: str, text: str) -> Association:
    """The association with `record`, in the slot that its kind takes (B4)."""
    who_id, what_id, slot = _slots(record)
    trace = (TraceLine(rule, text), TraceLine("B4", slot))
    return Association(who_id, what_id, rule, trace, record=record)


def _slots(record: Candidate) -> tuple[str | None, str | None, str]:
    """WhoId, WhatId and why (B4)."""
    if record.sobject == "Lead":
        return record.record_id, None, "A Lead takes WhoId, and WhatId stays empty."
    if record.sobject == "Contact":
        text = "A Contact takes WhoId; Salesforce derives the account."
        return record.record_id, None, text
    if record.is_person_account and record.person_contact_id:
        return record.person_contact_id, None, "A person account takes WhoId with its contact."
    return None, record.record_id, f"The {record.sobject} takes WhatId."


def _unfiled(rule: str, text: str, *, flag: str | None = None, review: bool = False) -> Association:
    outcome: Outcome = "needs review" if review else "flagged" if flag else "applied"
    trace = (TraceLine(rule, text, outcome),)
    return Association(None, None, rule, trace, needs_review=review, flag=flag)


def describe_match(record: Candidate) -> str:
    """A match in a sentence: its kind and name."""
    kind = "person account" if record.is_person_account else record.sobject
    return f"{kind} {record.label}"
