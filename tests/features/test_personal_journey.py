"""A member's way in a real browser: connect, be refused another's account, heal by cause, leave."""

import re

import pytest
from playwright.sync_api import Page, expect

from integrations.jobs import deliver_crm_writes
from integrations.models import Connection, CrmWrite, DrainLease, Membership
from tests.features.company import AGENT, Company
from tests.harness.browser import SignIn
from tests.harness.salesforce import SalesforceOrg

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

NO_TYPE = "Every call needs a type."


def approve_as(page: Page, username: str) -> None:
    """Press our button, then sign in and allow at Salesforce."""
    page.get_by_role("button", name="Connect to Salesforce").click()
    page.get_by_label(username).check()
    page.get_by_role("button", name="Allow").click()


def deliver(company: Company) -> None:
    """Every connection sends what is due."""
    DrainLease.unscoped.update(drained_at=None)
    for connection in Connection.unscoped.filter(workspace=company.workspace, kind="salesforce"):
        deliver_crm_writes(connection.pk)


def address(member: Membership, rest: str) -> str:
    return f"/w/{member.workspace.slug}/{rest}"


@pytest.mark.feature("MIX-07", "MIX-09", "MIX-28")
def test_a_member_connects_heals_what_a_rule_blocked_and_disconnects(
    page: Page, sign_in: SignIn, salesforce: str
) -> None:
    company = Company(SalesforceOrg(salesforce))
    agent, colleague = company.agent, company.hire("202")
    agent.salesforce_user_id = ""
    agent.save()
    connections = Connection.unscoped.filter(pk=company.connection.pk)
    connections.update(state=Connection.State.ARCHIVED)
    mine = address(agent, "my/salesforce/")

    sign_in(agent.user)
    page.goto(mine)
    expect(page.get_by_text("Not yet: the workspace comes first")).to_be_visible()
    expect(page.get_by_role("button", name="Connect to Salesforce")).to_have_count(0)
    connections.update(state=Connection.State.ACTIVE)
    page.reload()
    approve_as(page, AGENT)
    expect(page.get_by_text(f"Salesforce is connected: {AGENT}")).to_be_visible()

    sign_in(colleague.user)
    page.goto(mine)
    approve_as(page, AGENT)
    expect(page.get_by_text(f"{AGENT} is already the Salesforce account of")).to_be_visible()

    company.org.act("add-validation-rule", sobject="Task", when="Type = null", message=NO_TYPE)
    for number in ("+14155550101", "+14155550199"):
        company.take(number)
    deliver(company)
    sign_in(agent.user)
    page.goto(address(agent, "integrations/crmwrite/"))
    expect(page.get_by_text(NO_TYPE)).to_have_count(2)
    page.get_by_role("row").nth(1).get_by_role("link").first.click()
    expect(page.get_by_text("A validation rule of the org refused the record.")).to_be_visible()
    company.org.act("allow")
    page.get_by_role("link", name="Retry all 2 like this…").click()
    page.get_by_role("button", name="Retry these 2 records").click()
    expect(page.get_by_text("2 records will be tried again.")).to_be_visible()
    deliver(company)
    assert {task["CreatedById"] for task in company.tasks()} == {company.user(AGENT)["Id"]}
    assert CrmWrite.unscoped.filter(state="done").count() == 2

    page.goto(mine)
    page.get_by_role("link", name="Disconnect Salesforce…").click()
    page.get_by_role("button", name="Disconnect Salesforce").click()
    expect(page.get_by_role("link", name=re.compile("Log out of Salesforce"))).to_be_visible()
    grants = [one for one in company.org.records("grants") if not one["revoked"]]
    assert {one["user_id"] for one in grants} == {
        company.user("sync@acme.test")["Id"],
        company.user("manager@acme.test")["Id"],
    }
