"""Numbered events: a tab that reads the changes now and then shows what a fresh one shows (F9)."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from calls.models import PanelEvent, PanelFeed
from calls.panel_feed import announce_calls, changed_calls, last_sequence
from integrations.jobs import drain_inbox
from integrations.models import Connection, Membership, Workspace
from tests.calls.panel_client import PanelClient
from tests.deliveries import PhoneCall
from tests.factories import make_call, make_member

KINDS = ("ringing", "answered", "held", "resumed", "ended")


class Tab:
    """A panel's page: it keeps what it was told, and drops what is not shown any more."""

    def __init__(self, panel: PanelClient) -> None:
        self.panel = panel
        self.known: dict[int, dict[str, Any]] = {}
        self.sequence: int | None = None

    def read(self) -> None:
        state = self.panel.state(**({} if self.sequence is None else {"after": self.sequence}))
        if state["is_whole"]:
            self.known = {}
        self.known |= {call["call_id"]: call for call in state["calls"]}
        # A call that is shown and was never told of would be a lost event.
        self.known = {call_id: self.known[call_id] for call_id in state["shown"]}
        self.sequence = state["sequence"]


@pytest.mark.parametrize("seed", range(3))
def test_changes_read_at_any_moments_add_up_to_the_whole_state(
    phone_system: Connection, agent: Membership, seed: int
) -> None:
    chance = random.Random(seed)
    tab = Tab(PanelClient(agent))
    now = datetime.now(UTC)
    calls = [
        PhoneCall(phone_system, external=f"+1415555012{number}", started_at=now)
        for number in range(2)
    ]
    for step in range(8):
        call, kind = chance.choice(calls), chance.choice(KINDS)
        moments: dict[str, float] = {} if kind == "ringing" else {"answered_at": 1}
        if kind == "ended":
            moments["ended_at"] = 9
        call.send(kind, step, **moments)
        drain_inbox(phone_system.pk)
        if chance.random() < 0.5:
            tab.read()
        for shown in list(tab.known.values()):
            if shown["phase"] == "wrap_up" and chance.random() < 0.3:
                tab.panel.act("end_wrap_up", shown)
    tab.read()
    assert list(tab.known.values()) == tab.panel.state()["calls"]


def test_events_count_up_for_each_member_who_has_had_a_panel(
    workspace: Workspace, agent: Membership
) -> None:
    other = make_member(workspace, ("call_agent",))
    first, second = make_call(workspace), make_call(workspace)
    announce_calls({first.pk: {agent.pk, other.pk}})
    assert not PanelEvent.objects.exists(), "nobody had a panel"

    PanelFeed.objects.create(workspace=workspace, membership=agent)
    announce_calls({first.pk: {agent.pk, other.pk}, second.pk: {agent.pk}})
    announce_calls({second.pk: {agent.pk}})

    assert (last_sequence(agent.pk), last_sequence(other.pk)) == (3, 0)
    assert changed_calls(agent.pk, 0, 3) == {first.pk, second.pk}
    assert changed_calls(agent.pk, 2, 3) == {second.pk}
    assert changed_calls(agent.pk, 3, 3) == set()
    assert changed_calls(agent.pk, 4, 3) is None
