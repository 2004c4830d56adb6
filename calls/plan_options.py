"""The options that planning calls reads, with the defaults of RULES E6. Pure.

A snapshot of a revision is a plain mapping; missing and unknown keys are normal, because snapshots
outlive releases (RULES E7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self

SubjectFormat = Literal["24h/zone id", "12h/zone name"]


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """One workspace's switches as the planner sees them.

    `multi_match` says what happens with several matches and no choice: a person decides ("ask"),
    the record stays unassociated ("none"), or the directory's choice is taken ("precedence", B3.6).
    """

    activity_history: bool = False
    log_without_panel: bool = True
    save_internal_calls: bool = True
    record_unanswered: Literal["one", "none"] = "one"
    search_dialog: bool = True
    multi_match: Literal["ask", "none", "precedence"] = "ask"
    manual_dial_single_match: Literal["associate", "none"] = "associate"
    timezone_in_subject: bool = False
    subject_format: SubjectFormat = "24h/zone id"
    legacy: bool = False
    local_numbers: bool = False
    full_region_names: bool = False
    run_assignment_rules: bool = False

    @classmethod
    def read(cls, snapshot: Mapping[str, Any]) -> Self:
        """The options of a revision's snapshot."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in snapshot.items() if name in names})
