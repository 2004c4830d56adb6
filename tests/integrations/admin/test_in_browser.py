"""The console in a real browser: alive, searchable, safe. ``tests/browser`` looks at every page."""

from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from integrations.addresses import console_url
from integrations.models import PhoneSystem, Team
from tests.factories import make_call, make_member
from tests.harness.browser import SignIn
from tests.integrations.admin.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World("Marked")


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
def test_our_own_pages_meet_the_accessibility_rules(
    page: Page, sign_in: SignIn, world: World, colour_scheme: Any
) -> None:
    sign_in(make_member(world.workspace, roles=("owner",)).user)
    page.emulate_media(color_scheme=colour_scheme, reduced_motion="reduce")
    confirm = console_url(
        world.workspace, "integrations_phonesystem_disable", world.row(PhoneSystem).pk
    )
    for address in (console_url(world.workspace, "index"), confirm):
        page.goto(address)
        expect(page.locator("#content")).to_be_visible()
        # The theme's own frame is not ours to mend; what stands inside it is.
        result = Axe().run(page, context="#content")
        assert [
            (found["id"], node["html"]) for found in result["violations"] for node in found["nodes"]
        ] == [], address


def test_a_call_appears_on_home_without_reloading(
    page: Page, sign_in: SignIn, world: World
) -> None:
    sign_in(make_member(world.workspace, roles=("owner",)).user)
    page.goto(console_url(world.workspace, "index"))
    page.bring_to_front()  # a page in the background does not poll
    expect(page.get_by_text("(415) 555-0199")).to_have_count(0)
    make_call(world.workspace, external_e164="+14155550199", started_at=timezone.now())
    expect(page.get_by_text("(415) 555-0199")).to_be_visible(timeout=15_000)


def test_search_finds_a_row_while_typing(page: Page, sign_in: SignIn, world: World) -> None:
    Team.unscoped.create(workspace=world.workspace, name="Salespeople")
    sign_in(make_member(world.workspace, roles=("owner",)).user)
    page.goto(console_url(world.workspace, "index"))
    page.get_by_role("searchbox").press_sequentially("salesp")
    page.locator("#search-results a").first.click()
    expect(page.locator("#id_name")).to_have_value("Salespeople")


def test_text_from_strangers_stays_text(page: Page, sign_in: SignIn, world: World) -> None:
    hostile = "<img src=x onerror=\"document.title='owned'\">{{ 7*7 }}${7*7}"
    make_call(world.workspace, contact_name=hostile, started_at=timezone.now())
    sign_in(make_member(world.workspace, roles=("owner",)).user)
    page.goto(console_url(world.workspace, "index"))
    expect(page.get_by_text(hostile)).to_be_visible()
    assert "owned" not in page.title()
