"""Home as members of different roles see it, and the part of it that refreshes itself."""

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import CallLeg
from integrations.home import describe_home
from integrations.models import Connection, CrmWrite, InboundEvent, Membership, Notice, Workspace
from integrations.tenancy import workspace_scope
from tests.factories import (
    make_call,
    make_member,
    make_phone_system,
    make_salesforce_connection,
    make_workspace,
)

pytestmark = pytest.mark.django_db


def _home(client: Client, member: Membership) -> str:
    client.force_login(member.user)
    response = client.get(f"/w/{member.workspace.slug}/")
    assert response.status_code == 200
    return response.content.decode()


def _write(workspace: Workspace, **fields: object) -> CrmWrite:
    values: dict[str, object] = {
        "workspace": workspace,
        "subject_kind": "call",
        "subject_id": 1,
        "feature": "activity_history",
        "target_key": f"call:{fields}",
        "wire_key": "key",
        "operation": "create",
        "sobject": "Task",
        "fields": {},
        "payload": {},
    }
    return CrmWrite.unscoped.create(**(values | fields))


def test_home_opens_for_every_member(client: Client) -> None:
    page = _home(client, make_member(make_workspace(), roles=("member",)))
    assert "Nothing. Patchbay is doing its work." in page


def test_the_steps_are_ticked_by_fact(client: Client) -> None:
    acme = make_workspace()
    admin = make_member(acme, roles=("admin",))
    with workspace_scope(acme):
        assert [step.is_done for step in describe_home(admin).steps] == [False] * 4
    phone_system = make_phone_system(acme)
    make_salesforce_connection(acme)
    InboundEvent.unscoped.create(
        workspace=acme, connection=phone_system, handler="calls", dedupe_key="1"
    )
    with workspace_scope(acme):
        steps = describe_home(admin).steps
        assert [step.is_done for step in steps] == [True, True, True, False]
        _write(acme, state="done", salesforce_record_id="00T000000000001AAA")
        assert describe_home(admin).is_set_up
    assert "To the first call record" not in _home(client, admin)


def test_what_is_wrong_stands_first_and_in_words(client: Client) -> None:
    acme = make_workspace()
    make_salesforce_connection(
        acme,
        state=Connection.State.NEEDS_RECONNECT,
        state_reason="Salesforce took the permission back.",
    )
    _write(acme, state="needs_attention")
    _write(acme, state="held", held_reason="Salesforce is not connected.")
    InboundEvent.unscoped.create(
        workspace=acme,
        connection=make_phone_system(acme),
        handler="calls",
        dedupe_key="1",
        state="failed",
    )
    Notice.unscoped.create(workspace=acme, kind="x", subject_key="other:1", title="Look at this")
    page = _home(client, make_member(acme, roles=("admin",)))
    told = [
        "Salesforce does not let Patchbay in any more",
        "Salesforce took the permission back.",
        "1 record could not be written to Salesforce",
        "1 record waits",
        "1 event was not understood",
        "Look at this",
    ]
    for text in told:
        assert text in page
    assert page.index(told[0]) < page.index(told[2])


def test_members_see_neither_other_peoples_writes_nor_events(client: Client) -> None:
    acme = make_workspace()
    _write(acme, state="needs_attention")
    page = _home(client, make_member(acme, roles=("call_agent",)))
    assert "could not be written" not in page
    assert "Written to Salesforce" not in page


def test_agents_see_their_own_calls_and_managers_their_teams(client: Client) -> None:
    acme = make_workspace()
    agent = make_member(acme, roles=("call_agent",))
    own, other = (
        make_call(acme, external_e164=number, started_at=timezone.now())
        for number in ("+14155550101", "+14155550102")
    )
    CallLeg.unscoped.create(
        workspace=acme,
        call=own,
        membership=agent,
        leg_key="1",
        state="ended",
        direction="inbound",
        ring_started_at=timezone.now(),
    )
    shown = _home(client, agent)
    assert own.external_e164 in shown
    assert other.external_e164 not in shown
    everything = _home(client, make_member(acme, roles=("admin",)))
    assert other.external_e164 in everything
    assert own.external_e164 not in _home(client, make_member(acme, roles=("marketer",)))


def test_the_live_part_answers_only_when_something_changed(client: Client) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme, roles=("admin",)).user)
    marker = client.get(f"/w/{acme.slug}/").context["marker"]
    address = f"/w/{acme.slug}/home/live/"

    assert client.get(address, {"marker": marker}).status_code == 204
    make_call(acme, external_e164="+14155550199", started_at=timezone.now())
    changed = client.get(address, {"marker": marker})
    assert changed.status_code == 200
    assert "+14155550199" in changed.content.decode()


def test_home_asks_the_database_a_bounded_number_of_times(
    client: Client, django_assert_max_num_queries: object
) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme, roles=("owner",)).user)
    for _number in range(20):
        make_call(acme, started_at=timezone.now())
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        client.get(f"/w/{acme.slug}/home/live/")
