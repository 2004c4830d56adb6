"""Handing texts to a gateway, each at most once by itself (RULES D8, F3).

A row is *claimed* first, which may be taken back at any time. Then at most eight of one worker
become *submitting* in one transaction together with the last look at the opt-outs, and only then do
their requests begin. Whoever dies there leaves at most eight *unconfirmed* texts: they were perhaps
sent, so nobody but a person sends them again.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from integrations import failpoints
from integrations.claims import by_now, claim_batch
from integrations.errors import (
    NeedsAttention,
    OutcomeUnknown,
    PatchbayError,
    RetryLater,
)
from integrations.models import Connection
from integrations.notices import open_notice, resolve_notices
from integrations.pacing import next_attempt_at
from integrations.retry import give_up_reason
from integrations.tenancy import WorkspaceQuerySet
from sms import pace
from sms.backends.base import Accepted, Gateway, OutboundText, TextRefused
from sms.campaigns.gate import Halt, halts
from sms.consent import record_block
from sms.live_flags import held_back
from sms.messaging import refusals_of
from sms.models import Message, Sender
from sms.reports import adopt_reports
from sms.segments import Encoding
from sms.statuses import RANK, REPORTED_WITHIN, MessageStatus

log = structlog.get_logger()

#: Of one worker, never more: RULES D8.
MOST_SUBMITTING = 8
CLAIM = 64
#: Longer than the deadline of a request, so that a lease ends only when its worker is gone.
LEASE_SECONDS = 90
#: A text waits this long in the worker for its sender's pace; for longer it is put back.
LONGEST_PAUSE_SECONDS = 0.5
MAX_SECONDS = 10.0
#: Marketing that waits for Salesforce is tried again after this.
HELD_SECONDS = 60.0

Outcome = Accepted | PatchbayError


def eligible(connection_id: int) -> WorkspaceQuerySet[Message]:
    """What is due on one gateway."""
    return Message.unscoped.filter(
        connection_id=connection_id,
        state=MessageStatus.QUEUED,
        next_attempt_at__lte=by_now(),
    )


def submit_due(connection: Connection, gateway: Gateway) -> int:
    """Hand over what is due in the workspace in scope, for at most ten seconds; how many left.

    What people wait for goes before campaigns.
    """
    submitted = 0
    started = time.monotonic()
    in_campaign = Q(origin=Message.Origin.CAMPAIGN)
    while time.monotonic() - started < MAX_SECONDS:
        claimed = 0
        for due in (eligible(connection.pk).exclude(in_campaign), eligible(connection.pk)):
            claim = claim_batch(
                due, to_state=MessageStatus.CLAIMED, limit=CLAIM, lease_seconds=LEASE_SECONDS
            )
            claimed += len(claim.rows)
            if claim.rows:
                failpoints.hit("sms.after_claim")
                submitted += _submit(claim.rows, claim.token, gateway)
        if not claimed:
            break
    return submitted


def _submit(messages: list[Message], token: UUID, gateway: Gateway) -> int:
    submitted = 0
    senders = Sender.objects.in_bulk({message.sender_id for message in messages} - {None})
    with ThreadPoolExecutor(MOST_SUBMITTING) as requests:
        for batch in _in_batches(messages):
            paced = [one for one in batch if _has_room(one, senders.get(one.sender_id), token)]
            ready = _mark_submitting(_without_held(paced, token), token)
            if not ready:
                continue
            failpoints.hit("sms.after_submitting")
            outcomes = list(requests.map(lambda message: _send(gateway, message), ready))
            failpoints.hit("sms.after_answer")
            _settle_notice(ready[0], outcomes)
            for message, outcome in zip(ready, outcomes, strict=True):
                record_outcome(message, token, outcome)
                failpoints.hit("sms.after_record")
            submitted += len(ready)
    return submitted


def _without_held(messages: list[Message], token: UUID) -> list[Message]:
    """Those of which Salesforce does not say that they must wait; the others are put back."""
    held = held_back(messages)
    for message in messages:
        if reason := held.get(message.pk):
            _put_back(message, token, seconds=HELD_SECONDS, reason=reason)
    return [message for message in messages if message.pk not in held]


def _put_back(message: Message, token: UUID, *, seconds: float, reason: str = "") -> None:
    _owned(message, token).update(
        state=MessageStatus.QUEUED,
        claim_token=None,
        lease_expires_at=None,
        reason=reason[:300],
        next_attempt_at=timezone.now() + timedelta(seconds=seconds),
    )


def _in_batches(messages: list[Message]) -> Iterator[list[Message]]:
    rest = iter(messages)
    while batch := list(islice(rest, MOST_SUBMITTING)):
        yield batch


def _has_room(message: Message, sender: Sender | None, token: UUID) -> bool:
    """Whether the sender may send this one now; what must wait longer is put back."""
    if sender is None:
        return True
    rate = sender.segments_per_second
    while wait := pace.take(sender.pk, segments=message.segments, segments_per_second=rate):
        if wait > LONGEST_PAUSE_SECONDS:
            _put_back(message, token, seconds=wait)
            return False
        time.sleep(wait)
    return True


def _owned(message: Message, token: UUID) -> WorkspaceQuerySet[Message]:
    return Message.unscoped.filter(pk=message.pk, claim_token=token)


def _mark_submitting(messages: list[Message], token: UUID) -> list[Message]:
    """The last look at the opt-outs, and with it the mark that a request may be out (RULES D8)."""
    ready = []
    with transaction.atomic():
        refusals = refusals_of(messages)
        halted = halts(messages, timezone.now())
        for message in messages:
            if refusal := refusals.get(message.reference):
                _settle(message, token, MessageStatus.SKIPPED, reason=refusal.message)
                continue
            if halt := halted.get(message.pk):
                _halt(message, token, halt)
                continue
            marked = _owned(message, token).filter(state=MessageStatus.CLAIMED)
            if marked.update(
                state=MessageStatus.SUBMITTING,
                rank=RANK[MessageStatus.SUBMITTING],
                submitted_at=Now(),
                attempts=F("attempts") + 1,
            ):
                ready.append(message)
    return ready


def _halt(message: Message, token: UUID, halt: Halt) -> None:
    """Its campaign does not let it go: for good, or not now."""
    if halt.until is None:
        _settle(message, token, halt.state, reason=halt.reason)
        return
    _owned(message, token).filter(state=MessageStatus.CLAIMED).update(
        state=MessageStatus.QUEUED,
        claim_token=None,
        lease_expires_at=None,
        reason=halt.reason[:300],
        next_attempt_at=halt.until,
    )


def _send(gateway: Gateway, message: Message) -> Outcome:
    """One request, in a thread of its own: no row is read or written here."""
    text = OutboundText(
        reference=str(message.reference),
        sender=message.our_number,
        to_e164=message.phone_e164,
        text=message.text,
        encoding=Encoding(message.encoding),
    )
    try:
        return gateway.send(text)
    except PatchbayError as error:
        return error
    except Exception as error:
        log.exception("gateway_failed", message=message.pk)
        return OutcomeUnknown(f"{type(error).__name__} while sending.", "INTERNAL")


@dataclass(frozen=True)
class _Verdict:
    state: MessageStatus
    reason: str = ""


def record_outcome(message: Message, token: UUID, outcome: Outcome) -> None:
    """Store what became of one request. A report may have come first, and ranks go only up."""
    failpoints.hit("sms.before_record")
    if isinstance(outcome, Accepted):
        _record_accepted(message, outcome)
    elif isinstance(outcome, RetryLater) and not _give_up(message, outcome):
        _owned(message, token).filter(state=MessageStatus.SUBMITTING).update(
            state=MessageStatus.QUEUED,
            rank=RANK[MessageStatus.QUEUED],
            claim_token=None,
            lease_expires_at=None,
            reason=outcome.message[:300],
            error_code=outcome.code[:40],
            next_attempt_at=next_attempt_at(message.attempts + 1, retry_after=outcome.retry_after),
        )
    else:
        _record_failed(message, token, outcome)


def _record_accepted(message: Message, accepted: Accepted) -> None:
    """The gateway has it. Kept even where the claim was lost meanwhile: it was sent."""
    with transaction.atomic():
        mine = Message.unscoped.filter(pk=message.pk)
        mine.update(
            provider_message_id=accepted.provider_message_id[:80],
            part_count=max(1, accepted.part_count),
            accepted_at=timezone.now(),
            claim_token=None,
            lease_expires_at=None,
        )
        mine.filter(rank__lt=RANK[accepted.state]).update(
            state=accepted.state, rank=RANK[accepted.state], reason="", error_code=""
        )
        mine.filter(plan_due_at=None, final_at=None).update(
            plan_due_at=timezone.now() + REPORTED_WITHIN
        )
        message.provider_message_id = accepted.provider_message_id[:80]
        adopt_reports(message)


def _record_failed(message: Message, token: UUID, error: PatchbayError) -> None:
    verdict = _verdict(error)
    with transaction.atomic():
        _settle(message, token, verdict.state, reason=verdict.reason, code=error.code)
        if isinstance(error, TextRefused) and error.means == TextRefused.OPTED_OUT:
            record_block(message, error.code)
    if isinstance(error, NeedsAttention):
        open_notice(
            message.workspace_id,
            **_refuses(message),
            title="The SMS gateway takes no texts",
            body=f"{error.message} Texts fail until somebody looks at the gateway's page.",
            service=Connection.Kind.SMS_GATEWAY,
        )


def _give_up(message: Message, error: RetryLater) -> bool:
    """Whether a text has been tried for so long that people must hear of it."""
    age = timezone.now() - message.created_at
    return give_up_reason(message.attempts + 1, age) is not None


def _verdict(error: PatchbayError) -> _Verdict:
    if isinstance(error, OutcomeUnknown):
        return _Verdict(MessageStatus.UNCONFIRMED, error.message)
    if isinstance(error, TextRefused):
        return _Verdict(MessageStatus.REJECTED, error.message)
    return _Verdict(MessageStatus.FAILED, error.message)


def _settle(
    message: Message, token: UUID, state: MessageStatus, *, reason: str, code: str = ""
) -> None:
    final = state is not MessageStatus.UNCONFIRMED
    _owned(message, token).filter(rank__lt=RANK[state]).update(
        state=state,
        rank=RANK[state],
        reason=reason[:300],
        error_code=code[:40],
        claim_token=None,
        lease_expires_at=None,
        final_at=timezone.now() if final else None,
        plan_due_at=timezone.now() if final else None,
    )


def _settle_notice(message: Message, outcomes: Sequence[Outcome]) -> None:
    """A gateway that takes texts again needs nobody's attention."""
    if any(isinstance(outcome, Accepted) for outcome in outcomes):
        resolve_notices(message.workspace_id, **_refuses(message))


def _refuses(message: Message) -> dict[str, str]:
    return {"kind": "gateway_refuses", "subject_key": f"connection:{message.connection_id}"}


def take_back_expired() -> int:
    """What dead workers left: the claimed are queued again, the submitting become unconfirmed."""
    lapsed = Message.unscoped.filter(lease_expires_at__lt=Now())
    freed = {"claim_token": None, "lease_expires_at": None}
    queued = lapsed.filter(state=MessageStatus.CLAIMED).update(state=MessageStatus.QUEUED, **freed)
    unconfirmed = lapsed.filter(state=MessageStatus.SUBMITTING).update(
        state=MessageStatus.UNCONFIRMED,
        rank=RANK[MessageStatus.UNCONFIRMED],
        reason="The worker ended before the gateway's answer was stored.",
        **freed,
    )
    return queued + unconfirmed


def connections_due() -> Iterable[int]:
    """Gateways on which something is due, for the tick."""
    due = Message.unscoped.filter(state=MessageStatus.QUEUED, next_attempt_at__lte=by_now())
    return (
        due.filter(connection__state=Connection.State.ACTIVE)
        .order_by()
        .values_list("connection_id", flat=True)
        .distinct()[:200]
    )
