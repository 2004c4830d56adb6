"""What a call does on screen, as one table (K-04; CRC-14 to CRC-17, CRC-24, CRC-34, CRC-38)."""

from dataclasses import replace

import pytest

from calls.events import Direction
from calls.layout_settings import USUAL_POPS, LayoutSettings, Matches, Pop, PopKind
from calls.screen import Opening, count_matches, narrow, show_on_screen
from tests.calls.facts_builder import ACCOUNT, CONTACT, LEAD

RECORD, DIALOG = Opening("record"), Opening("dialog")
NONE, ONE, SEVERAL = Matches.NONE, Matches.ONE, Matches.SEVERAL
NOTHING, ENTITY, SEARCH = Pop(PopKind.NOTHING), Pop(PopKind.ENTITY), Pop(PopKind.SEARCH)
PAGE, FLOW = Pop(PopKind.PAGE, "Callers"), Pop(PopKind.FLOW, "Greet")


def new(sobject: str) -> Opening:
    return Opening("new_record", sobject)


@pytest.mark.parametrize(
    ("matches", "pop", "dialog", "direction", "badge", "opens"),
    [
        # No match: New makes a Lead unless an object is named, in both directions.
        (NONE, NOTHING, True, "inbound", "new", new("Lead")),
        (NONE, ENTITY, True, "inbound", "new", new("Lead")),
        (NONE, Pop(PopKind.ENTITY, "Contact"), True, "inbound", "new", new("Contact")),
        (NONE, Pop(PopKind.ENTITY, "Case"), True, "outbound", "new", new("Case")),
        (NONE, PAGE, True, "inbound", "new", new("Lead")),
        # One match: its record, unless the layout names a page or flow.
        (ONE, ENTITY, True, "inbound", "pop", RECORD),
        (ONE, NOTHING, True, "inbound", "pop", RECORD),
        (ONE, PAGE, True, "inbound", "pop", Opening("page", "Callers")),
        (ONE, FLOW, True, "inbound", "pop", Opening("flow", "Greet")),
        (ONE, PAGE, True, "outbound", "pop", RECORD),
        # Several: with the dialog on the layout does not matter (B6).
        (SEVERAL, NOTHING, True, "inbound", "search", DIALOG),
        (SEVERAL, SEARCH, True, "inbound", "search", DIALOG),
        (SEVERAL, PAGE, True, "outbound", "search", DIALOG),
        (SEVERAL, SEARCH, False, "inbound", "search", Opening("search_page")),
        (SEVERAL, PAGE, False, "inbound", "search", Opening("page", "Callers")),
        (SEVERAL, FLOW, False, "inbound", "search", Opening("flow", "Greet")),
        (SEVERAL, NOTHING, False, "inbound", "several_nothing", None),
        (SEVERAL, SEARCH, False, "outbound", "several_outbound", None),
    ],
)
def test_matches_layout_and_dialog_decide_what_opens(
    matches: Matches, pop: Pop, dialog: bool, direction: Direction, badge: str,
    opens: Opening | None,
) -> None:  # fmt: skip
    layout = LayoutSettings(pops={**USUAL_POPS, matches: pop})
    shown = show_on_screen(matches, direction, layout, search_dialog=dialog)
    assert (shown.badge or shown.no_badge, shown.opens) == (badge, opens)


def test_matches_are_counted_as_salesforce_classes_them() -> None:
    assert [count_matches(number) for number in (0, 1, 2, 50)] == [NONE, ONE, SEVERAL, SEVERAL]


def test_a_layout_leaves_out_objects_and_adds_none() -> None:
    found = (CONTACT, ACCOUNT, LEAD)
    assert narrow(found, {"Contact", "Lead"}) == (CONTACT, LEAD)
    assert narrow(found, LayoutSettings().searched("outbound")) == found
    assert narrow((replace(LEAD, sobject="Case"),), {"Contact", "Account", "Lead"}) == ()
