"""A call's own page: who, legs on a time line, matches, why it was filed so, what was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from calls.admin import call_cells
from calls.admin.filed import filed_under, find_obstacle
from calls.admin.legs import describe_legs
from calls.explanation import ReasonGroup, group_trace
from calls.matching import find_lookup
from calls.models import Call, MatchState
from calls.selectors import list_plan_runs, list_writes
from integrations.admin.chips import Chip, chip
from integrations.admin.written import show_written
from integrations.ledger import standing_writes
from integrations.models import Connection, CrmWrite, Membership, PlanRun
from integrations.planning import TraceLine, read_trace
from integrations.policy import can
from integrations.record_links import record_url
from integrations.roles import Capability

#: Plans shown; a call has one or two, and a new one for each late fact.
_MOST_RUNS = 20
_OUTCOME_CHIPS = {
    "applied": Chip.DONE,
    "skipped": Chip.WAITING,
    "stopped": Chip.ATTENTION,
    "flagged": Chip.ATTENTION,
    "needs review": Chip.ATTENTION,
}


@dataclass(frozen=True)
class Reason:
    """One line of the trace, ready to be shown."""

    rule: str
    text: str
    chip: SafeString


@dataclass(frozen=True)
class Explained:
    """One plan: when it was made, and its reasons by what they are about."""

    run: PlanRun
    groups: Sequence[tuple[str, list[Reason]]]


@dataclass(frozen=True)
class Match:
    """A Salesforce record that holds the number, as it was found then."""

    sobject: str
    name: str
    account: str
    url: str
    is_chosen: bool


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
        "legs": describe_legs(call),
        "lookup": _describe_lookup(call),
        "matches": _list_matches(call, writes),
        "obstacle": find_obstacle(call, writes, newest_trace),
        "newest": explained[0] if explained else None,
        "older": explained[1:],
        "written": show_written(membership, writes, partial(filed_under, call)),
        "events": _list_events(membership, call),
    }


def _explain(call: Call, run: PlanRun) -> Explained:
    names = {leg.leg_key: call_cells.leg_name(leg) for leg in call.legs.all()}
    groups = group_trace(read_trace(run.plan.get("trace")), names, whole=_("The whole call"))
    return Explained(run, [(group.title, _reasons(group)) for group in groups])


def _reasons(group: ReasonGroup) -> list[Reason]:
    return [Reason(line.rule, line.text, _outcome_chip(line)) for line in group.lines]


def _outcome_chip(line: TraceLine) -> SafeString:
    return chip(_OUTCOME_CHIPS.get(line.outcome, Chip.WAITING), line.outcome)


def _describe_lookup(call: Call) -> str:
    """How the search for the number went, in a sentence."""
    if call.match_state == MatchState.PENDING:
        return _("Salesforce was asked whose number it is and has not answered yet.")
    if call.match_state == MatchState.FAILED:
        lookup = find_lookup(call)
        reason = lookup.error if lookup and lookup.error else _("no reason is known")
        return _("The search in Salesforce failed: %(reason)s.") % {"reason": reason.rstrip(".")}
    if call.match_state == MatchState.FOUND:
        if call.candidates:
            return _("Salesforce was asked; these records hold the number.")
        return _("Salesforce was asked; no record holds the number.")
    return _("Salesforce was not asked whose number it is.")


def _list_matches(call: Call, writes: Sequence[CrmWrite]) -> list[Match]:
    connection = Connection.objects.find_sync_user()
    chosen = {
        record_id
        for write in standing_writes(writes)
        for record_id in (write.fields.get("WhoId"), write.fields.get("WhatId"))
    }
    return [
        Match(
            sobject=_("Person account") if one.get("is_person_account") else one.get("sobject", ""),
            name=one.get("name") or one.get("record_id", ""),
            account=one.get("account_name") or "",
            url=record_url(connection, one.get("record_id", "")),
            is_chosen=bool(
                chosen & {one.get("record_id", ""), one.get("person_contact_id") or "–"}
            ),
        )
        for one in call.candidates
    ]


def _list_events(membership: Membership, call: Call) -> list[Mapping[str, Any]]:
    """What the phone system said, for those who may see what arrived."""
    if not can(membership, Capability.VIEW_INTAKE):
        return []
    return [
        {"event": event, "arrived": event.inbound_event}
        for event in call.events.select_related("inbound_event")
    ]
