"""Call pages and the activity log in a real browser: readable for everybody, and copying works."""

from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from calls.models import Call
from integrations.addresses import console_url
from integrations.models import CrmWrite
from tests.factories import make_member
from tests.filed_calls import Desk
from tests.harness.browser import SignIn
from tests.harness.salesforce import SalesforceOrg

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(salesforce_org: SalesforceOrg) -> Desk:
    """One call filed, one refused."""
    desk = Desk(salesforce_org)
    desk.take("+14155550101")
    salesforce_org.act("refuse", sobject="Task", code="REQUIRED_FIELD_MISSING", message="Purpose")
    desk.take("+442079460018")
    return desk


@pytest.mark.parametrize(("colour_scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_pages_meet_the_accessibility_rules(
    page: Page, sign_in: SignIn, desk: Desk, colour_scheme: Any, width: int
) -> None:
    sign_in(make_member(desk.workspace, roles=("owner",)).user)
    page.emulate_media(color_scheme=colour_scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    names = {
        "calls_call_change": Call.unscoped.values_list("pk", flat=True),
        "integrations_crmwrite_change": CrmWrite.unscoped.values_list("pk", flat=True),
    }
    for name, keys in names.items():
        for key in list(keys):
            address = console_url(desk.workspace, name, key)
            page.goto(address)
            expect(page.locator("#content")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            result = Axe().run(page, context="#content")
            assert [
                (found["id"], node["html"])
                for found in result["violations"]
                for node in found["nodes"]
            ] == [], address


def test_from_the_list_to_the_call_to_the_answer_by_keyboard(
    page: Page, sign_in: SignIn, desk: Desk
) -> None:
    sign_in(desk.agent.user)
    page.goto(console_url(desk.workspace, "calls_call_changelist"))
    page.get_by_role("link", name="Ana Ito").press("Enter")
    expect(page.get_by_role("heading", name="Why?")).to_be_visible()
    page.get_by_role("link", name="Request and answer").press("Enter")
    expect(page.get_by_role("heading", name="Tries and answers")).to_be_visible()
    page.get_by_role("link", name="why it was filed like this").press("Enter")
    expect(page.get_by_role("heading", name="Time line")).to_be_visible()


def test_a_number_is_copied_in_its_international_form(
    page: Page, sign_in: SignIn, desk: Desk
) -> None:
    sign_in(desk.agent.user)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(console_url(desk.workspace, "calls_call_changelist"))
    page.get_by_role("button", name="Copy +14155550101").click()
    expect(page.get_by_role("button", name="Copy +14155550101")).to_have_text("✓")
    assert page.evaluate("navigator.clipboard.readText()") == "+14155550101"
