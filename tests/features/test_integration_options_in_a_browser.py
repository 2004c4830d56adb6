"""Choosing options with the keyboard: what holds follows each choice before anything is saved."""

import pytest
from playwright.sync_api import Page, expect

from integrations.models import Connection
from integrations.options import active_options
from integrations.tenancy import workspace_scope
from tests.factories import make_member
from tests.features.company import Company
from tests.harness.browser import SignIn

pytestmark = pytest.mark.browser


@pytest.mark.feature("CTM-03", "CTM-17", "K-06")
def test_each_choice_is_followed_live_and_saved_after_a_look(
    company: Company, page: Page, sign_in: SignIn
) -> None:
    company.choose(activity_history=False)
    Connection.unscoped.filter(pk=company.connection.pk).update(
        interface=Connection.Interface.CLASSIC
    )
    sign_in(make_member(company.workspace).user)
    page.goto(f"/w/{company.workspace.slug}/salesforce/options/")
    legacy = page.get_by_label("Enable legacy Salesforce integration")
    expect(page.get_by_text("No unsaved changes")).to_be_visible()
    expect(legacy).to_be_hidden()
    page.get_by_text("Legacy Options").press("Enter")
    expect(legacy).to_be_disabled()

    page.get_by_label("Activity history").press("Space")
    expect(legacy).to_be_enabled()
    expect(page.locator("#now-auto_create")).to_contain_text("answering stores a new record")

    edit_mode = page.get_by_label("Open Salesforce records in edit mode")
    edit_mode.press("Space")
    expect(page.get_by_text("2 unsaved changes")).to_be_visible()
    expect(page.locator("#now-auto_create")).to_contain_text("Overruled by edit mode")
    expect(edit_mode).to_be_focused()

    page.get_by_label("Comment").fill("Classic it is")
    page.get_by_role("button", name="Save…").press("Enter")
    expect(page.get_by_role("heading", name="2 changes")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.get_by_text("Saved as revision 3")).to_be_visible()
    with workspace_scope(company.workspace):
        assert active_options()["edit_mode"] is True
