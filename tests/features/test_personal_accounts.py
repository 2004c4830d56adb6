"""A member's own Salesforce account: from the button, through Salesforce's pages, to the end."""

import pytest
from django.test import Client

from integrations.errors import CredentialsRejected
from integrations.jobs import run_preflight
from integrations.memberships import deactivate
from integrations.models import AuditEntry, Connection, Membership, Notice
from integrations.salesforce.client import SalesforceClient
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_salesforce_connection, make_workspace
from tests.features.company import AGENT, SECOND_AGENT
from tests.features.salesforce_admin import Admin
from tests.features.salesforce_member import Member
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)

ANOTHER_ORG = "00D000000000042EAA"


@pytest.fixture
def admin(salesforce_org: SalesforceOrg) -> Admin:
    return Admin(salesforce_org, make_member(make_workspace(), email="ada@acme.test"))


def hire(admin: Admin, email: str, roles: tuple[str, ...] = ("call_agent",)) -> Member:
    return Member(admin.org, make_member(admin.membership.workspace, roles, email=email))


@pytest.mark.feature("MIX-08", "MIX-09", "K-10")
def test_the_button_is_there_as_soon_as_an_admin_has_connected_the_sync_user(
    admin: Admin,
) -> None:
    agent = hire(admin, "ben@acme.test")

    before = agent.page()
    refused = agent.client.post(agent.url("connect/"))

    assert "Connect to Salesforce" not in before
    assert "ada@acme.test" in before
    assert refused.status_code == 403
    assert b"ada@acme.test" in refused.content

    admin.connect()

    assert "Connect to Salesforce" in agent.page(), "without signing in anew"


@pytest.mark.feature("MIX-02", "MIX-07")
def test_a_member_connects_their_own_account_and_is_named_on_the_page(admin: Admin) -> None:
    admin.connect()
    agent = hire(admin, "ben@acme.test")

    page = agent.connect(AGENT)

    account = agent.account()
    assert account is not None
    assert f"Salesforce is connected: {AGENT}" in page
    assert account.org_name in page
    assert account.org_id in page
    agent.membership.refresh_from_db()
    assert agent.membership.salesforce_user_id == account.salesforce_user_id
    assert agent.membership.salesforce_time_zone == "America/Los_Angeles"
    entry = AuditEntry.unscoped.get(action="salesforce.personal_connected")
    assert (entry.actor, entry.after["username"]) == (agent.membership.user, AGENT)


@pytest.mark.feature("MIX-30")
def test_a_salesforce_user_serves_one_member_and_the_conflict_is_named(admin: Admin) -> None:
    admin.connect()
    first = hire(admin, "ben@acme.test")
    first.connect(AGENT)
    second = hire(admin, "cleo@acme.test")

    page = second.connect(AGENT)

    assert f"{AGENT} is already the Salesforce account of {first.membership.user}" in page
    assert second.account() is None
    assert [bool(one["revoked"]) for one in admin.org.records("grants")] == [False, False, True]
    notice = Notice.unscoped.get(workspace=admin.workspace_id, resolved_at=None)
    assert "ben@acme.test" in notice.body
    home = admin.client.get(f"/w/{admin.membership.workspace.slug}/").content.decode()
    assert "Two members want one Salesforce account" in home

    second.connect(SECOND_AGENT)

    assert not Notice.unscoped.filter(resolved_at=None).exists()


@pytest.mark.feature("MIX-30")
def test_the_sync_users_account_is_personal_to_the_member_who_connected_it_only(
    admin: Admin,
) -> None:
    admin.connect()
    agent = hire(admin, "ben@acme.test")

    page = agent.connect()

    assert "sync@acme.test is the Sync User of this workspace, connected by ada@acme.test" in page
    assert agent.account() is None

    same = Member(admin.org, admin.membership)
    same.connect()

    assert same.account() is not None
    assert admin.sync_user() is not None


def test_a_members_account_does_not_become_the_sync_user_behind_their_back(admin: Admin) -> None:
    admin.connect()
    agent = hire(admin, "ben@acme.test")
    agent.connect(AGENT)

    page = admin.connect(AGENT, "replace/")

    assert f"{AGENT} is the Salesforce account of {agent.membership.user}" in page
    sync_user = admin.sync_user()
    assert sync_user is not None
    assert sync_user.salesforce_username == "sync@acme.test"


def test_another_org_is_refused_by_name(admin: Admin) -> None:
    make_salesforce_connection(
        admin.membership.workspace, admin.org, org_id=ANOTHER_ORG, org_name="Initech"
    )
    agent = hire(admin, "ben@acme.test")

    page = agent.connect(AGENT)

    assert f"this workspace works with Initech ({ANOTHER_ORG})" in page
    assert agent.account() is None
    assert all(one["revoked"] for one in admin.org.records("grants"))


@pytest.mark.feature("MIX-28", "MIX-29")
def test_disconnecting_revokes_erases_and_says_to_log_out_of_salesforce(admin: Admin) -> None:
    admin.connect()
    agent = hire(admin, "ben@acme.test")
    agent.connect(AGENT)
    account = agent.account()
    assert account is not None
    assert "Connect to Salesforce" not in agent.page()
    assert "erases its keys" in agent.page("disconnect/")

    page = agent.client.post(agent.url("disconnect/"), follow=True).content.decode()

    account.refresh_from_db()
    assert (account.state, account.sealed_credentials) == (Connection.State.ARCHIVED, "")
    assert [bool(one["revoked"]) for one in admin.org.records("grants")] == [False, True]
    assert "Sign out of Salesforce as well" in page
    assert f'href="{admin.org.url}/secur/logout.jsp"' in page
    assert "Connect to Salesforce" in agent.page()
    assert AuditEntry.unscoped.filter(action="salesforce.personal_disconnected").count() == 1


def test_losing_the_membership_ends_the_account_and_gives_the_grant_back(admin: Admin) -> None:
    admin.connect()
    agent = hire(admin, "ben@acme.test")
    agent.connect(AGENT)
    account = agent.account()
    assert account is not None

    with workspace_scope(agent.workspace_id):
        deactivate(agent.membership, actor=admin.membership.user)

    account.refresh_from_db()
    assert (account.state, account.sealed_credentials) == (Connection.State.ARCHIVED, "")
    assert [bool(one["revoked"]) for one in admin.org.records("grants")] == [False, True]


def test_who_loses_the_membership_at_salesforces_door_connects_nothing(admin: Admin) -> None:
    admin.connect()
    agent = hire(admin, "ben@acme.test")
    callback = agent.answer(agent.integrate(), AGENT)
    Membership.unscoped.filter(pk=agent.membership.pk).update(is_active=False)

    agent.client.get(callback.removeprefix("http://localhost:8000"))

    assert agent.account() is None


def test_an_approval_for_oneself_never_makes_a_sync_user(admin: Admin) -> None:
    """The purpose is bound in the state (RULES F11)."""
    admin.connect()
    agent = hire(admin, "ben@acme.test")
    agent.connect(AGENT)

    connections = Connection.unscoped.filter(workspace=admin.workspace_id)
    assert connections.filter(membership=None).count() == 1
    assert connections.filter(membership=agent.membership).count() == 1


def test_one_member_never_disconnects_another_ones_account(admin: Admin) -> None:
    admin.connect()
    agent = hire(admin, "ben@acme.test")
    agent.connect(AGENT)
    other = hire(admin, "cleo@acme.test")

    assert other.client.get(other.url("disconnect/")).status_code == 404
    assert other.client.post(other.url("disconnect/")).status_code == 404
    assert Client().post(agent.url("disconnect/")).status_code == 302
    assert agent.account() is not None


def test_while_the_workspace_is_disconnected_own_accounts_rest_and_then_go_on(
    admin: Admin,
) -> None:
    admin.connect()
    agent = hire(admin, "ben@acme.test")
    agent.connect(AGENT)

    admin.client.post(admin.url("disconnect/"))

    account = agent.account()
    assert account is not None
    assert account.state == Connection.State.DISABLED
    assert "Your account rests" in agent.page()

    admin.connect()

    account.refresh_from_db()
    assert account.state == Connection.State.ACTIVE
    assert "Connected" in agent.page()


@pytest.mark.feature("MIX-11", "MIX-12", "MIX-13")
def test_the_own_preflight_names_each_missing_permission_by_object_and_operation(
    admin: Admin,
) -> None:
    admin.connect()
    agent = hire(admin, "ben@acme.test")
    admin.org.act("restrict-object", sobject="Task", lost=["edit"], username=AGENT)
    agent.connect(AGENT)
    account = agent.account()
    assert account is not None
    assert "Patchbay is asking Salesforce" in agent.page()

    run_preflight(account.pk)
    page = agent.page()

    assert "1 permission is missing" in page
    assert "Task: edit" in page
    for sobject in ("Account", "Contact", "Lead", "Task", "Event"):
        assert sobject in page
    for operation in ("read", "create", "edit", "delete", "api enabled"):
        assert operation in page.lower()


@pytest.mark.feature("MIX-14")
def test_the_notice_names_the_path_in_setup_and_hands_out_the_permission_set(
    admin: Admin,
) -> None:
    admin.connect()
    agent = hire(admin, "ben@acme.test")
    admin.org.act("restrict-object", sobject="Lead", username=AGENT)
    agent.connect(AGENT)
    account = agent.account()
    assert account is not None
    run_preflight(account.pk)

    assert "Setup → Users → Permission Sets" in agent.page()
    package = agent.client.get(agent.url("preflight/missing/"))
    assert package["Content-Type"] == "application/zip"
    assert (
        hire(admin, "cleo@acme.test").client.get(agent.url("preflight/missing/")).status_code == 404
    )


@pytest.mark.feature("PLUS-14")
def test_a_broken_own_account_tells_its_member_and_one_button_mends_it(admin: Admin) -> None:
    admin.connect()
    agent = hire(admin, "ben@acme.test")
    agent.connect(AGENT)
    account = agent.account()
    assert account is not None
    admin.org.act("revoke-grant", username=AGENT)
    with pytest.raises(CredentialsRejected):
        SalesforceClient(account, feature="tests").query("SELECT Id FROM Contact LIMIT 1")

    home = f"/w/{admin.membership.workspace.slug}/"
    assert "Your account must be connected again" in agent.page()
    assert "Your Salesforce account must be connected again" in (
        agent.client.get(home).content.decode()
    )
    page = agent.page()
    assert page.count(f"Connect again as {AGENT}") == 1

    assert f"Salesforce is connected: {AGENT}" in agent.connect(AGENT)
    again = agent.account()
    assert again is not None
    assert (again.pk, again.state) == (account.pk, Connection.State.ACTIVE)
    assert not Notice.unscoped.filter(resolved_at=None).exists()
