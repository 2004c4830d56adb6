"""A call's own page: who, legs on a time line, matches, why it was filed so, what was written."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from calls.admin import call_cells
from calls.admin.call_origin import dialled_how, name_hints
from calls.admin.filed import filed_under, find_obstacle
from calls.admin.legs import describe_legs
from calls.admin.matches import describe_lookup, list_matches
from calls.admin.questions import ask_about
from calls.explanation import group_trace
from calls.matching import find_lookup
from calls.models import Call, CallLeg, MatchState
from calls.selectors import list_plan_runs, list_writes
from integrations.admin.reasons import Explained, Reason, show_reasons
from integrations.admin.written import show_written
from integrations.ledger import standing_writes
from integrations.models import CrmWrite, Membership, PlanRun
from integrations.planning import TraceLine, read_trace
from integrations.policy import can
from integrations.roles import Capability

#: Plans shown; a call has one or two, and a new one for each late fact.
_MOST_RUNS = 20


def describe_call(membership: Membership, call: Call) -> dict[str, Any]:
    """Everything that the page of a call shows to a member who may see it."""
    writes = list_writes([call.pk])[call.pk]
    runs = list_plan_runs(call, limit=_MOST_RUNS)
    newest_trace = read_trace(runs[0].plan.get("trace")) if runs else ()
    explained = [_explain(call, run) for run in runs]
    return {
        "call": call,
        "direction": call_cells.direction_cell(call),
        "number": call_cells.number_cell(call, membership.workspace.default_region),
        "outcome": call_cells.outcome_chip(call),
        "length": call_cells.talk_length(call),
        "agents": call_cells.agent_names(call),
        "dialled_how": dialled_how(call),
        "name_hints": name_hints(call),
        "legs": describe_legs(call),
        "lookup": describe_lookup(call, _search_error(call)),
        "matches": list_matches(call, _chosen_ids(writes)),
        "question": ask_about(membership, [call])[0] if call.needs_review else None,
        "obstacle": find_obstacle(call, writes, newest_trace),
        "newest": explained[0] if explained else None,
        "older": explained[1:],
        "written": show_written(membership, writes, partial(filed_under, call)),
        "events": _list_events(membership, call),
    }


def explain_trace(
    trace: Iterable[TraceLine], legs: Iterable[CallLeg]
) -> Sequence[tuple[str, list[Reason]]]:
    """The reasons about the whole call, then those of each leg, under their titles."""
    names = {leg.leg_key: call_cells.leg_name(leg) for leg in legs}
    groups = group_trace(trace, names, whole=_("The whole call"))
    return [(group.title, show_reasons(group.lines)) for group in groups]


def _explain(call: Call, run: PlanRun) -> Explained:
    return Explained(run, explain_trace(read_trace(run.plan.get("trace")), call.legs.all()))


def _search_error(call: Call) -> str:
    lookup = find_lookup(call) if call.match_state == MatchState.FAILED else None
    return lookup.error if lookup else ""


def _chosen_ids(writes: Sequence[CrmWrite]) -> set[str | None]:
    """The records that what stands of a call hangs on."""
    return {
        record_id
        for write in standing_writes(writes)
        for record_id in (write.fields.get("WhoId"), write.fields.get("WhatId"))
    }


def _list_events(membership: Membership, call: Call) -> list[Mapping[str, Any]]:
    """What the phone system said, for those who may see what arrived."""
    if not can(membership, Capability.VIEW_INTAKE):
        return []
    return [
        {"event": event, "arrived": event.inbound_event}
        for event in call.events.select_related("inbound_event")
    ]
