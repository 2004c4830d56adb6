"""The way to a connection in a real browser: our page, Salesforce's own pages, and back."""

import re

import pytest
import requests
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from integrations.jobs import run_preflight
from integrations.models import Connection
from tests.factories import make_member, make_workspace
from tests.harness.browser import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

WIDTHS = (360, 768, 1280)


def assert_sound(page: Page) -> None:
    """No serious accessibility finding, and no sideways scroll at any width."""
    findings = Axe().run(page)["violations"]
    serious = [one for one in findings if one["impact"] in ("serious", "critical")]
    assert serious == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.feature("MII-25", "MII-26", "PLUS-11")
def test_an_admin_connects_salesforce_by_clicking(
    page: Page, sign_in: SignIn, salesforce: str
) -> None:
    member = make_member(make_workspace(), email="ada@acme.test")
    sign_in(member.user)
    page.goto(f"/w/{member.workspace.slug}/salesforce/connection/")
    assert_sound(page)

    page.get_by_role("button", name="Integrate").click()
    expect(page).to_have_url(re.compile(re.escape(salesforce)))
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("Access was denied in Salesforce")).to_be_visible()

    page.get_by_role("button", name="Integrate").click()
    page.get_by_label("sync@acme.test").check()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("Salesforce is connected: sync@acme.test")).to_be_visible()
    expect(page.get_by_text("of 100,000 in 24 hours")).to_be_visible()
    assert_sound(page)

    run_preflight(Connection.unscoped.get().pk)
    requests.post(
        f"{salesforce}/_sim/actions/restrict-object", json={"sobject": "Lead"}, timeout=5
    ).raise_for_status()
    page.get_by_role("link", name="Preflight").click()
    expect(page.get_by_text("Everything that is needed now is there")).to_be_visible()
    page.get_by_role("button", name="Run the preflight").click()
    expect(page.get_by_text("the result appears here by itself")).to_be_visible()
    run_preflight(Connection.unscoped.get().pk)
    expect(page.get_by_text("Lead: read")).to_be_visible()
    assert_sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the missing permission set").click()
    assert download.value.suggested_filename == "patchbay-missing.zip"

    page.get_by_role("link", name="Basic settings").click()
    Connection.unscoped.update(state="needs_reconnect", state_reason="The user is inactive.")
    page.reload()
    expect(page.get_by_text("The user is inactive.")).to_be_visible()
    assert_sound(page)
