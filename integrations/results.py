"""What an answer to one record means for its write (RULES C2, C4, C6)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.campaigns import plan_membership
from integrations.claims import update_claimed
from integrations.error_classes import error_columns
from integrations.generations import return_to_waiting
from integrations.lookups import forget_answer
from integrations.models import CrmWrite, CrmWriteAttempt, WriteState
from integrations.notices import open_notice
from integrations.optional_fields import gave_up_field
from integrations.options import options_at
from integrations.pacing import next_attempt_at
from integrations.registry import LostAssociation, registry
from integrations.retry import give_up_reason
from integrations.salesforce.answers import RecordResult
from integrations.salesforce.errors import Verdict, classify
from integrations.salesforce.repairs import (
    fields_named,
    lost_targets,
    repair,
    targets_to_ask_for,
)
from integrations.writers import find_stand_in


def record_success(attempt: CrmWriteAttempt, record_id: str) -> None:
    """The record is there. Keeps the answer even when the claim was lost meanwhile."""
    now = timezone.now()
    CrmWriteAttempt.unscoped.filter(pk=attempt.pk).update(
        outcome=CrmWriteAttempt.Outcome.SUCCEEDED,
        answered_at=now,
        answer={"id": record_id, "success": True},
        salesforce_record_id=record_id,
    )
    with transaction.atomic():
        owned = update_claimed(
            attempt.write,
            attempt.claim_token,
            claim_token=None,
            lease_expires_at=None,
            **done_changes(record_id),
        )
        after_done(attempt.write)
    if not owned:
        warn_if_written_twice(attempt.write, {record_id})


def after_done(write: CrmWrite) -> None:
    """What else has to happen once a record stands at Salesforce, in the transaction that says so.

    Late news may have added a campaign meanwhile, so that it is read anew.
    """
    plan_membership(write)
    if write.lead_key:
        forget_answer(write.org_id, write.lead_key)


def done_changes(record_id: str) -> dict[str, Any]:
    """The columns of a write that stands at Salesforce."""
    return {
        "state": WriteState.DONE,
        "salesforce_record_id": record_id,
        "done_at": timezone.now(),
        **error_columns("", ""),
    }


def warn_if_written_twice(write: CrmWrite, found: set[str]) -> None:
    """Two ids for one key are said aloud: a person should delete one (RULES C2)."""
    stored = CrmWrite.unscoped.values_list("salesforce_record_id", flat=True).get(pk=write.pk)
    record_ids = sorted(found | ({stored} if stored else set()))
    if len(record_ids) > 1:
        open_notice(
            write.workspace_id,
            kind="written_twice",
            subject_key=f"crm_write:{write.pk}",
            title=f"{write.sobject} was written twice",
            body=f"Salesforce holds {', '.join(record_ids)} for {write.label}. Delete one of them.",
        )


def record_failure(
    attempt: CrmWriteAttempt,
    failure: RecordResult,
    successors: Mapping[str, str] | None = None,
) -> None:
    """Salesforce refused this record: decide by the code what happens next.

    ``successors`` are what took the place of records that are gone; None while that is not known.
    """
    _keep_refusal(attempt, failure)
    write, next_step = attempt.write, _next_step(attempt, failure, successors)
    recorded = _go_on(attempt, failure, next_step)
    if targets_of(write, failure):
        forget_answer(write.org_id, write.phone_e164)
    if recorded and "payload" in next_step:
        # Of what was planned, too: its successor may have died as well.
        gone = lost_targets(write.payload, write.fields, after=next_step["payload"])
        if gone:
            lost = LostAssociation(gone=gone)
            registry.association_lost(write.subject_kind, write.subject_id, lost)


def record_duplicate(
    attempt: CrmWriteAttempt, failure: RecordResult, found: Sequence[str] | None
) -> None:
    """A duplicate rule refused the Lead of a Task (RULES C3): the Task goes under the one record
    that holds the number, else under none, and a person chooses.

    ``found`` are those that hold it; None while Salesforce cannot say that.
    """
    _keep_refusal(attempt, failure)
    write = attempt.write
    if found is None:
        _go_on(attempt, failure, _again(attempt))
        return
    alone = {"state": WriteState.RETRYING, "next_attempt_at": timezone.now(), "new_lead": None}
    is_clear = len(found) == 1
    if is_clear:
        alone["payload"] = write.payload | {"WhoId": found[0]}
    recorded = _go_on(attempt, failure, {**alone, "lead_key": ""})
    forget_answer(write.org_id, write.lead_key)
    if recorded and not is_clear:
        lost = LostAssociation(similar=frozenset(failure.similar))
        registry.association_lost(write.subject_kind, write.subject_id, lost)


def _go_on(attempt: CrmWriteAttempt, failure: RecordResult, changes: Mapping[str, Any]) -> bool:
    return return_to_waiting(
        attempt.write,
        expected={"claim_token": attempt.claim_token},
        **error_columns(failure.error_code, failure.error_message),
        **changes,
    )


def _keep_refusal(attempt: CrmWriteAttempt, failure: RecordResult) -> None:
    CrmWriteAttempt.unscoped.filter(pk=attempt.pk).update(
        outcome=CrmWriteAttempt.Outcome.REFUSED,
        answered_at=timezone.now(),
        answer={
            "success": False,
            "errors": [
                {
                    "statusCode": failure.error_code,
                    "message": failure.error_message,
                    "fields": list(failure.error_fields),
                }
            ],
        },
        error_code=failure.error_code[:80],
        error_message=failure.error_message,
    )


def targets_of(write: CrmWrite, failure: RecordResult) -> set[str]:
    """The records to ask for, where Salesforce refused because something is gone (RULES C6)."""
    verdict = classify(failure.error_code, failure.error_message)
    return targets_to_ask_for(verdict, write.payload)


def _next_step(
    attempt: CrmWriteAttempt, failure: RecordResult, successors: Mapping[str, str] | None
) -> dict[str, Any]:
    write = attempt.write
    verdict = classify(failure.error_code, failure.error_message)
    if successors is None and targets_of(write, failure):
        return _again(attempt)
    if verdict is Verdict.INSUFFICIENT_ACCESS and (sync_user := find_stand_in(write)):
        return {
            "state": WriteState.RETRYING,
            "connection": sync_user,
            "next_attempt_at": timezone.now(),
        }
    said = (failure.error_code, failure.error_message, failure.error_fields)
    if gave_up_field(write.connection, *said):
        return {"state": WriteState.RETRYING, "next_attempt_at": timezone.now()}
    named = fields_named(write.payload, failure.error_fields, failure.error_message)
    if repaired := repair(verdict, write.payload, named, successors):
        if verdict is Verdict.INACTIVE_OWNER:
            repaired |= _default_owner(write)
        return {
            "state": WriteState.RETRYING,
            "payload": repaired,
            "next_attempt_at": timezone.now(),
        }
    if verdict in (Verdict.RETRY, Verdict.LIMIT):
        return _again(attempt)
    return {"state": WriteState.NEEDS_ATTENTION}


def _default_owner(write: CrmWrite) -> dict[str, str]:
    """Who owns it instead of somebody who cannot: the option as it was planned under, unless that
    is whom Salesforce refused. Without one Salesforce takes the connection's own user."""
    if write.plan_run is None:
        return {}
    owner = str(options_at(write.plan_run.options_revision)["default_owner"] or "")
    return {"OwnerId": owner} if owner and owner != write.payload.get("OwnerId") else {}


def _again(attempt: CrmWriteAttempt) -> dict[str, Any]:
    """Later, unless it was tried for long enough."""
    age = timezone.now() - (attempt.write.first_sent_at or attempt.sent_at)
    if give_up_reason(attempt.number, age) is not None:
        return {"state": WriteState.NEEDS_ATTENTION}
    return {"state": WriteState.RETRYING, "next_attempt_at": next_attempt_at(attempt.number)}
