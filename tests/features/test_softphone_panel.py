"""The softphone panel in a real browser: calls ring, are popped, chosen and wrapped up (B3, F9)."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from calls.live import make_live_app
from calls.models import Call, Interaction
from integrations.jobs import answer_lookups, drain_inbox
from integrations.models import Membership
from integrations.simulators.salesforce import seed
from tests.deliveries import PhoneCall
from tests.factories import make_member
from tests.features.company import Company
from tests.harness.browser import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


class LiveProcess:
    """`/live/` on a port of its own, which can be ended and started again."""

    def __init__(self) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port: int = listener.getsockname()[1]
        self.url = f"http://localhost:{self.port}/live/"

    def start(self) -> None:
        config = uvicorn.Config(
            make_live_app(poll_seconds=0.2),
            port=self.port,
            log_level="warning",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture
def live(live_server: LiveServer, settings: Settings) -> Iterator[LiveProcess]:
    process = LiveProcess()
    settings.PUBLIC_URL = live_server.url
    settings.LIVE_URL = process.url
    process.start()
    yield process
    process.stop()


class Line:
    """A call that happens now, in steps that Patchbay works on at once."""

    def __init__(self, company: Company, external: str) -> None:
        self.company = company
        self.call = PhoneCall(company.phone_system, external=external, started_at=datetime.now(UTC))

    def ring(self) -> None:
        self._step("ringing")
        answer_lookups(self.company.connection.pk)

    def answer(self) -> None:
        self._step("answered", 1, answered_at=1)

    def end(self) -> None:
        self._step("ended", 2, answered_at=1, ended_at=2)

    def _step(self, kind: str, seconds: float = 0, **data: Any) -> None:
        self.call.send(kind, seconds, **data)
        drain_inbox(self.company.phone_system.pk)


def open_panel(page: Page, member: Membership) -> None:
    """The panel by itself; a small window signs it in and closes again."""
    page.goto(f"/softphone/{member.workspace.slug}/")
    with page.expect_popup() as small:
        page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#state")).to_have_text("Available")
    assert small.value.is_closed() or small.value.wait_for_event("close")


def show(page: Page, text: str) -> None:
    expect(page.locator("#calls")).to_contain_text(text)


def press_and_open(page: Page, name: str) -> str:
    """Press a button that opens Salesforce in a new tab; the address that was asked for."""
    with page.context.expect_event("request", lambda one: one.is_navigation_request()) as asked:
        page.get_by_role("button", name=name).first.click()
    return str(asked.value.url)


@pytest.mark.feature("CRC-12", "CRC-47", "CRC-48")
def test_one_match_is_popped_and_its_task_has_the_note_and_the_result(
    page: Page, sign_in: SignIn, company: Company, live: LiveProcess
) -> None:
    sign_in(company.agent.user)
    open_panel(page, company.agent)
    line = Line(company, seed.ONE_CONTACT_NUMBER)
    line.ring()
    show(page, "Ringing")
    pop = page.get_by_role("button", name="Pop")
    expect(pop).to_have_count(1)
    assert {"Search", "New"}.isdisjoint(page.get_by_role("button").all_text_contents())
    contact_id = Call.unscoped.get().candidates[0]["record_id"]
    assert press_and_open(page, "Pop").endswith(f"/{contact_id}")
    show(page, "The call is filed under")

    line.answer()
    show(page, "Talking")
    page.get_by_label("Note").fill("Wants a pump")
    page.reload()
    show(page, "Talking")
    expect(page.get_by_label("Note")).to_have_value("Wants a pump")
    page.get_by_label("Result").fill("Offer wanted")
    line.end()
    show(page, "Wrap-up")
    page.keyboard.press("Alt+Shift+D")
    show(page, "No call at the moment")
    page.get_by_text("Recent calls").click()
    expect(page.locator("#parts")).to_contain_text("Inbound · Answered")

    company.file()
    task = company.task()
    assert (task["WhoId"], task["CallDisposition"]) == (contact_id, "Offer wanted")
    assert task["Description"].endswith("Wants a pump")


@pytest.mark.feature("CRC-49", "PLUS-16")
def test_of_several_matches_one_is_chosen_and_the_other_tab_keeps_step(
    page: Page, sign_in: SignIn, company: Company, live: LiveProcess
) -> None:
    sign_in(company.agent.user)
    open_panel(page, company.agent)
    other = page.context.new_page()
    open_panel(other, company.agent)
    line = Line(company, seed.TWO_CONTACTS_NUMBER)
    line.ring()
    for tab in (page, other):
        expect(tab.get_by_role("button", name="Search")).to_have_count(1)
        expect(tab.get_by_role("button", name="Pop")).to_have_count(0)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("button", name="Choose: ")).to_have_count(2)
    paula = company.find("Contact", Name="Paula March")["Id"]
    assert press_and_open(page, "Choose: Contact Paula March").endswith(paula)
    show(other, "The call is filed under Contact Paula March")

    line.answer()
    line.end()
    for tab in (page, other):
        show(tab, "Wrap-up")
    other.get_by_role("button", name="Done").click()
    show(page, "No call at the moment")
    company.file()
    assert company.task()["WhoId"] == paula
    assert Interaction.unscoped.count() == 1


@pytest.mark.feature("CRC-81")
def test_without_a_match_new_opens_a_form_with_the_number_and_its_record_is_named(
    page: Page, sign_in: SignIn, company: Company, live: LiveProcess
) -> None:
    sign_in(company.agent.user)
    open_panel(page, company.agent)
    line = Line(company, seed.NOBODY_NUMBER)
    line.ring()
    line.answer()
    expect(page.get_by_role("button", name="New")).to_have_count(1)
    address = press_and_open(page, "New")
    assert "/lightning/o/Lead/new" in address
    assert seed.NOBODY_NUMBER.removeprefix("+") in address
    lead_id = company.add_record("Lead", LastName="New One", Company="Hooli")
    record = page.get_by_label("Address or id of the record")
    record.fill(f"https://acme.lightning.force.com/lightning/r/Lead/{lead_id}/view")
    page.get_by_role("button", name="File here").click()
    show(page, "The call is filed under")
    line.end()
    show(page, "Wrap-up")
    company.file()
    assert company.task()["WhoId"] == lead_id


def test_a_cut_stream_is_replaced_by_questions_and_comes_back(
    browser_context: BrowserContext, sign_in: SignIn, company: Company, live: LiveProcess
) -> None:
    page = browser_context.new_page()
    page.clock.install()
    sign_in(company.agent.user)
    open_panel(page, company.agent)
    page.get_by_text("Diagnostics", exact=True).click()
    page.clock.run_for(1_000)
    checks = page.locator("#diagnostics")
    expect(checks).to_contain_text("Calls appear as they happen")

    live.stop()
    expect(checks).to_contain_text("asks every few seconds")
    line = Line(company, seed.ONE_CONTACT_NUMBER)
    line.ring()
    page.clock.run_for(4_000)
    show(page, "Ringing")

    live.start()
    line.answer()
    page.clock.fast_forward(31_000)
    expect(checks).to_contain_text("Calls appear as they happen")
    show(page, "Talking")


@pytest.mark.feature("CRC-11", "CRC-23")
def test_the_console_docks_the_panel_folded_and_a_call_unfolds_it(
    page: Page, sign_in: SignIn, company: Company, live: LiveProcess
) -> None:
    home = f"/w/{company.workspace.slug}/"
    sign_in(make_member(company.workspace, ("member",)).user)
    page.goto(home)
    expect(page.get_by_role("button", name="Softphone")).to_have_count(0)

    sign_in(company.agent.user)
    page.goto(home)
    softphone = page.get_by_role("button", name="Softphone")
    softphone.click()
    panel = page.frame_locator("#softphone-frame iframe")
    expect(panel.locator("#state")).to_have_text("Available")
    softphone.click()
    page.goto(f"{home}calls/review/")
    softphone = page.get_by_role("button", name="Softphone")
    expect(softphone).to_have_attribute("aria-expanded", "false")
    expect(softphone).to_contain_text("Available")

    Line(company, seed.ONE_CONTACT_NUMBER).ring()
    expect(softphone).to_have_attribute("aria-expanded", "true")
    expect(panel.locator("#calls")).to_contain_text("Ringing")
