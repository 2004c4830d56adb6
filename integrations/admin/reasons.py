"""The trace of a plan, ready to be shown: which rule decided, in words (PLUS-04)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from integrations.admin.chips import Chip, chip
from integrations.models import PlanRun
from integrations.planning import TraceLine

_OUTCOME_CHIPS = {
    "applied": Chip.DONE,
    "skipped": Chip.WAITING,
    "stopped": Chip.ATTENTION,
    "flagged": Chip.ATTENTION,
    "needs review": Chip.ATTENTION,
}


@dataclass(frozen=True)
class Reason:
    """One line of the trace."""

    rule: str
    text: str
    chip: SafeString


@dataclass(frozen=True)
class Explained:
    """One plan: when it was made, and its reasons under the titles of what they are about."""

    run: PlanRun
    groups: Sequence[tuple[str, list[Reason]]]


def show_reasons(lines: Iterable[TraceLine]) -> list[Reason]:
    """These lines, in their order."""
    return [Reason(line.rule, line.text, _outcome_chip(line)) for line in lines]


def _outcome_chip(line: TraceLine) -> SafeString:
    return chip(_OUTCOME_CHIPS.get(line.outcome, Chip.WAITING), line.outcome)
