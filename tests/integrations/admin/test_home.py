"""Home as members of different roles see it, and the part of it that refreshes itself."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calls.models import Call, CallLeg
from integrations.home import describe_home
from integrations.models import Connection, CrmWrite, InboundEvent, Membership, Notice, Workspace
from integrations.options import publish_revision
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


def _put_on(call: Call, member: Membership) -> None:
    CallLeg.unscoped.create(
        workspace=call.workspace,
        call=call,
        membership=member,
        leg_key="1",
        state="ended",
        direction="inbound",
        ring_started_at=call.started_at,
    )


def _ticks(member: Membership) -> list[bool]:
    [checklist] = describe_home(member).checklists
    return [step.is_done for step in checklist.steps]


def test_home_opens_for_every_member(client: Client) -> None:
    page = _home(client, make_member(make_workspace(), roles=("member",)))
    assert "Nothing. Patchbay is doing its work." in page


def test_the_steps_are_ticked_by_fact(client: Client) -> None:
    acme = make_workspace()
    admin = make_member(acme, roles=("admin",))
    with workspace_scope(acme):
        assert _ticks(admin) == [False] * 5
    phone_system = make_phone_system(acme)
    make_salesforce_connection(acme)
    InboundEvent.unscoped.create(
        workspace=acme, connection=phone_system, handler="calls", dedupe_key="1"
    )
    with workspace_scope(acme):
        assert _ticks(admin) == [True, True, False, True, False]
        publish_revision({"activity_history": True}, based_on=0, actor=None)
        assert _ticks(admin) == [True, True, True, True, False]
        _write(acme, state="done", salesforce_record_id="00T000000000001AAA")
        assert not describe_home(admin).checklists
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
    _put_on(own, agent)
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


def test_refused_records_stand_by_reason_and_lead_to_their_lines(client: Client) -> None:
    acme = make_workspace()
    for number, code in enumerate(["REQUIRED_FIELD_MISSING", *["STRING_TOO_LONG"] * 2, ""]):
        _write(
            acme,
            state="needs_attention",
            label=f"Line {number}",
            error_code=code,
            error_message=f"Because of {code}" if code else "",
        )
    admin = make_member(acme, roles=("admin",))
    page = _home(client, admin)
    assert "2 records could not be written to Salesforce" in page
    assert "Salesforce said: Because of REQUIRED_FIELD_MISSING. Your org requires a field" in page
    [link] = re.findall('href="([^"]+STRING_TOO_LONG)"', page)
    log = client.get(unescape(link)).content.decode()
    assert [f"Line {number}" in log for number in range(4)] == [False, True, True, False]


def test_own_refused_records_stand_on_ones_own_home(client: Client) -> None:
    acme = make_workspace()
    agent = make_member(acme, roles=("call_agent",))
    _write(acme, state="needs_attention", owner=agent)
    _write(acme, state="needs_attention", target_key="somebody else's")
    assert "1 record could not be written to Salesforce" in _home(client, agent)


def test_agents_have_first_steps_of_their_own(client: Client) -> None:
    acme = make_workspace()
    agent = make_member(acme, roles=("call_agent",))
    with workspace_scope(acme):
        assert _ticks(agent) == [False, False, False]
        agent.extension = "201"
        _put_on(make_call(acme), agent)
        assert _ticks(agent) == [True, True, False]
        _write(acme, state="done", owner=agent, salesforce_record_id="00T000000000001AAA")
        assert not describe_home(agent).checklists
        assert not describe_home(make_member(acme, roles=("marketer",))).checklists


def test_today_stands_beside_a_usual_day(client: Client) -> None:
    acme = make_workspace(time_zone="America/Los_Angeles")
    admin = make_member(acme, roles=("admin",))
    assert "not enough history yet" in _home(client, admin)
    with time_machine.travel(datetime(2026, 11, 20, 20, 40, tzinfo=UTC), tick=False):
        for weeks in (1, 2):
            for minutes in (15, 30):
                at = timezone.now() - timedelta(weeks=weeks, minutes=minutes)
                make_call(acme, started_at=at)
        page = _home(client, make_member(make_workspace(), roles=("admin",)))
        assert "usually" not in page
        cache.clear()
        page = _home(client, admin)
    assert "usually 4 by 12:30" not in page
    assert "usually 2 by 12:30" in page
    assert "Usual is the median of the last four weeks on this weekday" in page
    assert 'title="Friday 20 November, America/Los_Angeles"' in page
    assert "Calls on each of the 13 days before today: from 0 to 2, most on Fri 13 Nov." in page


def test_calls_that_come_while_somebody_reads_are_announced(client: Client) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme, roles=("admin",)).user)
    seen = make_call(acme, external_e164="+14155550101", started_at=timezone.now())
    again = client.get(f"/w/{acme.slug}/").context["again"]
    assert client.get(again).status_code == 204

    for number in ("+14155550102", "+14155550103"):
        make_call(acme, external_e164=number, started_at=timezone.now())
    seen.contact_name = "Ana Ito"
    seen.save()
    answer = client.get(again)
    page = answer.content.decode()
    assert "2 new calls" in page
    assert "Ana Ito" in page  # what is shown changes in place
    assert "+14155550102" not in page
    assert client.get(answer.context["again"]).status_code == 204
    newest = client.get(f"/w/{acme.slug}/home/live/").content.decode()
    assert "+14155550102" in newest
    assert "2 new calls" not in newest


@pytest.mark.parametrize("place", ["yesterday", "2026-13-40T00:00:00+00:00", "2026-11-20T00:00:00"])
def test_a_place_that_is_none_shows_the_newest(client: Client, place: str) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme, roles=("admin",)).user)
    make_call(acme, external_e164="+14155550101", started_at=timezone.now())
    page = client.get(f"/w/{acme.slug}/home/live/", {"place-calls": place}).content.decode()
    assert "+14155550101" in page


@pytest.mark.parametrize(
    ("role", "queries"), [("owner", (26, 22)), ("call_agent", (16, 14)), ("marketer", (9, 9))]
)
def test_home_asks_the_database_as_often_with_a_history_as_without(
    client: Client, role: str, queries: tuple[int, int]
) -> None:
    acme = make_workspace()
    make_salesforce_connection(acme)
    member = make_member(acme, roles=(role,))
    client.force_login(member.user)
    address = f"/w/{acme.slug}/home/live/"

    def count_queries() -> tuple[int, int]:
        """With an empty cache, and right after."""
        cache.clear()
        with CaptureQueriesContext(connection) as cold:
            client.get(address)
        with CaptureQueriesContext(connection) as warm:
            client.get(address)
        return len(cold), len(warm)

    client.get(address)  # a new session is stored once
    assert count_queries() == queries
    phone_system = make_phone_system(acme)
    for number in range(20):
        call = make_call(acme, phone_system, started_at=timezone.now() - timedelta(days=number))
        _put_on(call, member)
        _write(acme, state="needs_attention", error_code=f"CODE_{number % 3}", subject_id=number)
    with_calls = count_queries()
    # Where there are calls: who was on them, and in how many roles.
    assert all(more - less <= 2 for more, less in zip(with_calls, queries, strict=True))
