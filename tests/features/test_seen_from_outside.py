"""What others see: a foreign client reads our record, each role sees its own pages."""

import pytest
from django.test import Client

from integrations.simulators.salesforce import seed
from tests.factories import make_member, make_workspace
from tests.features.company import Company
from tests.harness.foreign_client import foreign_client

#: A page for each kind of work, and who may open it.
PAGES = {
    "": {"owner", "admin", "sms_admin", "marketer", "call_manager", "call_agent", "member"},
    "calls/call/": {"owner", "admin", "call_manager", "call_agent"},
    "integrations/crmwrite/": {
        *("owner", "admin", "sms_admin", "marketer", "call_manager", "call_agent", "member"),
    },
    "salesforce/connection/": {"owner", "admin"},
    "integrations/membership/": {"owner", "admin"},
    "integrations/phonesystem/": {"owner", "admin"},
    "integrations/inboundevent/": {"owner", "admin"},
    "integrations/auditentry/": {"owner", "admin"},
}
ROLES = ("owner", "admin", "sms_admin", "marketer", "call_manager", "call_agent", "member")


@pytest.mark.feature("CRC-54", "CRC-55")
def test_simple_salesforce_reads_the_record_of_a_call(company: Company) -> None:
    company.take(seed.ONE_CONTACT_NUMBER)
    tokens = company.org.act("issue-tokens", username=seed.SYNC_USERNAME)
    with foreign_client(company.org.url, tokens["access_token"]) as client:
        answer = client.query(
            "SELECT Id, Who.Name, Status, IsClosed, CallType, CallDurationInSeconds FROM Task"
            " WHERE CallObject LIKE 'pb-%'"
        )
        (task,) = answer["records"]
        whole = client.Task.get(task["Id"])

    assert task["Who"]["Name"] == seed.ONE_CONTACT_NAME
    assert (task["Status"], task["IsClosed"]) == ("Completed", True)
    assert (task["CallType"], task["CallDurationInSeconds"]) == ("Inbound", 60)
    assert whole["Subject"].startswith("Inbound Call at ")


@pytest.mark.django_db
@pytest.mark.feature("K-24")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_own_pages_and_no_others(role: str) -> None:
    workspace = make_workspace()
    client = Client()
    client.force_login(make_member(workspace, roles=(role,)).user)
    opened = {
        page for page in PAGES if client.get(f"/w/{workspace.slug}/{page}").status_code == 200
    }

    assert opened == {page for page, roles in PAGES.items() if role in roles}
