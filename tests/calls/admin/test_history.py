"""The call history: who sees which calls, how they are found, and what it costs."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calls.models import Call, CallLeg
from integrations.addresses import console_url
from integrations.models import CrmWrite, Membership, Team, Workspace, WriteState
from tests.factories import make_call, make_member, make_salesforce_connection, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(db: None) -> Workspace:
    return make_workspace(default_region="US")


def call_of(*members: Membership, **fields: Any) -> Call:
    """A call that ended, with an answered leg for each member."""
    started = fields.setdefault("started_at", timezone.now() - timedelta(minutes=5))
    answered, ended = started + timedelta(seconds=5), started + timedelta(seconds=65)
    call = make_call(
        members[0].workspace,
        **{"state": "ended", "outcome": "answered", "answered_at": answered, "ended_at": ended}
        | fields,
    )
    for number, member in enumerate(members):
        CallLeg.unscoped.create(
            workspace=member.workspace,
            call=call,
            leg_key=f"leg-{number}",
            membership=member,
            state="ended",
            direction=call.direction,
            ring_started_at=started,
            answered_at=answered,
            ended_at=ended,
        )
    return call


def visit(member: Membership, name: str = "changelist", *args: Any, **query: str) -> Any:
    client = Client()
    client.force_login(member.user)
    return client.get(console_url(member.workspace, f"calls_call_{name}", *args), query)


def shown(member: Membership, **query: str) -> str:
    response = visit(member, **query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_agents_see_their_own_calls_everywhere_and_no_others(acme: Workspace) -> None:
    agent, other = make_member(acme, ("call_agent",)), make_member(acme, ("call_agent",))
    mine, theirs = call_of(agent, contact_name="Ana Ito"), call_of(other, contact_name="Bo Berg")

    page = shown(agent)
    exported = visit(agent, "export").getvalue().decode()

    assert "Ana Ito" in page
    assert "Bo Berg" not in page
    assert "Ana Ito" in exported
    assert "Bo Berg" not in exported
    assert visit(agent, "change", mine.pk).status_code == 200
    assert visit(agent, "change", theirs.pk).status_code == 404


def test_managers_see_the_calls_of_their_team(acme: Workspace) -> None:
    sales = Team.unscoped.create(workspace=acme, name="Sales")
    manager = make_member(acme, ("call_manager",), team=sales)
    call_of(make_member(acme, ("call_agent",), team=sales), contact_name="Ana Ito")
    call_of(make_member(acme, ("call_agent",)), contact_name="Bo Berg")

    page = shown(manager)

    assert "Ana Ito" in page
    assert "Bo Berg" not in page


def test_admins_see_all_calls_once_each(acme: Workspace) -> None:
    one, two = make_member(acme, ("call_agent",)), make_member(acme, ("call_agent",))
    call_of(one, two, contact_name="Ana Ito")

    page = shown(make_member(acme, ("admin",)))

    assert page.count(">Ana Ito</a>") == 1


@pytest.mark.parametrize("name", ["changelist", "export"])
def test_members_without_calls_are_refused(acme: Workspace, name: str) -> None:
    assert visit(make_member(acme, ("marketer",)), name).status_code == 403


@pytest.mark.parametrize(
    "term",
    ["+14155550123", "(415) 555-0123", "415555", "Ana", "ito", "003000000000007AAA"],
)
def test_a_call_is_found_by_number_name_and_record_id(acme: Workspace, term: str) -> None:
    admin = make_member(acme)
    call_of(
        admin,
        contact_name="Ana Ito",
        external_e164="+14155550123",
        contact_record_id="003000000000007AAA",
    )
    call_of(admin, contact_name="Bo Berg", external_e164="+12125550140")

    page = shown(admin, q=term)

    assert "Ana Ito" in page
    assert "Bo Berg" not in page


@pytest.mark.parametrize(
    "query",
    [
        {"direction__exact": "outbound"},
        {"outcome": "busy"},
        {"needs_review__exact": "1"},
        {"period": "week"},
    ],
)
def test_filters_leave_what_they_name(acme: Workspace, query: dict[str, str]) -> None:
    admin = make_member(acme)
    long_ago = timezone.now() - timedelta(days=40)
    call_of(admin, contact_name="Ana Ito", direction="outbound", outcome="busy", needs_review=True)
    call_of(admin, contact_name="Bo Berg", started_at=long_ago)

    page = shown(admin, **query)

    assert "Ana Ito" in page
    assert "Bo Berg" not in page


def test_the_number_of_queries_does_not_grow_with_the_list(
    acme: Workspace,
) -> None:
    admin = make_member(acme)
    sync_user = make_salesforce_connection(acme)
    counts = []
    for more in (3, 27):
        for number in range(more):
            agents = [make_member(acme, ("call_agent",)) for _ in range(2)]
            call = call_of(*agents, contact_name=f"Person {number}")
            make_write(call, connection=sync_user, owner=agents[0])
        with CaptureQueriesContext(connection) as captured:
            shown(admin)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] < 30, "signing in included"


def make_write(call: Call, **fields: Any) -> CrmWrite:
    """The call's record, as it stands in Salesforce."""
    return CrmWrite.unscoped.create(
        workspace=call.workspace,
        **{
            "subject_kind": "call",
            "subject_id": call.pk,
            "feature": "activity_history",
            "target_key": f"call:{call.call_key}",
            "wire_key": f"pb-{call.pk}",
            "operation": "create",
            "sobject": "Task",
            "fields": {},
            "payload": {},
            "state": WriteState.DONE,
            "salesforce_record_id": "00T000000000001AAA",
        }
        | fields,
    )


def test_the_cell_says_where_a_call_was_filed(acme: Workspace) -> None:
    admin = make_member(acme)
    sync_user = make_salesforce_connection(acme, instance_url="https://acme.my.salesforce.com")
    call = call_of(
        admin, candidates=[{"sobject": "Contact", "record_id": "003X", "name": "Ana Ito"}]
    )
    make_write(call, connection=sync_user, fields={"WhoId": "003X"})

    page = shown(admin)

    assert "under Ana Ito" in page
    assert 'href="https://acme.my.salesforce.com/00T000000000001AAA"' in page


def test_a_call_that_nobody_reported_the_end_of_is_in_progress(acme: Workspace) -> None:
    admin = make_member(acme)
    call_of(admin, state="answered", ended_at=None, outcome="")

    page = shown(admin)

    assert "Talking" in page
    assert "Filed when it ends." in page


def test_an_empty_history_says_what_will_stand_there(acme: Workspace) -> None:
    assert "No calls yet." in shown(make_member(acme))


def test_the_download_holds_what_is_filtered_and_no_formulas(acme: Workspace) -> None:
    admin = make_member(acme, time_zone="Europe/Madrid")
    started = timezone.now().replace(month=1, day=15, hour=12, minute=0, second=0, microsecond=0)
    call_of(admin, contact_name='=HYPERLINK("http://x")', direction="outbound", started_at=started)
    call_of(admin, contact_name="Bo Berg")

    response = visit(admin, "export", direction__exact="outbound")

    assert response["Content-Type"].startswith("text/csv")
    heading, *rows = csv.reader(StringIO(response.getvalue().decode()))
    assert heading[0] == "Start"
    assert len(rows) == 1
    start, direction, person, _account, number, agents, seconds, outcome, _review = rows[0]
    assert start == f"{started.year}-01-15T13:00:00+01:00"
    assert (direction, person) == ("Outbound", '\'=HYPERLINK("http://x")')
    assert (number, seconds, outcome) == ("'+14155550123", "60", "answered")
    assert agents == str(admin)


def test_a_long_download_comes_in_pages_without_losing_or_repeating(
    acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calls.admin.export._PAGE", 2)
    admin = make_member(acme)
    started = timezone.now()
    for number in range(5):
        call_of(admin, contact_name=f"Person {number}", started_at=started)

    _heading, *rows = csv.reader(StringIO(visit(admin, "export").getvalue().decode()))

    assert [row[2] for row in rows] == [f"Person {number}" for number in (4, 3, 2, 1, 0)]


def test_nothing_on_a_call_can_be_changed(acme: Workspace) -> None:
    admin = make_member(acme, ("owner",))
    call = call_of(admin)
    client = Client()
    client.force_login(admin.user)

    assert client.post(console_url(acme, "calls_call_change", call.pk)).status_code == 405
    assert client.post(console_url(acme, "calls_call_export")).status_code == 405
    assert client.post(console_url(acme, "calls_call_delete", call.pk)).status_code == 403
