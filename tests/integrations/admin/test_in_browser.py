"""The console in a real browser: alive, searchable, safe. ``tests/browser`` looks at every page."""

from datetime import timedelta
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

#: Milliseconds until a part of the page must have come, however busy the machine is.
PATIENCE = 30_000


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


def test_a_new_call_is_announced_on_home_and_shown_when_asked_for(
    page: Page, sign_in: SignIn, world: World
) -> None:
    sign_in(make_member(world.workspace, roles=("owner",)).user)
    page.clock.install()  # the page's own clock: nobody waits for its five seconds
    page.goto(console_url(world.workspace, "index"))
    make_call(world.workspace, external_e164="+14155550199", started_at=timezone.now())
    page.clock.fast_forward(6_000)
    news = page.get_by_role("link", name="1 new call")
    expect(news).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("(415) 555-0199")).to_have_count(0)
    news.click()
    expect(page.get_by_text("(415) 555-0199")).to_be_visible(timeout=PATIENCE)
    expect(news).to_have_count(0)


def test_whoever_comes_back_to_home_finds_the_newest(
    page: Page, sign_in: SignIn, world: World
) -> None:
    sign_in(make_member(world.workspace, roles=("owner",)).user)
    page.goto(console_url(world.workspace, "index"))
    make_call(world.workspace, external_e164="+14155550199", started_at=timezone.now())
    # Browsers that are driven have no page in the background: what they would say when it returns.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("(415) 555-0199")).to_be_visible(timeout=PATIENCE)


def test_charts_follow_dark_mode_and_their_table_stays_open(
    page: Page, sign_in: SignIn, world: World
) -> None:
    now = timezone.now()
    make_call(world.workspace, started_at=now - timedelta(days=3))
    sign_in(make_member(world.workspace, roles=("owner",)).user)
    page.goto(console_url(world.workspace, "index"))
    chart = page.get_by_role("img", name="Calls on each of the 13 days before today: from 0 to 1")
    light = chart.evaluate("canvas => canvas.toDataURL()")
    page.evaluate("document.documentElement.classList.add('dark')")
    expect(chart).to_be_visible()
    assert chart.evaluate("canvas => canvas.toDataURL()") != light

    page.get_by_text("The last 14 days as a table").click()
    row = page.get_by_role("row").filter(has_text="(so far)")
    shown = row.inner_text()
    make_call(world.workspace, started_at=now)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(row).not_to_have_text(shown, timeout=PATIENCE)
    expect(row).to_be_visible()


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
