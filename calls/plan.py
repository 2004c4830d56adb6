"""What should stand in Salesforce for a call: `plan_call_writes` (RULES A2 to A7, B3, C1, C9).

Pure. The live path, the dry run and every replay call this one function: `facts` hold all that it
may know, and `options` may be those of the facts or others, to see what they would have done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from calls.facts import DialSource, PlanFacts
from calls.legacy import plan_legacy_record, select_legacy_record
from calls.ownership import explain_withheld
from calls.plan_options import PlanOptions
from calls.record_selection import RecordDue, select_records
from calls.records import plan_record
from calls.unended import NO_END_REPORTED
from integrations.planning import Plan, PlannedWrite, TraceLine

# Raised whenever the same facts and options would be planned differently.
PLANNER_VERSION = 3


_DIALLED: Mapping[DialSource, str] = {
    "dial field": "It was dialled in the softphone's dial field.",
    "click to dial": "It was dialled by a click on the number.",
    "handset": "It was not dialled through Patchbay: on the telephone itself, or by another "
    "program, which can dial even where the softphone says Not connected.",
    "elsewhere": "Another program asked the phone system to dial it. Such a program can dial even "
    "where the softphone says Not connected.",
}


def plan_call_writes(
    facts: PlanFacts, options: Mapping[str, Any], triggers: Sequence[object] = ()
) -> Plan:
    """The call records that `facts` call for under `options`, with the rules that decided.

    Where nothing is written, one trace line has the outcome *stopped*: the first precondition that
    failed. Legs that are still open are left for a later plan. `triggers` are those of the
    workspace; this version of the planner knows none that change a call record.
    """
    chosen = PlanOptions.read(options)
    failed = _failed_precondition(facts, chosen)
    if failed:
        return Plan(writes=(), trace=(failed,))
    writes: list[PlannedWrite] = []
    trace = [
        TraceLine("C1", "Activity history is on."),
        TraceLine("A6", f"This is an {'internal' if facts.call.is_internal else 'outside'} call."),
    ]
    if facts.call.dial_source:
        trace.append(TraceLine("CRC-91", _DIALLED[facts.call.dial_source]))
    trace += [
        TraceLine("A1", "No end was reported: closed at its last event.", "flagged", leg.leg_key)
        for leg in facts.legs
        if leg.end_cause == NO_END_REPORTED
    ]
    select, plan_one = select_records, plan_record
    if chosen.legacy:
        trace.append(TraceLine("C1", "Legacy mode is on: one Task a call, and triggers sleep."))
        select, plan_one = select_legacy_record, plan_legacy_record
    for decision in select(facts, chosen):
        if not isinstance(decision, RecordDue):
            trace.append(decision)
        elif withheld := explain_withheld(decision.owner, decision.leg):
            trace.append(withheld)
        else:
            write, lines = plan_one(decision.leg, decision.owner, facts, chosen)
            writes.append(write)
            trace.extend(lines)
    return Plan(tuple(writes), tuple(trace if writes else _with_stop(trace)))


def _failed_precondition(facts: PlanFacts, options: PlanOptions) -> TraceLine | None:
    if not options.activity_history:
        return TraceLine("C1", "Activity history is off: no call record is written.", "stopped")
    if not facts.org.org_id:
        return TraceLine("E3", "No Salesforce org is connected.", "stopped")
    return None


def _with_stop(trace: Sequence[TraceLine]) -> list[TraceLine]:
    """`trace` with its first *skipped* line as the reason why nothing is written at all."""
    first = next((index for index, line in enumerate(trace) if line.outcome == "skipped"), None)
    return [
        replace(line, outcome="stopped") if index == first else line
        for index, line in enumerate(trace)
    ]
