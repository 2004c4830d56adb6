"""Trying again what failed, all of one cause at once, after it was counted (PLUS-08).

A replay is idempotent: what was tried again is no longer failed, so a second one finds nothing.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from integrations import inbox
from integrations.activity import visible_writes
from integrations.audit import record
from integrations.error_classes import error_class
from integrations.models import CrmWrite, InboundEvent, Membership, WriteState
from integrations.models.outbox import CrmWriteQuerySet
from integrations.outbox import wake
from integrations.policy import can
from integrations.registry import registry
from integrations.roles import Capability

#: Causes on one page, and failed events that are looked at for it.
_MOST_CAUSES = 50
_MOST_EVENTS = 2_000


@dataclass(frozen=True)
class WriteFailure:
    """Writes that failed for one cause; ``sample_id`` is the newest of them."""

    code: str
    message: str
    count: int
    oldest: datetime
    newest: datetime
    sample_id: int


@dataclass(frozen=True)
class EventFailure:
    """Events that were not understood for one cause."""

    error: str
    count: int
    sample_id: int


@dataclass(frozen=True)
class Rehearsal:
    """What would become of events if they were taken again now; nothing is changed."""

    understood: int
    #: Why the others would fail once more, and how many of each.
    refused: tuple[tuple[str, int], ...]


def failed_writes(membership: Membership) -> CrmWriteQuerySet:
    """What waits for a person, of what this member sees in the log."""
    return visible_writes(membership).filter(state=WriteState.NEEDS_ATTENTION)


def list_write_failures(membership: Membership) -> list[WriteFailure]:
    """The causes, the most frequent first; two queries."""
    groups = list(
        failed_writes(membership)
        .order_by()
        .values("error_class", "error_code")
        .annotate(
            count=Count("pk"),
            oldest=Min("created_at"),
            newest=Max("created_at"),
            sample=Max("pk"),
        )
        .order_by("-count", "error_class")[:_MOST_CAUSES]
    )
    samples = CrmWrite.objects.in_bulk([group["sample"] for group in groups])
    return [
        WriteFailure(
            code=group["error_code"],
            message=samples[group["sample"]].error_message,
            count=group["count"],
            oldest=group["oldest"],
            newest=group["newest"],
            sample_id=group["sample"],
        )
        for group in groups
    ]


def writes_failed_like(membership: Membership, write: CrmWrite) -> CrmWriteQuerySet:
    """What failed for the same cause as one write, that one included if it still needs somebody."""
    return failed_writes(membership).filter(
        error_class=write.error_class, error_code=write.error_code
    )


def may_retry_like(membership: Membership) -> bool:
    """Members retry their own rows, which are all that they see; holders of the capability all."""
    return can(membership, Capability.RETRY_WRITES) or not can(
        membership, Capability.VIEW_ALL_ACTIVITY
    )


def retry_writes_like(
    membership: Membership, write: CrmWrite, *, request: HttpRequest | None = None
) -> int:
    """Try all of one cause again; returns how many. One line in the audit."""
    if not may_retry_like(membership):
        return 0
    with transaction.atomic():
        alike = writes_failed_like(membership, write)
        connection_ids = set(alike.order_by().values_list("connection_id", flat=True).distinct())
        retried = alike.update(state=WriteState.PLANNED, attempts=0, next_attempt_at=timezone.now())
        for connection_id in connection_ids - {None}:
            wake(connection_id)
        if retried:
            record(
                membership.user,
                "crm_write.retried_by_cause",
                write.error_class or write.error_code,
                after={"records": retried},
                request=request,
            )
    return retried


def list_event_failures() -> list[EventFailure]:
    """The causes why events of the workspace in scope were not understood."""
    counts: Counter[str] = Counter()
    samples: dict[str, tuple[str, int]] = {}
    for event_id, error in _failed_events().values_list("pk", "error")[:_MOST_EVENTS]:
        cause = event_cause(error)
        counts[cause] += 1
        samples.setdefault(cause, (first_line(error), event_id))
    return [
        EventFailure(samples[cause][0], count, samples[cause][1])
        for cause, count in counts.most_common(_MOST_CAUSES)
    ]


def events_failed_like(event: InboundEvent) -> list[InboundEvent]:
    """What was not understood for the same cause, the oldest first; at most 2,000 at a time."""
    return list(islice(_alike(event_cause(event.error)), _MOST_EVENTS))


def rehearse(events: list[InboundEvent]) -> Rehearsal:
    """Whether events would be understood now; the handlers look at them and change nothing."""
    refused: Counter[str] = Counter()
    for event in events:
        handler = registry.inbound_handlers.get(event.handler)
        reason = handler.check(event) if handler else "Nobody understands events of this kind."
        if reason:
            refused[reason] += 1
    return Rehearsal(len(events) - refused.total(), tuple(refused.most_common(10)))


def replay_events_like(
    event: InboundEvent, *, actor: Membership, request: HttpRequest | None = None
) -> int:
    """Have all events of one cause understood once more; returns how many."""
    with transaction.atomic():
        replayed = inbox.replay(events_failed_like(event))
        if replayed:
            record(
                actor.user,
                "inbound_event.replayed_by_cause",
                event_cause(event.error),
                after={"events": replayed},
                request=request,
            )
    return replayed


def event_cause(error: str) -> str:
    """What events of one cause share of what they say."""
    return error_class("", first_line(error))


def first_line(error: str) -> str:
    """What is shown of an error in a list."""
    return error.partition("\n")[0][:300]


def _failed_events() -> "QuerySet[InboundEvent]":
    return InboundEvent.objects.filter(state=InboundEvent.State.FAILED).order_by("-pk")


def _alike(cause: str) -> Iterator[InboundEvent]:
    for event in _failed_events().order_by("pk").iterator(chunk_size=500):
        if event_cause(event.error) == cause:
            yield event
