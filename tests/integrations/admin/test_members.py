"""Members: roles are edited under the rules of ownership, and every change is audited."""

import pytest
from django.test import Client

from integrations.models import AuditEntry, Membership, Team
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db


def _change_address(member: Membership) -> str:
    return f"/w/{member.workspace.slug}/integrations/membership/{member.pk}/change/"


def _roles(member: Membership) -> set[str]:
    with workspace_scope(member.workspace_id):
        return {str(role) for role in member.roles}


def test_an_admin_gives_roles_a_team_and_an_extension(client: Client) -> None:
    acme = make_workspace()
    team = Team.unscoped.create(workspace=acme, name="Sales")
    ben = make_member(acme, roles=("member",), email="ben@acme.test")
    client.force_login(make_member(acme, roles=("admin",)).user)

    form = {
        "roles": ["call_agent", "marketer"],
        "team": str(team.pk),
        "extension": "201",
        "crm_licence": "client",
    }
    response = client.post(_change_address(ben), form)

    assert response.status_code == 302
    ben.refresh_from_db()
    assert (ben.team, ben.extension) == (team, "201")
    assert _roles(ben) == {"call_agent", "marketer"}
    lines = {line.action: line for line in AuditEntry.unscoped.all()}
    assert lines["membership.roles_changed"].after == {"roles": ["call_agent", "marketer"]}
    assert lines["membership.changed"].after == {"team": "Sales", "extension": "201"}


def test_an_extension_is_taken_once(client: Client) -> None:
    acme = make_workspace()
    make_member(acme, roles=("call_agent",), extension="201")
    ben = make_member(acme, roles=("call_agent",))
    client.force_login(make_member(acme, roles=("admin",)).user)

    form = {"roles": ["call_agent"], "extension": "201", "crm_licence": "client"}
    response = client.post(_change_address(ben), form)

    assert response.status_code == 200
    assert response.context["adminform"].form.errors


def test_the_last_owner_stays_owner_and_is_told_why(client: Client) -> None:
    acme = make_workspace()
    owner = make_member(acme, roles=("owner",))
    client.force_login(owner.user)

    form = {"roles": ["admin"], "crm_licence": "client", "extension": "299"}
    response = client.post(_change_address(owner), form, follow=True)

    assert "make somebody else an owner first" in response.content.decode()
    assert _roles(owner) == {"owner"}
    owner.refresh_from_db()
    assert owner.extension == "", "the whole change is taken back"


def test_admins_neither_make_nor_unmake_owners(client: Client) -> None:
    acme = make_workspace()
    owner = make_member(acme, roles=("owner",))
    admin = make_member(acme, roles=("admin",))
    client.force_login(admin.user)

    promoted = client.post(
        _change_address(admin), {"roles": ["owner", "admin"], "crm_licence": "client"}
    )
    assert promoted.status_code == 200, "owner is not among the choices"
    demoted = client.post(_change_address(owner), {"roles": ["admin"], "crm_licence": "client"})
    assert demoted.status_code == 403
    assert (_roles(owner), _roles(admin)) == ({"owner"}, {"admin"})


def test_ending_a_membership_asks_first_and_closes_the_workspace(client: Client) -> None:
    acme = make_workspace()
    ben = make_member(acme, roles=("call_agent",))
    client.force_login(make_member(acme, roles=("admin",)).user)
    address = f"/w/{acme.slug}/integrations/membership/{ben.pk}/end_membership/"

    asked = client.get(address)
    assert "can no longer enter" in asked.content.decode()
    ben.refresh_from_db()
    assert ben.is_active, "a GET must not act"

    client.post(address)
    ben.refresh_from_db()
    assert not ben.is_active
    assert client.get(address).status_code == 404, "there is nothing left to end"


def test_two_teams_cannot_share_a_name(client: Client) -> None:
    acme = make_workspace()
    Team.unscoped.create(workspace=acme, name="Sales")
    client.force_login(make_member(acme, roles=("admin",)).user)
    response = client.post(f"/w/{acme.slug}/integrations/team/add/", {"name": "Sales"})
    assert response.status_code == 200
    assert Team.unscoped.count() == 1
