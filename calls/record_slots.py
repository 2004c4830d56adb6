"""Where a call record hangs: the Task's slots Who and What (RULES B4). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from integrations.planning import Outcome, TraceLine
from integrations.salesforce.precedence import Candidate


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


def file_under(
    record: Candidate, rule: str, text: str, *, earlier: Iterable[Candidate] = ()
) -> Association:
    """The association with `record`, in the slot that its kind takes.

    `earlier` are records that somebody had dealt with before, the latest first: the first of the
    same account that fits takes the other slot.
    """
    who_id, what_id, slot = _slots(record)
    trace = [TraceLine(rule, text), TraceLine("B4", slot)]
    beside = next((one for one in earlier if _fits_beside(record, one)), None)
    if beside is not None:
        other_who, other_what, _slot = _slots(beside)
        who_id, what_id = who_id or other_who, what_id or other_what
        taken = "WhatId" if other_what else "WhoId"
        line = f"The {describe_match(beside)} from before takes {taken}: it is the same account."
        trace.append(TraceLine("B4", line))
    return Association(who_id, what_id, rule, tuple(trace), record=record)


def unfiled(rule: str, text: str, *, flag: str | None = None, review: bool = False) -> Association:
    """The association with nothing, and why."""
    outcome: Outcome = "needs review" if review else "flagged" if flag else "applied"
    trace = (TraceLine(rule, text, outcome),)
    return Association(None, None, rule, trace, needs_review=review, flag=flag)


def describe_match(record: Candidate) -> str:
    """A match in a sentence: its kind and name."""
    kind = "person account" if record.is_person_account else record.sobject
    return f"{kind} {record.label}"


def _slots(record: Candidate) -> tuple[str | None, str | None, str]:
    """WhoId, WhatId and why."""
    if record.sobject == "Lead":
        return record.record_id, None, "A Lead takes WhoId, and WhatId stays empty."
    if record.sobject == "Contact":
        text = "A Contact takes WhoId; Salesforce derives the account."
        return record.record_id, None, text
    if record.is_person_account and record.person_contact_id:
        return record.person_contact_id, None, "A person account takes WhoId with its contact."
    return None, record.record_id, f"The {record.sobject} takes WhatId."


def _fits_beside(record: Candidate, other: Candidate) -> bool:
    """Whether `other` may take the slot that `record` leaves. A Lead stands alone, always."""
    if "Lead" in (record.sobject, other.sobject):
        return False
    takes_who, other_takes_who = (bool(_slots(one)[0]) for one in (record, other))
    account = _account_of(record)
    return takes_who != other_takes_who and account is not None and account == _account_of(other)


def _account_of(record: Candidate) -> str | None:
    """The account that a record is or belongs to, by the characters that tell ids apart."""
    account_id = record.record_id if record.sobject == "Account" else record.account_id
    return account_id[:15] if account_id else None
