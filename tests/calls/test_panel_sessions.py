"""Codes and tokens of softphone panels: good once, for one panel, for as long as the membership."""

from datetime import timedelta

import time_machine
from django.test import Client
from django.utils import timezone

from calls.models import PanelEvent, PanelSession
from integrations import memberships, sweeper
from integrations.models import AuditEntry, Connection, Membership, Workspace
from integrations.roles import Role
from tests.calls.panel_client import PanelClient, ask_code, exchange, new_challenge
from tests.factories import give_softphone, make_call, make_member, make_workspace


def test_a_code_opens_one_panel_once(agent: Membership) -> None:
    verifier, challenge = new_challenge()
    code = ask_code(agent, challenge).json()["code"]

    opened = exchange(code, verifier)
    again = exchange(code, verifier)

    assert (opened.status_code, again.status_code) == (201, 403)
    assert again.json()["code"] == "code_refused"
    session = PanelSession.objects.get()
    stored = f"{session.code_digest} {session.token_digest}"
    assert code not in stored
    assert opened.json()["token"] not in stored
    assert AuditEntry.objects.get().action == "softphone.opened"


def test_a_code_is_worth_nothing_to_another_panel_or_after_a_minute(agent: Membership) -> None:
    verifier, challenge = new_challenge()
    code = ask_code(agent, challenge).json()["code"]
    strange, _ = new_challenge()

    assert exchange(code, strange).status_code == 403
    assert exchange(f"{code[:-1]}_", verifier).status_code == 403
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert exchange(code, verifier).status_code == 403
    assert exchange(code, verifier).status_code == 201


def test_only_who_may_use_the_softphone_gets_a_code(workspace: Workspace) -> None:
    _, challenge = new_challenge()
    for role, status in (("call_agent", 200), ("marketer", 403), ("member", 403)):
        answer = ask_code(give_softphone(make_member(workspace, (role,))), challenge)
        assert answer.status_code == status, role
    unlisted = make_member(workspace, ("call_agent",))
    assert ask_code(unlisted, challenge).status_code == 403
    assert ask_code(give_softphone(unlisted), "no challenge").status_code == 400


def test_the_code_is_for_the_console_alone_to_ask_for(agent: Membership) -> None:
    """A page of another origin has neither the CSRF token nor a session of its own."""
    console = Client(enforce_csrf_checks=True)
    console.force_login(agent.user)
    address = f"/w/{agent.workspace.slug}/calls/panel/code/"
    assert console.post(address, {"challenge": new_challenge()[1]}).status_code == 403


def test_a_sign_in_alone_opens_no_panel(agent: Membership) -> None:
    console = Client()
    console.force_login(agent.user)
    assert console.get("/panel/state/").status_code == 401
    preflight = Client().options("/panel/state/", headers={"Origin": "https://elsewhere.test"})
    assert "Access-Control-Allow-Origin" not in preflight


def test_a_panel_ends_with_the_membership_in_the_same_transaction(
    workspace: Workspace, agent: Membership
) -> None:
    panel = PanelClient(agent)
    verifier, challenge = new_challenge()
    code = ask_code(agent, challenge).json()["code"]

    memberships.deactivate(agent, actor=make_member(workspace).user)

    assert panel.get("state/").status_code == 401
    assert exchange(code, verifier).status_code == 403
    assert not PanelSession.objects.filter(ended_at=None).exists()
    memberships.join_workspace(workspace, agent.user, [Role.CALL_AGENT])
    assert panel.get("state/").status_code == 401, "a new membership brings no old token back"


def test_a_panel_ends_when_it_is_closed_after_a_day_and_without_the_role(
    agent: Membership,
) -> None:
    closed, old = PanelClient(agent), PanelClient(agent)
    assert closed.post("session/end/").status_code == 204
    assert closed.get("state/").status_code == 401
    assert old.get("state/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=12, seconds=1)):
        assert old.get("state/").status_code == 401
    agent.role_grants.all().delete()
    assert old.get("state/").status_code == 401


def test_tokens_of_two_workspaces_never_meet(
    workspace: Workspace, phone_system: Connection, agent: Membership
) -> None:
    elsewhere = make_workspace("Globex")
    same_person = make_member(elsewhere, ("call_agent",), user=agent.user, extension="201")
    call = make_call(workspace, phone_system)
    call.legs.create(
        workspace=workspace,
        leg_key="leg-1",
        membership=agent,
        state="ringing",
        direction="inbound",
        ring_started_at=timezone.now(),
    )
    assert [one["call_id"] for one in PanelClient(agent).state()["calls"]] == [call.pk]
    elsewhere_state = PanelClient(same_person).state()
    assert elsewhere_state["calls"] == []
    assert elsewhere_state["presence"]["reason"] == "phone_system"
    assert elsewhere_state["no_control"] == "", "there is no phone system to speak of"


def test_old_sessions_and_events_are_forgotten(workspace: Workspace, agent: Membership) -> None:
    PanelClient(agent)
    call = make_call(workspace, state="ended")
    for age, sequence in ((timedelta(hours=2), 1), (timedelta(), 2)):
        PanelEvent.objects.create(
            workspace=workspace,
            membership=agent,
            sequence=sequence,
            call=call,
            happened_at=timezone.now() - age,
        )
    sweeper.repair()
    assert list(PanelEvent.objects.values_list("sequence", flat=True)) == [2]
    assert PanelSession.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        sweeper.repair()
    assert not PanelSession.objects.exists()
