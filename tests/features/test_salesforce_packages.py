"""The packages that Patchbay offers, deployed to an org by its administrator."""

from typing import Any

import pytest
import requests

from integrations.jobs import run_preflight
from integrations.options import active_options, publish_revision
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace
from tests.features.salesforce_admin import Admin
from tests.harness.deploying import deploy
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)

SYNC = "sync@acme.test"
MISSING = (
    ("restrict-object", {"sobject": "Lead"}),
    ("restrict-object", {"sobject": "Contact", "lost": ["create", "edit"]}),
    ("restrict-object", {"sobject": "Event", "lost": ["create"]}),
    ("restrict-field", {"sobject": "Task", "field": "Description"}),
    ("restrict-field", {"sobject": "Contact", "field": "MailingCountry"}),
    ("set-permission", {"permission": "PermissionsEditTask", "on": False}),
)


class Deployer:
    """Salesforce's administrator, with the packages in hand."""

    def __init__(self, admin: Admin) -> None:
        self.admin = admin
        issued = admin.org.act("issue-tokens", username="admin@acme.test")
        self.token = issued["access_token"]

    def deploy(self, name: str, **options: Any) -> dict[str, Any]:
        """Deploy what Patchbay's page gives under this name."""
        response = self.admin.client.get(self.admin.url(f"downloads/{name}/"))
        assert response["Content-Type"] == "application/zip"
        return deploy(self.admin.org.url, self.token, response.content, **options)

    def assign(self, set_name: str, username: str) -> None:
        """Give a user the set."""
        [permission_set] = self.admin.org.records("PermissionSet", Name=set_name)
        [user] = self.admin.org.records("User", Username=username)
        answer = requests.post(
            f"{self.admin.org.url}/services/data/v60.0/sobjects/PermissionSetAssignment",
            json={"AssigneeId": user["Id"], "PermissionSetId": permission_set["Id"]},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=5,
        )
        assert answer.status_code == 201, answer.text


@pytest.fixture
def admin(salesforce_org: SalesforceOrg) -> Admin:
    admin = Admin(salesforce_org, make_member(make_workspace()))
    salesforce_org.connect(admin.membership.workspace)
    with workspace_scope(admin.workspace_id):
        active = active_options()
        values = {**active.values, "activity_history": True}
        publish_revision(values, based_on=active.number, actor=None)
    return admin


def preflight(admin: Admin) -> str:
    connection = admin.sync_user()
    assert connection is not None
    admin.client.post(admin.url("preflight/run/"))
    run_preflight(connection.pk)
    return admin.page("preflight/")


@pytest.mark.parametrize(
    "name",
    [
        *("sync-user", "user", "app", "fields", "opt-out-field", "buttons", "apex"),
        *("sms-buttons", "sms-messages", "sms-composer"),
    ],
)
def test_every_package_can_be_deployed(admin: Admin, name: str) -> None:
    result = Deployer(admin).deploy(name, checkOnly=True)
    assert result["details"]["componentFailures"] == []
    assert result["status"] == "Succeeded"


@pytest.mark.feature("PLUS-11", "MIX-14")
def test_the_missing_permission_set_deployed_and_assigned_is_missing_no_more(admin: Admin) -> None:
    for action, arguments in MISSING:
        admin.org.act(action, username=SYNC, **arguments)
    assert "pb-chip-failed" in preflight(admin)

    deployer = Deployer(admin)
    assert deployer.deploy("missing")["details"]["componentFailures"] == []
    deployer.assign("Patchbay_Missing", SYNC)

    assert "Everything that is needed now is there" in preflight(admin)
