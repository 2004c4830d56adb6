"""Setting an org up for real: app and host, editions, versions, another organisation, waiting."""

import pytest
from pytest_django.fixtures import Settings

from integrations.models import (
    AuditEntry,
    Connection,
    CrmWrite,
    Preflight,
    SalesforceApp,
    Workspace,
    WriteState,
)
from integrations.options import active_options, publish_revision
from integrations.salesforce import connecting
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.hosts import find_host_problem
from integrations.simulators.salesforce import seed
from integrations.simulators.salesforce.config import DEMO_APP
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace
from tests.features.salesforce_admin import Admin
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)

QUALIFYING = ("Enterprise Edition", "Unlimited Edition", "Developer Edition")
WITHOUT_API = ("Essentials Edition", "Contact Manager Edition", "Personal Edition")


@pytest.fixture
def admin(salesforce_org: SalesforceOrg) -> Admin:
    return Admin(salesforce_org, make_member(make_workspace(), email="ada@acme.test"))


def choose(admin: Admin, **options: object) -> None:
    with workspace_scope(admin.workspace_id):
        active = active_options()
        publish_revision({**active.values, **options}, based_on=active.number, actor=None)


def connection_of(admin: Admin) -> Connection:
    connection = admin.sync_user()
    assert connection is not None
    return connection


@pytest.mark.feature("MII-14", "MII-15")
@pytest.mark.parametrize("edition", QUALIFYING)
def test_a_qualifying_edition_is_connected_and_named(admin: Admin, edition: str) -> None:
    admin.org.act("set-edition", edition=edition)
    choose(admin, strict_editions=True)
    page = admin.connect()
    assert edition in page
    assert "The newest that the org offers is 68.0." in " ".join(page.split())
    assert "51.0, with which Patchbay begins, is offered." in page


@pytest.mark.feature("MII-16", "MIX-03", "MIX-05")
@pytest.mark.parametrize("edition", [*WITHOUT_API, "Professional Edition"])
def test_an_edition_without_api_is_refused_with_the_reason(admin: Admin, edition: str) -> None:
    admin.org.act("set-edition", edition=edition, api_add_on=False)
    page = admin.connect()
    assert "has no API" in page
    assert edition.removesuffix(" Edition") in page
    assert "add the API to this one" in page
    assert not Connection.unscoped.filter(workspace=admin.workspace_id).exists()
    assert all(grant["revoked"] for grant in admin.org.records("grants"))


@pytest.mark.parametrize(
    ("host", "is_sandbox", "told"),
    [
        ("login.salesforce.com", True, "You approved a sandbox, but the host is set to production"),
        ("test.salesforce.com", False, "You approved a production org, but the host is set to"),
    ],
)
def test_an_org_of_the_other_kind_is_refused_and_the_grant_given_back(
    admin: Admin, monkeypatch: pytest.MonkeyPatch, host: str, is_sandbox: bool, told: str
) -> None:
    # The simulated org is at neither host: what was chosen is put in its place.
    monkeypatch.setattr(
        connecting,
        "find_host_problem",
        lambda _chosen, is_sandbox: find_host_problem(f"https://{host}", is_sandbox=is_sandbox),
    )
    admin.org.act("set-edition", edition="Enterprise Edition", is_sandbox=is_sandbox)
    page = " ".join(admin.connect().split())
    assert told in page
    assert "Choose the right host under Salesforce app" in page
    assert admin.sync_user() is None
    assert all(grant["revoked"] for grant in admin.org.records("grants"))


@pytest.mark.feature("MIX-04", "MII-16")
def test_professional_with_the_add_on_works_unless_only_listed_editions_do(admin: Admin) -> None:
    admin.org.act("set-edition", edition="Professional Edition", api_add_on=True)
    choose(admin, strict_editions=True)
    page = admin.connect()
    assert "Professional Edition is not one of the editions" in page
    assert admin.sync_user() is None
    choose(admin, strict_editions=False)
    assert "Professional Edition" in admin.connect()
    assert admin.sync_user() is not None


@pytest.mark.feature("MII-14")
def test_check_org_asks_again(admin: Admin) -> None:
    admin.connect()
    admin.org.act("set-edition", edition="Unlimited Edition", is_sandbox=True)
    assert "Unlimited Edition" not in admin.page()
    admin.client.post(admin.url("check/"))
    page = admin.page()
    assert "Unlimited Edition" in page
    assert "Sandbox" in page


@pytest.mark.feature("MII-13")
def test_another_version_is_chosen_among_those_on_offer(admin: Admin) -> None:
    admin.connect()
    assert connection_of(admin).api_version == "51.0"
    admin.client.post(admin.url("version/"), {"version": "99.0"})
    assert "does not offer that version" in admin.page()
    admin.client.post(admin.url("version/"), {"version": "60.0"})
    SalesforceClient(connection_of(admin), feature="tests").query("SELECT Id FROM Contact LIMIT 1")
    assert admin.org.requests("/query")[-1]["path"] == "/services/data/v60.0/query"
    [entry] = AuditEntry.unscoped.filter(action="salesforce.version_changed")
    assert (entry.before["api_version"], entry.after["api_version"]) == ("51.0", "60.0")


@pytest.mark.feature("MII-13")
def test_a_retired_version_is_reported_by_name(admin: Admin) -> None:
    admin.connect()
    Connection.unscoped.update(api_version="30.0")
    admin.client.post(admin.url("check/"))
    page = admin.page()
    assert "Salesforce has retired API version 30.0" in page
    assert "it answers 410" in page
    admin.client.post(admin.url("version/"), {"version": "51.0"})
    assert "it answers 410" not in admin.page()


def test_the_orgs_interface_is_chosen_and_audited(admin: Admin) -> None:
    admin.connect()
    for wrong in ("mobile", ""):
        admin.client.post(admin.url("interface/"), {"interface": wrong})
        assert connection_of(admin).interface == "lightning"
    admin.client.post(admin.url("interface/"), {"interface": "classic"})
    assert connection_of(admin).interface == "classic"
    assert AuditEntry.unscoped.filter(action="salesforce.interface_changed").count() == 1


@pytest.mark.feature("MIX-10")
def test_the_page_tells_who_the_sync_user_is_and_how_it_does(admin: Admin) -> None:
    admin.connect()
    page = admin.page()
    for told in (seed.SYNC_USERNAME, "by ada@acme.test", "Salesforce’s last answer", "Enterprise"):
        assert told in page, told
    assert Preflight.unscoped.filter(connection=connection_of(admin)).exists()

    admin.org.act("deactivate-user", username=seed.SYNC_USERNAME)
    admin.org.act("expire-access-tokens")
    with pytest.raises(Exception, match="inactive"):
        SalesforceClient(connection_of(admin), feature="tests").limits()
    page = admin.page()
    assert "A Salesforce admin deactivated or froze the user." in page
    assert page.count("Connect again as") == 1


@pytest.mark.feature("MIX-01", "CTM-01")
def test_a_subscription_without_salesforce_explains_itself(
    admin: Admin, settings: Settings
) -> None:
    settings.PLANS_URL = "https://plans.example.test/"
    Workspace.objects.filter(pk=admin.workspace_id).update(subscription="growth")
    page = admin.page()
    assert "The subscription Growth does not include Salesforce" in page
    assert "Growth + CRM" in page
    assert "https://plans.example.test/" in page
    assert ">Integrate<" not in page
    for rest in ("integrate/", "check/", "version/", "people/link/"):
        assert admin.client.post(admin.url(rest)).status_code == 403, rest
    assert "does not include Salesforce" in admin.page("people/")
    options = admin.client.get(f"/w/{admin.membership.workspace.slug}/salesforce/options/")
    assert "does not include Salesforce" in options.content.decode()
    Workspace.objects.filter(pk=admin.workspace_id).update(subscription="growth_crm")
    assert "Salesforce is connected:" in admin.connect()


@pytest.mark.feature("MII-37")
@pytest.mark.parametrize("tab", ["", "people/", "preflight/", "downloads/"])
def test_each_tab_links_to_its_help(admin: Admin, tab: str) -> None:
    page = admin.page(tab)
    assert 'href="#help"' in page
    assert 'id="help"' in page


def test_a_workspace_brings_an_app_of_its_own(admin: Admin, settings: Settings) -> None:
    settings.SALESFORCE_CLIENT_ID = settings.SALESFORCE_CLIENT_SECRET = ""
    form = {
        "host": "my_domain",
        "my_domain": "acme.example.test",
        "consumer_key": DEMO_APP.consumer_key,
        "consumer_secret": "",
    }
    page = admin.client.post(admin.url("app/"), form).content.decode()
    assert "acme.example.test is not a Salesforce host." in page
    assert "A new consumer key needs its secret." in page
    lightning = admin.client.post(
        admin.url("app/"), form | {"my_domain": "https://acme.lightning.force.com/"}
    )
    assert "ends in .my.salesforce.com" in lightning.content.decode()

    form |= {"my_domain": admin.org.url, "consumer_secret": DEMO_APP.consumer_secret}
    assert admin.client.post(admin.url("app/"), form).status_code == 302
    stored = SalesforceApp.unscoped.get()
    assert DEMO_APP.consumer_secret not in stored.sealed_secret
    assert DEMO_APP.consumer_secret not in admin.page("app/")
    assert DEMO_APP.consumer_secret not in str(AuditEntry.unscoped.values_list("after", "before"))
    assert "Salesforce is connected:" in admin.connect()
    assert connection_of(admin).salesforce_app == stored

    # Its sessions are renewed through it, also after it was replaced.
    admin.client.post(admin.url("app/remove/"))
    admin.org.act("expire-access-tokens")
    SalesforceClient(connection_of(admin), feature="tests").query("SELECT Id FROM Contact LIMIT 1")
    assert "There is none yet." in admin.page()


def test_the_secret_may_be_replaced_and_is_kept_otherwise(admin: Admin) -> None:
    form = {"host": admin.org.url, "consumer_key": "key", "consumer_secret": "first"}
    admin.client.post(admin.url("app/"), form)
    before = SalesforceApp.unscoped.get().sealed_secret
    admin.client.post(admin.url("app/"), form | {"consumer_secret": ""})
    assert SalesforceApp.unscoped.get().sealed_secret == before
    admin.client.post(admin.url("app/"), form | {"consumer_secret": "second"})
    app = SalesforceApp.unscoped.get()
    assert app.secret == {"consumer_secret": "second"}
    assert AuditEntry.unscoped.filter(action="salesforce_app.saved").count() == 3


def test_saving_an_app_asks_for_the_password(admin: Admin, settings: Settings) -> None:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    for rest in ("app/", "app/remove/"):
        response = admin.client.post(admin.url(rest), {"host": admin.org.url, "consumer_key": "k"})
        assert "reauthenticate" in response["Location"]
    assert not SalesforceApp.unscoped.exists()


def test_a_failure_that_never_comes_back_has_a_page(admin: Admin) -> None:
    admin.org.act("set-app-installed", on=False)
    admin.integrate()
    page = admin.page()
    assert "Salesforce has not sent you back yet" in page
    waiting = admin.page("waiting/")
    for seen in ("OAUTH_APPROVAL_ERROR_GENERIC", "invalid_client_id", "login hours", "15 minutes"):
        assert seen in waiting, seen
    url = admin.integrate()
    admin.client.post(admin.url("waiting/"))
    admin.org.act("set-app-installed", on=True)
    assert "this approval is not known here" in admin.come_back(admin.answer(url))
    assert "No approval is under way" in admin.page("waiting/")


@pytest.mark.parametrize(("held", "state"), [("keep", "held"), ("discard", "cancelled")])
def test_another_org_asks_what_becomes_of_what_waits(admin: Admin, held: str, state: str) -> None:
    admin.connect()
    write = make_write(connection_of(admin))
    Connection.unscoped.update(org_id=write.org_id, sealed_credentials="")
    page = admin.page("other-organisation/")
    assert "1 record waits to be written there" in page
    refused = admin.client.post(admin.url("other-organisation/"), {}, follow=True)
    assert "Choose what becomes" in refused.content.decode()
    admin.connect_other_org(held)
    write.refresh_from_db()
    assert write.state == WriteState(state)
    assert connection_of(admin).org_id != write.org_id


def test_after_a_disconnect_another_org_is_not_taken_silently(admin: Admin) -> None:
    admin.connect()
    Connection.unscoped.update(org_id="00D000000000042EAA", org_name="Former Org")
    page = admin.client.post(admin.url("disconnect/")).content.decode()
    assert "sign out there, too" in page
    assert "/secur/logout.jsp" in page
    assert "Last connected: Former Org" in admin.page()
    assert "Nothing was changed" in admin.connect()
    assert admin.sync_user() is None
    assert "Salesforce is connected:" in admin.connect_other_org("keep")


def make_write(connection: Connection) -> CrmWrite:
    return CrmWrite.unscoped.create(
        workspace=connection.workspace,
        connection=connection,
        org_id="00D000000000042EAA",
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
