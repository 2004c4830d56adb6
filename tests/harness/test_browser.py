"""The browser that the journeys take."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_page_of_the_live_server_opens(page: Page) -> None:
    page.goto("/accounts/login/")
    expect(page.get_by_role("button").first).to_be_visible()
