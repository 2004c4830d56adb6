"""Connecting an org: from the button, through Salesforce's own pages, and back."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.models import (
    ArchivedUserLink,
    AuditEntry,
    Connection,
    CrmWrite,
    Membership,
    Notice,
    RoleGrant,
    WriteState,
)
from integrations.salesforce import attempts
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.lookup import search_phone
from integrations.simulators.salesforce import seed
from tests.factories import make_member, make_workspace
from tests.features.salesforce_admin import Admin
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)

ADMIN_USERNAME = "admin@acme.test"


@pytest.fixture
def admin(salesforce_org: SalesforceOrg) -> Admin:
    return Admin(salesforce_org, make_member(make_workspace(), email="ada@acme.test"))


@pytest.mark.feature("MII-25", "MII-26")
def test_integrate_connects_the_user_who_signs_in_at_salesforce(admin: Admin) -> None:
    assert "Integrate" in admin.page()
    url = admin.integrate()
    sent = dict(parse_qsl(urlsplit(url).query))
    assert url.startswith(f"{admin.org.url}/services/oauth2/authorize?")
    assert sent["code_challenge_method"] == "S256"
    assert set(sent["scope"].split()) == {"api", "refresh_token", "id", "openid"}
    assert admin.sync_user() is None

    page = admin.come_back(admin.answer(url))
    connection = admin.sync_user()
    assert connection is not None
    assert seed.SYNC_USERNAME in page
    assert connection.org_id in page
    assert connection.org_name in page
    assert connection.closed_task_status == "Completed"
    assert ">Integrate<" not in admin.page()
    assert "credentials" not in str(AuditEntry.unscoped.get(action="salesforce.connected").after)


@pytest.mark.feature("MII-27")
def test_the_page_before_says_what_to_check_and_deny_leaves_nothing(admin: Admin) -> None:
    assert "Check the user name that it shows, then choose Allow" in admin.page()
    callback = admin.answer(admin.integrate(), decision="deny")
    page = admin.come_back(callback)
    assert "Access was denied in Salesforce, so nothing was connected" in page
    assert "Basic settings" in page
    assert not Connection.unscoped.filter(workspace=admin.workspace_id).exists()
    assert "Salesforce is connected:" in admin.connect(), "trying again works"


@pytest.mark.feature("MII-24")
def test_basic_settings_are_for_admins_only(salesforce_org: SalesforceOrg) -> None:
    workspace = make_workspace()
    admin = Admin(salesforce_org, make_member(workspace))
    assert "Basic settings" in admin.page()
    agent = Admin(salesforce_org, make_member(workspace, roles=("call_agent",)))
    for method, rest in (("get", ""), ("post", "integrate/"), ("post", "disconnect/")):
        assert getattr(agent.client, method)(agent.url(rest)).status_code == 403


@pytest.mark.feature("MII-17")
def test_a_second_user_replaces_the_first_only_after_confirmation(admin: Admin) -> None:
    admin.connect()
    url = admin.integrate()
    assert url == admin.url(), "nothing is started without the confirmation"
    assert "connected already" in admin.page()

    assert "Another Salesforce user takes the place of sync@acme.test" in admin.page("replace/")
    before = admin.sync_user()
    page = admin.connect(ADMIN_USERNAME, "replace/")
    after = admin.sync_user()
    assert before is not None
    assert after is not None
    assert ADMIN_USERNAME in page
    assert after.pk == before.pk, "the same org keeps its row"
    assert Connection.unscoped.filter(workspace=admin.workspace_id).count() == 1
    grants = admin.org.records("grants")
    assert [bool(grant["revoked"]) for grant in grants] == [True, False]


@pytest.mark.feature("MII-17")
def test_connecting_again_as_somebody_else_changes_nothing(admin: Admin) -> None:
    admin.connect()
    admin.org.act("revoke-grant")
    Connection.unscoped.update(state=Connection.State.NEEDS_RECONNECT, state_reason="Why.")
    page = admin.connect(ADMIN_USERNAME)
    assert f"You approved as {ADMIN_USERNAME}, but {seed.SYNC_USERNAME} is connected" in page
    connection = admin.sync_user()
    assert connection is not None
    assert connection.salesforce_username == seed.SYNC_USERNAME
    assert all(grant["revoked"] for grant in admin.org.records("grants")), "it is given back"


@pytest.mark.feature("PLUS-14")
def test_a_broken_connection_tells_its_cause_and_one_button_mends_it(admin: Admin) -> None:
    admin.connect()
    connection = admin.sync_user()
    assert connection is not None
    write = _make_write(connection)
    admin.org.act("revoke-grant")
    with pytest.raises(Exception, match="no longer accepts"):
        SalesforceClient(connection, feature="tests").query("SELECT Id FROM Contact LIMIT 1")

    page = admin.page()
    assert "Salesforce no longer accepts our approval." in page
    assert "1 record waits and is written once the connection works again" in page
    assert page.count("Connect again as sync@acme.test") == 1
    assert Notice.unscoped.filter(resolved_at=None).count() == 1

    admin.connect()
    write.refresh_from_db()
    assert write.state == WriteState.PLANNED
    assert not Notice.unscoped.filter(resolved_at=None).exists()
    assert AuditEntry.unscoped.filter(action="salesforce.renewed").count() == 1
    SalesforceClient(connection, feature="tests").query("SELECT Id FROM Contact LIMIT 1")


def test_disconnecting_gives_the_grant_back_and_keeps_what_waits(admin: Admin) -> None:
    admin.connect()
    connection = admin.sync_user()
    assert connection is not None
    write = _make_write(connection)
    assert "1 record waits to be written" in admin.page("disconnect/")
    admin.client.post(admin.url("disconnect/"))
    assert "Integrate" in admin.page()
    connection.refresh_from_db()
    assert (connection.state, connection.sealed_credentials) == (Connection.State.ARCHIVED, "")
    assert all(grant["revoked"] for grant in admin.org.records("grants"))
    write.refresh_from_db()
    assert write.state == WriteState.HELD

    admin.connect()
    write.refresh_from_db()
    assert write.state == WriteState.PLANNED
    assert write.connection == admin.sync_user()


def test_disconnecting_works_while_salesforce_is_away(admin: Admin) -> None:
    admin.connect()
    admin.org.fault("/revoke$", "status", status=503)
    admin.client.post(admin.url("disconnect/"))
    assert admin.sync_user() is None


def test_another_org_gets_its_own_connection(admin: Admin) -> None:
    admin.connect()
    Connection.unscoped.update(org_id="00D000000000042EAA", sealed_credentials="")
    Membership.unscoped.update(salesforce_user_id="005000000000042AAA")
    page = admin.connect(rest="replace/")
    assert "but this workspace worked with" in page
    assert "Connect another organisation" in page
    admin.connect_other_org("keep")
    states = Connection.unscoped.order_by("id").values_list("org_id", "state")
    assert [state for _, state in states] == ["archived", "active"]
    admin.membership.refresh_from_db()
    assert admin.membership.salesforce_user_id == "", "links to users of the other org are gone"
    kept = ArchivedUserLink.unscoped.get()
    assert (kept.org_id, kept.membership) == ("00D000000000042EAA", admin.membership)


def test_replacing_and_disconnecting_ask_for_the_password(admin: Admin, settings: Settings) -> None:
    admin.connect()
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    for rest in ("replace/", "disconnect/"):
        for response in (admin.client.get(admin.url(rest)), admin.client.post(admin.url(rest))):
            assert response.status_code == 302
            assert "reauthenticate" in response["Location"]
    assert admin.sync_user() is not None


def test_members_are_linked_to_users_with_their_address(admin: Admin) -> None:
    workspace = admin.membership.workspace
    agent = make_member(workspace, roles=("call_agent",), email="agent@acme.test")
    left = make_member(workspace, roles=("call_agent",), email="left@acme.test")
    admin.connect()
    agent.refresh_from_db()
    left.refresh_from_db()
    assert agent.salesforce_user_id.startswith("005")
    assert agent.salesforce_time_zone == "America/Los_Angeles"
    assert left.salesforce_user_id == "", "inactive users are no owners"


def _assert_refused(admin: Admin, page: str, why: str) -> None:
    assert why in page
    assert admin.sync_user() is None


def test_a_state_serves_once(admin: Admin) -> None:
    callback = admin.answer(admin.integrate(), decision="deny")
    admin.come_back(callback)
    page = admin.come_back(callback)
    _assert_refused(admin, page, "This approval was finished before.")
    assert "in another tab or before a reload" in page


def test_a_state_of_another_session_is_refused(admin: Admin, salesforce_org: SalesforceOrg) -> None:
    callback = admin.answer(admin.integrate())
    thief = Admin(salesforce_org, make_member(admin.membership.workspace))
    unknown = "this approval is not known here"
    _assert_refused(admin, thief.come_back(callback), unknown)
    forged = admin.come_back("/oauth/salesforce/callback/?code=x&state=forged")
    _assert_refused(admin, forged, unknown)


def test_an_approval_expires(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    callback = admin.answer(admin.integrate())
    monkeypatch.setattr(attempts, "ATTEMPT_SECONDS", 0)
    _assert_refused(admin, admin.come_back(callback), "This approval took too long")


def test_a_wrong_clock_is_said_to_be_one(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another web server stamped the start, and its clock is ahead."""
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        callback = admin.answer(admin.integrate())
    page = admin.come_back(callback)
    _assert_refused(admin, page, "their clocks differ")
    assert "set its servers’ clocks" in page


def test_a_second_tab_that_finishes_later_only_renews(admin: Admin) -> None:
    first, second = admin.integrate(), admin.integrate()
    admin.come_back(admin.answer(first))
    assert "Salesforce is connected:" in admin.come_back(admin.answer(second))
    assert Connection.unscoped.filter(workspace=admin.workspace_id).count() == 1
    revoked = [bool(grant["revoked"]) for grant in admin.org.records("grants")]
    assert revoked == [True, False], "the first approval is given back"


def test_somebody_who_lost_the_role_meanwhile_connects_nothing(admin: Admin) -> None:
    callback = admin.answer(admin.integrate())
    RoleGrant.unscoped.filter(membership=admin.membership).update(role="call_agent")
    page = admin.come_back(callback)
    assert "You may no longer connect Salesforce" in page
    assert admin.sync_user() is None


def test_strangers_are_asked_to_sign_in(admin: Admin) -> None:
    response = Client().get("/oauth/salesforce/callback/?code=x&state=y")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", ["/token$", "/userinfo$", "/query$"])
def test_trouble_on_the_way_leaves_nothing_half_done(admin: Admin, path: str) -> None:
    admin.org.fault(path, "status", status=503, body="<html>Maintenance</html>")
    page = admin.connect()
    assert "Salesforce could not be connected." in page
    assert not Connection.unscoped.filter(workspace=admin.workspace_id).exists()
    assert all(grant["revoked"] for grant in admin.org.records("grants"))


def test_without_an_app_the_page_leads_to_setting_one_up(admin: Admin, settings: Settings) -> None:
    settings.SALESFORCE_CLIENT_ID = ""
    page = admin.page()
    assert "This installation has no Salesforce app yet" in page
    assert "Set up the Salesforce app" in page
    assert "http://localhost:8000/oauth/salesforce/callback/" in admin.page("app/")
    assert admin.integrate() == admin.url()


def test_the_form_may_lead_to_salesforce(admin: Admin) -> None:
    policy = admin.client.get(admin.url())["Content-Security-Policy"]
    [form_action] = [part for part in policy.split(";") if "form-action" in part]
    assert "'self'" in form_action
    assert "https://*.salesforce.com" in form_action
    assert admin.org.url in form_action


@pytest.mark.feature("MII-12", "MII-13", "MII-31")
def test_a_number_costs_one_request_to_the_rest_api_of_version_51(admin: Admin) -> None:
    admin.connect()
    assert "51.0" in admin.page()
    connection = admin.sync_user()
    assert connection is not None
    before = len(admin.org.requests())
    search_phone(SalesforceClient(connection, feature="lookups"), seed.ONE_CONTACT_NUMBER, "US")
    spent = [request for request in admin.org.requests()[before:] if request["api_requests"]]
    assert [request["path"] for request in spent] == ["/services/data/v51.0/search"]
    assert not [request for request in admin.org.requests() if "/soap/" in request["path"].lower()]


def _make_write(connection: Connection) -> CrmWrite:
    return CrmWrite.unscoped.create(
        workspace=connection.workspace,
        connection=connection,
        org_id=connection.org_id,
        subject_kind="call",
        subject_id=1,
        feature="tests",
        target_key="call:1",
        wire_key="pb-1",
        operation="create",
        sobject="Task",
        fields={},
        payload={},
    )
