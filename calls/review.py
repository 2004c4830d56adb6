"""Calls that wait for a person to say whom they were with, and what that person says (RULES B3.2).

The choice is kept, the call is planned again with it, and the outbox changes the records that
stand in Salesforce (A4).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from calls.models import Call, Interaction
from calls.models.calls import CallQuerySet
from calls.panel_feed import announce_to_all
from calls.selectors import list_visible_calls, newest_traces
from integrations import audit
from integrations.errors import PatchbayError
from integrations.models import Membership
from integrations.options import options_at
from integrations.planning import TraceLine, read_trace
from integrations.queueing import enqueue
from integrations.record_links import find_record_in
from integrations.salesforce.precedence import Candidate, dedupe_person_accounts

#: What `name_the_person` changes.
NAME_COLUMNS = ("contact_name", "account_name", "contact_sobject", "contact_record_id")


class ReviewRefused(PatchbayError):  # noqa: N818
    """The choice cannot be kept; the message says why, for the person who made it."""


def list_waiting(membership: Membership) -> CallQuerySet:
    """The calls that wait for a choice, of those that this member may see, the newest first."""
    return list_visible_calls(membership).filter(needs_review=True)


def offered_records(call: Call) -> list[Candidate]:
    """The records to choose from: the matches, and those that a duplicate rule named (C3), without
    the ones that Salesforce lets nothing be filed under (C6)."""
    matches = dedupe_person_accounts(Candidate.from_json(one) for one in call.candidates)
    gone: set[str | None] = set(call.gone_records or ())
    offered = [one for one in matches if not gone & {one.record_id, one.person_contact_id}]
    known = gone | {one.record_id for one in matches}
    named = (named_record(one) for one in call.similar_records or () if one not in known)
    return [*offered, *(one for one in named if one)]


def named_record(text: str) -> Candidate | None:
    """The record that a person named by id or address; its name is not known to us."""
    found = find_record_in(text)
    return Candidate(sobject=found[0], record_id=found[1], name="") if found else None


def reasons_for(calls: Iterable[Call]) -> dict[int, list[str]]:
    """Why each call waits, in the words of its newest plan."""
    call_ids = [call.pk for call in calls]
    traces = newest_traces(call_ids)
    return {
        pk: list(dict.fromkeys(line.text for line in _open_questions(traces.get(pk))))
        for pk in call_ids
    }


def choose_record(membership: Membership, call_id: int, chosen: str | None) -> Candidate | None:
    """Keep that a call was with ``chosen``, an offered id or what a person typed; None: with no
    record at all. Returns the record.

    Raises Call.DoesNotExist for a call that this member may not see, and ReviewRefused where
    somebody else was faster or the text names no record.
    """
    with transaction.atomic():
        call = list_visible_calls(membership).select_for_update(of=("self",)).get(pk=call_id)
        if not call.needs_review:
            raise ReviewRefused(_("Somebody else has settled this call in the meantime."))
        record = None if chosen is None else _find_record(call, chosen)
        traces = newest_traces([call.pk])
        legs = {line.about for line in _open_questions(traces.get(call.pk))} or {""}
        Interaction.objects.bulk_create(
            Interaction(
                workspace_id=call.workspace_id,
                call=call,
                leg_key=leg_key,
                membership=membership,
                record=record.to_json() if record else None,
            )
            for leg_key in sorted(legs)
        )
        call.needs_review, call.plan_due_at = False, Now()
        name_the_person(call, record)
        call.save()
        audit.record(
            membership.user,
            "call.reviewed",
            target_label=str(call),
            after={"record": record.record_id if record else ""},
        )
        enqueue("calls", "calls.jobs.file_due_calls")
        announce_to_all([call.pk])
    return record


def _open_questions(trace: Iterable[Mapping[str, Any]] | None) -> list[TraceLine]:
    return [line for line in read_trace(trace) if line.outcome == "needs review"]


def _find_record(call: Call, chosen: str) -> Candidate:
    for one in offered_records(call):
        if one.record_id == chosen:
            return one
    record = named_record(chosen)
    if record is None:
        raise ReviewRefused(
            _(
                "“%(text)s” names no contact, lead, account, opportunity or case. Paste the "
                "address of the record's page in Salesforce, or its id."
            )
            % {"text": chosen[:80]}
        )
    if record.record_id[:15] in {one[:15] for one in call.gone_records or ()}:
        raise ReviewRefused(
            _("Salesforce lets nothing be filed under this record. Choose another one.")
        )
    return record


def name_the_person(call: Call, record: Candidate | None) -> None:
    """The history names who was chosen, where names are kept at all. The caller saves."""
    if (
        record is None
        or not record.name
        or not options_at(call.options_revision)["retrieve_contacts"]
    ):
        return
    is_account = record.sobject == "Account" and not record.is_person_account
    call.contact_name = "" if is_account else record.name[:255]
    call.account_name = (record.name if is_account else record.account_name or "")[:255]
    call.contact_sobject, call.contact_record_id = record.sobject, record.record_id
