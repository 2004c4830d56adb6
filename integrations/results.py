"""What an answer to one record means for its write (RULES C2, C4, C6)."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from integrations.claims import update_claimed
from integrations.error_classes import error_columns
from integrations.generations import return_to_waiting
from integrations.key_field import gave_up_field
from integrations.lookups import forget_answer
from integrations.models import CrmWrite, CrmWriteAttempt, WriteState
from integrations.notices import open_notice
from integrations.pacing import next_attempt_at
from integrations.registry import registry
from integrations.retry import give_up_reason
from integrations.salesforce.answers import RecordResult
from integrations.salesforce.errors import Verdict, classify
from integrations.salesforce.repairs import (
    fields_named,
    loses_association,
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
    owned = update_claimed(
        attempt.write,
        attempt.claim_token,
        claim_token=None,
        lease_expires_at=None,
        **done_changes(record_id),
    )
    if not owned:
        warn_if_written_twice(attempt.write, {record_id})
    after_done(attempt.write)


def after_done(write: CrmWrite) -> None:
    """What else has to happen once a record stands at Salesforce."""
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
    now = timezone.now()
    CrmWriteAttempt.unscoped.filter(pk=attempt.pk).update(
        outcome=CrmWriteAttempt.Outcome.REFUSED,
        answered_at=now,
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
    write, next_step = attempt.write, _next_step(attempt, failure, successors)
    recorded = return_to_waiting(
        write,
        expected={"claim_token": attempt.claim_token},
        **error_columns(failure.error_code, failure.error_message),
        **next_step,
    )
    if targets_of(write, failure):
        forget_answer(write.org_id, write.phone_e164)
    if recorded and loses_association(write.payload, next_step.get("payload", write.payload)):
        registry.association_lost(write.subject_kind, write.subject_id)


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
        return {
            "state": WriteState.RETRYING,
            "payload": repaired,
            "next_attempt_at": timezone.now(),
        }
    if verdict in (Verdict.RETRY, Verdict.LIMIT):
        return _again(attempt)
    return {"state": WriteState.NEEDS_ATTENTION}


def _again(attempt: CrmWriteAttempt) -> dict[str, Any]:
    """Later, unless it was tried for long enough."""
    age = timezone.now() - (attempt.write.first_sent_at or attempt.sent_at)
    if give_up_reason(attempt.number, age) is not None:
        return {"state": WriteState.NEEDS_ATTENTION}
    return {"state": WriteState.RETRYING, "next_attempt_at": next_attempt_at(attempt.number)}
