"""Why a call was filed as it was: the trace of its plan, arranged for reading (PLUS-04). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from integrations.planning import TraceLine

#: What a person can do about the first precondition that failed, by the rule that says so.
_ADVICE = {
    "C1": "An admin can switch activity history on; calls from then on are recorded.",
    "E3": "An admin can connect Salesforce; calls from then on are recorded.",
    "A5": "Open the softphone panel before the call, or let an admin switch log_without_panel on.",
    "MIX-15": "An admin can let the role record calls, under Salesforce, Role settings.",
    "MIX-16": "They can choose it under My account, What to record; later calls are recorded then.",
    "A6": "An admin can switch save_internal_calls on; calls from then on are recorded.",
}


#: Why a call has no record, as one word of a fixed set (CRC-78), by the rule that says so.
NO_RECORD_CAUSES = {
    "C1": "activity_history_off",
    "E3": "salesforce_not_connected",
    "A5": "no_panel",
    "MIX-15": "role_records_no_calls",
    "MIX-16": "member_records_no_calls",
    "A6": "internal_calls_not_saved",
    "A2": "not_answered",
    "A3": "consult_only",
    "A4": "not_over",
    "C7": "search_pending",
}


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """What was decided about the whole call, or about one leg."""

    title: str
    lines: tuple[TraceLine, ...]


def group_trace(
    trace: Iterable[TraceLine], leg_names: Mapping[str, str], *, whole: str
) -> tuple[ReasonGroup, ...]:
    """The lines about the whole call (under the title ``whole``), then those of each leg."""
    groups: dict[str, list[TraceLine]] = {"": []}
    for line in trace:
        groups.setdefault(line.about, []).append(line)
    return tuple(
        ReasonGroup(leg_names.get(about, about) if about else whole, tuple(lines))
        for about, lines in groups.items()
        if lines
    )


def find_stop(trace: Iterable[TraceLine]) -> TraceLine | None:
    """The first precondition that failed, where nothing was to be written."""
    return next((line for line in trace if line.outcome == "stopped"), None)


def no_record_cause(trace: Iterable[TraceLine]) -> str:
    """The first precondition that failed, as one of `NO_RECORD_CAUSES`; empty where none did."""
    stop = find_stop(trace)
    return NO_RECORD_CAUSES[stop.rule] if stop else ""


def advice_on(line: TraceLine) -> str:
    """What a person can do about a stop; empty where the rule is meant to be like that."""
    return _ADVICE.get(line.rule, "")
