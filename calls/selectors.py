"""Reading calls for people: which ones a member may see, and what belongs to one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Prefetch

from calls.filing import SUBJECT_KIND
from calls.models import Call, CallLeg
from calls.models.calls import CallQuerySet
from integrations import ledger
from integrations.models import CrmWrite, Membership, PlanRun
from integrations.phones import e164_prefix
from integrations.policy import can
from integrations.record_links import record_id_prefix
from integrations.roles import Capability
from integrations.row_search import find_by_name, find_by_number


def list_visible_calls(membership: Membership) -> CallQuerySet:
    """Agents' own calls, managers' also those of their team, admins' all."""
    calls = Call.objects.all()
    if not can(membership, Capability.VIEW_OWN_CALLS):
        return calls.none()
    return calls.visible_to(
        membership,
        team=can(membership, Capability.VIEW_TEAM_CALLS),
        everyone=can(membership, Capability.VIEW_ALL_CALLS),
    )


def with_agents(calls: CallQuerySet) -> CallQuerySet:
    """Calls with their legs and the members on them at hand."""
    legs = CallLeg.objects.select_related("membership__user")
    return calls.prefetch_related(Prefetch("legs", legs))


def search_calls(calls: CallQuerySet, term: str, region: str) -> CallQuerySet:
    """Calls with a number, as people in ``region`` type it or its beginning, or with a person, by
    the beginnings of words of their names or their Salesforce id."""
    if record_id := record_id_prefix(term):
        return calls.filter(contact_record_id__startswith=record_id)
    prefix = e164_prefix(term, region)
    if prefix:
        return find_by_number(calls, "external_e164", prefix)
    return find_by_name(calls, term, "contact_name", "account_name", "caller_name")


def list_writes(call_ids: Collection[int]) -> Mapping[int, list[CrmWrite]]:
    """Every write of these calls, the oldest first."""
    return ledger.writes_about(SUBJECT_KIND, call_ids)


def newest_traces(call_ids: Collection[int]) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    """The trace of each call's newest plan; calls that were never planned are left out."""
    return ledger.newest_traces(SUBJECT_KIND, call_ids)


def list_plan_runs(call: Call, *, limit: int) -> list[PlanRun]:
    """The plans of a call, the newest first."""
    return ledger.plan_runs_about(SUBJECT_KIND, call.pk, limit=limit)
