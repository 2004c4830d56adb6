"""The panel by HTTP: the whole state, what changed since, and actions that are done once."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from calls import review
from calls.filing import gather_facts
from calls.matching import on_lookup_answered
from calls.models import Call, CallLeg, Interaction, PanelEvent
from integrations import phone_systems
from integrations.jobs import drain_inbox
from integrations.models import Connection, InboundEvent, Membership, OptionsRevision, PhoneLookup
from integrations.options import active_options
from integrations.salesforce.precedence import Candidate
from tests.calls.panel_client import PanelClient
from tests.deliveries import PhoneCall
from tests.factories import make_member


@pytest.fixture
def panel(agent: Membership) -> PanelClient:
    return PanelClient(agent)


class Line:
    """A call that happens now: each step is worked on at once."""

    def __init__(self, phone_system: Connection, **more: Any) -> None:
        self.phone_system = phone_system
        self.call = PhoneCall(phone_system, started_at=datetime.now(UTC), **more)

    def step(self, kind: str, seconds: float = 0, **data: Any) -> None:
        self.call.send(kind, seconds, **data)
        drain_inbox(self.phone_system.pk)


def answer_search(*names: str) -> None:
    """Salesforce says whose number it is."""
    records = [
        Candidate("Contact", f"00300000000000{number}AAA", name, account_name="Initech").to_json()
        for number, name in enumerate(names)
    ]
    lookup = PhoneLookup.objects.get()
    lookup.state, lookup.candidates = PhoneLookup.State.ANSWERED, records
    lookup.answered_at = timezone.now()
    lookup.save()
    on_lookup_answered(lookup)


def test_a_call_goes_through_its_phases_and_the_badge_follows_the_search(
    phone_system: Connection, sync_user: Connection, panel: PanelClient
) -> None:
    line = Line(phone_system)
    line.step("ringing")
    rings = panel.call()
    assert (rings["phase"], rings["number"], rings["badge"]) == ("ringing", "+14155550123", None)
    assert rings["no_badge_text"] == "Salesforce is being searched."

    answer_search("Ana Smith")
    found = panel.call()
    assert (found["badge"], found["caller"]) == ("pop", "Ana Smith")
    assert found["records"][0]["account_name"] == "", "record access was not asked for (B9)"

    for kind, phase in (("answered", "talking"), ("held", "held"), ("resumed", "talking")):
        line.step(kind, 1, answered_at=1)
        assert panel.call()["phase"] == phase
    line.step("ended", 2, answered_at=1, ended_at=2)
    over = panel.call()
    assert (over["phase"], over["controls"]) == ("wrap_up", [])

    assert panel.act("end_wrap_up", over).status_code == 200
    assert panel.state()["calls"] == []


def test_the_webhook_phone_system_takes_no_commands_and_the_panel_says_so(
    phone_system: Connection, panel: PanelClient
) -> None:
    Line(phone_system).step("ringing")
    state = panel.state()
    assert (state["controls"], state["calls"][0]["controls"]) == ([], [])
    assert "takes no commands" in state["no_control"]


def test_after_a_number_only_what_changed_is_told(
    phone_system: Connection, panel: PanelClient
) -> None:
    first, second = Line(phone_system), Line(phone_system, external="+14155550199")
    first.step("ringing")
    second.step("ringing")
    whole = panel.state()
    assert whole["is_whole"]
    assert panel.state(after=whole["sequence"])["calls"] == []

    second.step("answered", 1, answered_at=1)
    told = panel.state(after=whole["sequence"])
    assert not told["is_whole"]
    assert [one["phase"] for one in told["calls"]] == ["talking"]
    assert len(told["shown"]) == 2

    second.step("ended", 2, answered_at=1, ended_at=2)
    panel.act("end_wrap_up", panel.state(after=told["sequence"])["calls"][0])
    gone = panel.state(after=told["sequence"])
    assert (gone["calls"], len(gone["shown"])) == ([], 1)


def test_a_panel_that_knows_a_number_nobody_has_gets_the_whole_state(
    phone_system: Connection, panel: PanelClient
) -> None:
    line = Line(phone_system)
    line.step("ringing")
    line.step("answered", 1, answered_at=1)
    assert panel.state(after=99)["is_whole"]
    assert not panel.state(after=0)["is_whole"]
    PanelEvent.objects.filter(sequence=1).delete()
    assert panel.state(after=0)["is_whole"], "an event in between was forgotten"
    assert panel.get("state/", after="-1").status_code == 400


def test_the_panel_of_a_colleague_who_was_not_rung_stays_empty(
    phone_system: Connection, panel: PanelClient
) -> None:
    colleague = PanelClient(make_member(phone_system.workspace, ("admin",), extension="202"))
    Line(phone_system).step("ringing")
    assert len(panel.state()["calls"]) == 1
    assert (colleague.state()["calls"], colleague.state()["sequence"]) == ([], 0)


def test_a_leg_that_turns_out_to_be_somebody_elses_leaves_the_panel(
    phone_system: Connection, panel: PanelClient
) -> None:
    make_member(phone_system.workspace, ("call_agent",), extension="202")
    line = Line(phone_system)
    line.step("ringing")
    before = panel.state()["sequence"]
    line.step("answered", 1, answered_at=1, extension="202")
    after = panel.state(after=before)
    assert (after["sequence"] > before, after["shown"]) == (True, [])


def test_of_several_matches_the_member_chooses_one_and_both_tabs_show_it(
    phone_system: Connection, sync_user: Connection, agent: Membership, panel: PanelClient
) -> None:
    other_tab = PanelClient(agent)
    line = Line(phone_system)
    line.step("ringing")
    line.step("answered", 1, answered_at=1)
    answer_search("Ana Smith", "Ben Smith")
    call = panel.call()
    assert (call["badge"], len(call["records"])) == ("search", 2)
    before = other_tab.state()["sequence"]

    chosen = call["records"][1]["record_id"]
    for _ in range(2):
        assert panel.act("choose_record", call, record_id=chosen).status_code == 200

    told = other_tab.state(after=before)["calls"][0]
    assert (told["badge"], told["is_chosen"], told["caller"]) == ("pop", True, "Ben Smith")
    interaction = Interaction.objects.get()
    assert (interaction.leg_key, interaction.membership) == ("leg-1", agent)
    assert Call.objects.get().contact_name == "Ben Smith"


def test_what_a_manager_settles_is_shown_to_the_agent_who_still_wraps_up(
    phone_system: Connection, sync_user: Connection, panel: PanelClient
) -> None:
    line = Line(phone_system)
    line.step("ringing")
    answer_search("Ana Smith", "Ben Smith")
    line.step("ended", 2, answered_at=1, ended_at=2)
    Call.objects.update(needs_review=True)
    before = panel.state()
    record_id = before["calls"][0]["records"][0]["record_id"]

    admin = make_member(phone_system.workspace)
    review.choose_record(admin, before["calls"][0]["call_id"], record_id)

    told = panel.state(after=before["sequence"])["calls"][0]
    assert (told["is_chosen"], told["caller"]) == (True, "Ana Smith")


def test_a_choice_in_the_wrap_up_is_written_at_its_end(
    phone_system: Connection, sync_user: Connection, panel: PanelClient
) -> None:
    line = Line(phone_system)
    line.step("ringing")
    answer_search("Ana Smith", "Ben Smith")
    line.step("ended", 2, answered_at=1, ended_at=2)
    Call.objects.update(plan_due_at=None)  # it was planned after its end
    call = panel.call()
    panel.act("choose_record", call, record_id=call["records"][0]["record_id"])

    ended_at = CallLeg.objects.values_list("ended_at", flat=True).get()
    a_minute_later = ended_at + timedelta(seconds=60) if ended_at else None
    assert Call.objects.get().plan_due_at == a_minute_later
    panel.act("end_wrap_up", call)
    assert Call.objects.filter(plan_due_at__lt=timezone.now() + timedelta(seconds=3)).exists()


def test_an_action_that_arrives_twice_is_done_once_and_answered_alike(
    phone_system: Connection, panel: PanelClient
) -> None:
    line = Line(phone_system)
    line.step("ringing")
    line.step("ended", 2, answered_at=1, ended_at=2)
    call, key = panel.call(), str(uuid.uuid4())

    first = panel.act("end_wrap_up", call, key=key)
    done_at = CallLeg.objects.get().wrapped_up_at
    again = panel.act("end_wrap_up", call, key=key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert (again["Idempotent-Replayed"], again.json()) == ("true", first.json())
    assert CallLeg.objects.get().wrapped_up_at == done_at
    other = panel.act("choose_record", call, key=key, record_id="003")
    assert other.status_code == 409
    assert other.json()["code"] == "idempotency_key_reused"


def test_what_cannot_be_done_is_refused_in_words(
    phone_system: Connection, panel: PanelClient
) -> None:
    line = Line(phone_system)
    line.step("ringing")
    call = panel.call()
    stranger = PanelClient(make_member(phone_system.workspace, ("admin",), extension="202"))

    early = panel.act("end_wrap_up", call)
    guessed = panel.act("choose_record", call, record_id="003000000000009AAA")
    foreign = stranger.act("end_wrap_up", call)
    unknown = panel.act("answer", call)
    bare = panel.act("choose_record", call)

    assert (early.status_code, early.json()["detail"]) == (
        409,
        "The call is not over yet. Hang up first.",
    )
    assert (guessed.status_code, foreign.status_code) == (409, 409)
    assert "left your panel" in foreign.json()["detail"]
    assert (unknown.status_code, bare.status_code) == (400, 400)
    assert not Interaction.objects.exists()


def test_the_panel_is_available_until_a_precondition_fails(
    phone_system: Connection, agent: Membership, panel: PanelClient
) -> None:
    def reason() -> str | None:
        presence: dict[str, Any] = panel.state()["presence"]
        assert (presence["state"] == "available") == (presence["reason"] is None)
        assert bool(presence["text"]) == bool(presence["reason"])
        return presence["reason"]  # type: ignore[no-any-return]

    assert reason() is None
    Membership.objects.filter(pk=agent.pk).update(crm_licence="none")
    assert reason() == "licence"
    Membership.objects.filter(pk=agent.pk).update(extension="")
    assert reason() == "extension"
    PhoneCall(phone_system).send("odd", 0)
    drain_inbox(phone_system.pk)
    assert reason() == "phone_system_healthy"
    PhoneCall(phone_system).send("ringing", 0)
    drain_inbox(phone_system.pk)
    assert reason() == "extension"
    phone_systems.disable(phone_system, actor=agent.user)
    assert reason() == "phone_system_enabled"
    InboundEvent.objects.all().delete()


def test_a_panel_that_falls_silent_is_not_connected_until_it_is_heard_of_again(
    phone_system: Connection, panel: PanelClient
) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=46)):
        assert panel.state()["presence"]["reason"] == "panel_live"
        assert panel.beat().json()["presence"]["state"] == "available"
        assert panel.state()["presence"]["state"] == "available"
    old = PanelClient(make_member(phone_system.workspace, extension="205"), version=0)
    assert old.state()["presence"]["reason"] == "panel_version"


@pytest.mark.parametrize("had_panel", [True, False])
def test_a_leg_keeps_whether_its_member_had_a_panel(
    phone_system: Connection, agent: Membership, had_panel: bool
) -> None:
    """RULES A5: live at some moment from ring to end, whatever becomes of the panel later."""
    panel = PanelClient(agent) if had_panel else None
    line = Line(phone_system)
    line.step("ringing")
    line.step("ended", 2, answered_at=1, ended_at=2)
    assert CallLeg.objects.get().had_panel == had_panel
    facts = gather_facts(Call.objects.get(), active_options(), None)
    assert facts.legs[0].had_panel == had_panel
    if panel:
        panel.post("session/end/")
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        PanelClient(agent)
        line.step("ended", 3, answered_at=1, ended_at=3)
        assert CallLeg.objects.get().had_panel == had_panel


@pytest.mark.parametrize("is_shown", [True, False])
def test_the_company_of_a_match_is_shown_where_record_access_is_not_asked_for(
    phone_system: Connection, sync_user: Connection, panel: PanelClient, is_shown: bool
) -> None:
    values = {"activity_history": True, "respect_record_access": not is_shown}
    OptionsRevision.objects.update(is_active=False)
    OptionsRevision.objects.create(
        workspace=phone_system.workspace, number=2, values=values, is_active=True
    )
    Line(phone_system).step("ringing")
    answer_search("Ana Smith")
    assert panel.call()["records"][0]["account_name"] == ("Initech" if is_shown else "")
