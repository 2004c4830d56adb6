"""Whose number is it, for one call: asked once, answered for good (RULES B1, B2, K-25)."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from calls.models import Call, CallState, DialRequest, Interaction, MatchState
from calls.panel_feed import announce_to_all
from integrations.lookups import request_lookup
from integrations.models import Connection, PhoneLookup
from integrations.options import Options, options_at
from integrations.phones import parse_phone
from integrations.salesforce.precedence import Candidate, choose_directory_record


def request_match(call: Call, options: Options) -> None:
    """Ask whose number a call has: once it is known, and at the end if the answer is old (B2).

    Changes the instance only; the caller saves it in the same transaction.
    """
    connection = Connection.objects.find_sync_user()
    if connection is None or not connection.org_id or not is_search_needed(call, options):
        call.match_state = MatchState.NOT_NEEDED
        return
    asked_before = call.match_state != MatchState.NOT_NEEDED
    if asked_before and call.state != CallState.ENDED:
        return
    fresh_since = timezone.now() - timedelta(minutes=options["cache_minutes"])
    if call.match_state == MatchState.FOUND and call.matched_at and call.matched_at > fresh_since:
        return
    lookup = request_lookup(
        connection,
        call.external_e164,
        cache_minutes=options["cache_minutes"],
        asked_before=asked_before,
        preferred_id=dialled_record_id(call),
    )
    call.match_state = MatchState.PENDING
    adopt_answer(call, lookup, options)


def forget_match(call: Call) -> None:
    """The number was corrected: what is known is about somebody else. The caller saves."""
    call.match_state = MatchState.NOT_NEEDED
    call.matched_at, call.candidates = None, []
    call.contact_name = call.account_name = ""
    call.contact_sobject = call.contact_record_id = ""


def own_numbers(call: Call) -> frozenset[str]:
    """Numbers of the company that a call shows; they are never matched (RULES B1)."""
    did = parse_phone(call.did, call.workspace.default_region).e164
    return frozenset({did} if did else ())


def is_search_needed(call: Call, options: Options) -> bool:
    """Whether Salesforce is to be asked whose number a call has (RULES B1, C1)."""
    if call.is_internal or not call.external_e164:
        return False
    if call.external_e164 in own_numbers(call):
        return False
    return bool(options["retrieve_contacts"] or options["activity_history"])


def adopt_answer(call: Call, lookup: PhoneLookup | None, options: Options) -> None:
    """Pin a lookup's answer to a call that waits for it; nothing happens while it is open."""
    if call.match_state != MatchState.PENDING or lookup is None:
        return
    for name, value in _answer_columns(call, lookup, options).items():
        setattr(call, name, value)


def find_lookup(call: Call) -> PhoneLookup | None:
    """The lookup of a call's number in the org that is connected now."""
    connection = Connection.objects.find_sync_user()
    if connection is None:
        return None
    return PhoneLookup.objects.filter(
        org_id=connection.org_id, phone_e164=call.external_e164
    ).first()


def dialled_record_id(call: Call) -> str:
    """The record from whose page the call was dialled, which names it before any other (MII-30);
    empty without one."""
    if call.dial_source not in DialRequest.Source.values:
        return ""
    dialled = Interaction.objects.filter(call_id=call.pk, kind="dialled").last()
    return str((dialled.record or {}).get("record_id", "")) if dialled else ""


def _answer_columns(call: Call, lookup: PhoneLookup, options: Options) -> dict[str, Any]:
    if lookup.state == PhoneLookup.State.FAILED:
        return {"match_state": MatchState.FAILED}
    if lookup.state != PhoneLookup.State.ANSWERED:
        return {}
    columns: dict[str, Any] = {
        "match_state": MatchState.FOUND,
        "matched_at": lookup.answered_at,
        "candidates": lookup.candidates,
    }
    known = [Candidate.from_json(one) for one in lookup.candidates]
    chosen = choose_directory_record(known, preferred_id=dialled_record_id(call))
    if chosen is None or call.contact_name or not options["retrieve_contacts"]:
        return columns
    is_account = chosen.sobject == "Account" and not chosen.is_person_account
    return columns | {
        "contact_name": "" if is_account else chosen.name[:255],
        "account_name": (chosen.name if is_account else chosen.account_name or "")[:255],
        "contact_sobject": chosen.sobject,
        "contact_record_id": chosen.record_id,
    }


def on_lookup_answered(lookup: PhoneLookup) -> None:
    """Pin an answer to every call that waits for it, and plan those that have ended."""
    waiting = Call.objects.filter(
        external_e164=lookup.phone_e164, match_state=MatchState.PENDING
    ).select_related("workspace")
    now = timezone.now()
    answered = []
    with transaction.atomic():
        for call in waiting.order_by("pk"):
            columns = _answer_columns(call, lookup, options_at(call.options_revision))
            # A leg may have ended before the call has: whatever was due stays due, only sooner.
            pinned = Call.objects.filter(pk=call.pk, match_state=MatchState.PENDING).update(
                **columns,
                plan_due_at=Case(
                    When(Q(plan_due_at__isnull=False) | Q(state=CallState.ENDED), then=Value(now)),
                    default=F("plan_due_at"),
                ),
            )
            if pinned:
                answered.append(call.pk)
        announce_to_all(answered)
