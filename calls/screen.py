"""What a call does on the agent's screen (CRC-14 to 18, CRC-24, CRC-34, CRC-38; RULES B6). Pure.

One table, asked by the panel and shown by tests: how many records match, what the layout says, and
whether the search dialog is on. *When* a new record is stored is the matter of the options (B7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from calls.events import Direction
from calls.layout_settings import LayoutSettings, Matches, PopKind
from integrations.salesforce.precedence import Candidate

Badge = Literal["pop", "search", "new"]
#: Why Search has nothing to open, by word; the panel says it in a sentence (CRC-24).
NoBadge = Literal["several_nothing", "several_outbound"]


@dataclass(frozen=True, slots=True)
class Opening:
    """What pressing the badge opens: the record that matches, Patchbay's own dialog, Salesforce's
    search page, a Visualforce page, a flow, or the form of a new record. `target` names the page,
    the flow or the new record's object."""

    kind: Literal["record", "dialog", "search_page", "page", "flow", "new_record"]
    target: str = ""


@dataclass(frozen=True, slots=True)
class OnScreen:
    """The one badge and what it opens, or the word for why there is none."""

    badge: Badge | None
    opens: Opening | None
    no_badge: NoBadge | None = None


def count_matches(number: int) -> Matches:
    """`number` of records as the settings class them."""
    return Matches.NONE if not number else Matches.ONE if number == 1 else Matches.SEVERAL


def show_on_screen(
    matches: Matches, direction: Direction, layout: LayoutSettings, *, search_dialog: bool
) -> OnScreen:
    """What the panel offers for a call of an outside party.

    Screen pops are set for inbound calls alone (CRC-15); the buttons of other calls open what they
    name and nothing of Salesforce's own.
    """
    if matches is Matches.NONE:
        return OnScreen("new", Opening("new_record", layout.new_object))
    pop = layout.pops[matches]
    kind = pop.kind if direction == "inbound" else PopKind.NOTHING
    if matches is Matches.ONE:
        return OnScreen("pop", _page_or_flow(kind, pop.target) or Opening("record"))
    if search_dialog:
        return OnScreen("search", Opening("dialog"))
    if direction != "inbound":
        return OnScreen(None, None, "several_outbound")
    if kind is PopKind.SEARCH:
        return OnScreen("search", Opening("search_page"))
    opens = _page_or_flow(kind, pop.target)
    return OnScreen("search", opens) if opens else OnScreen(None, None, "several_nothing")


def narrow(candidates: Iterable[Candidate], searched: Iterable[str]) -> tuple[Candidate, ...]:
    """The matches of the objects that a layout has searched (CRC-36)."""
    kept = frozenset(searched)
    return tuple(one for one in candidates if one.sobject in kept)


def _page_or_flow(kind: PopKind, target: str) -> Opening | None:
    if kind is PopKind.PAGE:
        return Opening("page", target)
    return Opening("flow", target) if kind is PopKind.FLOW else None
