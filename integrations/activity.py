"""The activity log: what was written to Salesforce for whom, and who may see what of it.

MIX-19 to MIX-26. The log is a view of ``CrmWrite`` over the last 15 days (RULES C8).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from integrations import outbox
from integrations.audit import record
from integrations.models import CrmWrite, Membership, WriteState
from integrations.models.outbox import ACTIVITY_STATUS, CrmWriteQuerySet
from integrations.phones import e164_prefix
from integrations.planning import TraceLine, read_trace
from integrations.policy import can
from integrations.record_links import record_id_prefix
from integrations.registry import ActivitySubject, registry
from integrations.roles import Capability
from integrations.row_search import find_by_name, find_by_number

#: How far back the log reaches (MIX-20); the rows themselves are kept longer (RULES C8).
LOG_WINDOW = timedelta(days=15)
#: "Not Synced", "Synced", "Errors" (MIX-21), in this order.
STATUSES = tuple(dict.fromkeys(ACTIVITY_STATUS.values()))
RETRYABLE_STATES = (WriteState.NEEDS_ATTENTION, WriteState.RETRYING)


def logged_writes() -> CrmWriteQuerySet:
    """The workspace's writes that the log reaches."""
    return CrmWrite.objects.filter(created_at__gte=timezone.now() - LOG_WINDOW)


def visible_writes(membership: Membership) -> CrmWriteQuerySet:
    """The log as a member may read it: their own rows, or everybody's."""
    if can(membership, Capability.VIEW_ALL_ACTIVITY):
        return logged_writes()
    return logged_writes().filter(owner=membership)


def states_of(status: str) -> list[WriteState]:
    """The states that the log calls ``status``; none for a status that it does not know."""
    return [state for state, name in ACTIVITY_STATUS.items() if name == status]


def search_writes(writes: CrmWriteQuerySet, term: str, region: str) -> CrmWriteQuerySet:
    """Writes about a number, as people in ``region`` type it or its beginning, or about a name, by
    the beginnings of its words.

    The Salesforce id of a record finds what wrote it.
    """
    if record_id := record_id_prefix(term):
        return writes.filter(salesforce_record_id__startswith=record_id)
    prefix = e164_prefix(term, region)
    if prefix:
        return find_by_number(writes, "phone_e164", prefix)
    return find_by_name(writes, term, "label")


def describe_subjects(
    membership: Membership, writes: Collection[CrmWrite]
) -> Mapping[int, ActivitySubject]:
    """What each write is about, by the write's primary key; kinds that nobody knows included."""
    described: dict[int, ActivitySubject] = {}
    for kind in {write.subject_kind for write in writes}:
        of_kind = [write for write in writes if write.subject_kind == kind]
        describe = registry.subject_describers.get(kind)
        known = describe(membership, {w.subject_id for w in of_kind}) if describe else {}
        unknown = ActivitySubject()
        described |= {write.pk: known.get(write.subject_id, unknown) for write in of_kind}
    return described


def trace_of(write: CrmWrite) -> list[TraceLine]:
    """The rules that decided about one write: those of its whole subject, and those of its part.

    Empty once the plan was pruned (RULES C8).
    """
    lines = read_trace(write.plan_run.plan.get("trace")) if write.plan_run else ()
    # A target key names the part that it is about: ``call:7:leg:a1:task``.
    return [line for line in lines if not line.about or f":{line.about}:" in write.target_key]


def may_retry(membership: Membership, write: CrmWrite) -> bool:
    """Members may have their own rows tried again, holders of the capability all."""
    return write.owner_id == membership.pk or can(membership, Capability.RETRY_WRITES)


def retry_writes(
    writes: Iterable[CrmWrite], *, actor: Membership, request: HttpRequest | None = None
) -> int:
    """Have writes tried again that the actor may retry; returns how many will be."""
    with transaction.atomic():
        retried = 0
        for write in writes:
            if may_retry(actor, write) and outbox.retry([write]):
                retried += 1
                before = {"state": write.state, "error": write.error_code}
                record(actor.user, "crm_write.retried", write.label, before, request=request)
    return retried
