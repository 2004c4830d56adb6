"""The first minutes with Patchbay in a real browser: a phone system, a call, a record, and why."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from calls.models import Call
from calls.simulators.app import make_app
from calls.simulators.config import PhoneSystemConfig
from integrations.addresses import console_url
from integrations.jobs import answer_lookups, drain_inbox
from integrations.models import Connection, OptionsRevision
from integrations.phone_systems import callback_address, signing_secrets
from integrations.simulators.server import RunningServer, run_in_thread
from tests.factories import make_member
from tests.filed_calls import Desk
from tests.harness.browser import SignIn
from tests.harness.salesforce import SalesforceOrg

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a password of their own"
#: Of exactly one Contact in the simulated org.
CALLER, CALLER_SHOWN, CALLER_NAME = "+14155550101", "(415) 555-0101", "Ana Ito"
#: What is promised for Home, in milliseconds.
WITHIN_A_MINUTE = 60_000


@pytest.fixture
def desk(salesforce_org: SalesforceOrg, live_server: LiveServer, settings: Settings) -> Desk:
    settings.PUBLIC_URL = live_server.url
    return Desk(salesforce_org)


def phones_of(phone_system: Connection) -> AbstractContextManager[RunningServer]:
    """A simulated phone system into which the address and the secret were entered."""
    return run_in_thread(
        make_app(
            PhoneSystemConfig(
                hook_url=callback_address(phone_system), secret=signing_secrets(phone_system)[0]
            )
        )
    )


def work_until(desk: Desk, condition: Callable[[], object]) -> None:
    """Do what the workers do while events are on their way."""
    assert desk.sync_user is not None
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 15 s"
        drain_inbox(desk.phone_system.pk)
        answer_lookups(desk.sync_user.pk)
        time.sleep(0.05)


#: What a person would call the link, button or field that has the focus.
_FOCUSED = """() => {
    const {tagName, innerText, name} = document.activeElement;
    return ["A", "BUTTON", "INPUT"].includes(tagName) ? `${innerText} ${name}` : "";
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the link or field of this name has the focus, and shows that it has."""
    for _press in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if name in focused:
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"Tab never reaches {name!r}")


class Stranger:
    """Somebody who follows Home's checklist and knows neither Patchbay nor Salesforce."""

    def __init__(self, page: Page, desk: Desk) -> None:
        self.page = page
        self.desk = desk
        self.steps = page.get_by_role("region", name="To the first call record")

    def goes_home(self, *, done: int) -> None:
        """Back to the checklist, where this many steps are ticked."""
        self.page.get_by_role("link", name="Home", exact=True).click()
        ticked = self.steps.get_by_role("listitem").filter(has_text="(done)")
        expect(ticked).to_have_count(done)

    def takes(self, step: str) -> None:
        """Follow the link of a step."""
        self.steps.get_by_role("listitem").filter(has_text=step).get_by_role("link").click()

    def adds_a_phone_system(self) -> None:
        self.takes("A phone system is connected")
        self.page.get_by_role("textbox", name="Name").fill("Office phones")
        self.page.get_by_role("button", name="Save").click()
        entered = self.page.get_by_role("heading", name="Enter these in the phone system")
        expect(entered).to_be_visible()
        self.desk.phone_system = Connection.unscoped.get(name="Office phones")
        for shown in (
            callback_address(self.desk.phone_system),
            signing_secrets(self.desk.phone_system)[0],
        ):
            expect(self.page.get_by_text(shown)).to_be_visible()

    def connects_salesforce(self) -> None:
        self.takes("Salesforce is connected")
        self.page.get_by_role("button", name="Integrate").click()
        self.page.get_by_label("sync@acme.test").check()
        self.page.get_by_role("button", name="Allow").click()
        expect(self.page.get_by_text("Salesforce is connected: sync@acme.test")).to_be_visible()
        self.desk.sync_user = Connection.unscoped.sync_users().get()

    def switches_records_on(self) -> None:
        self.takes("Call records are switched on")
        self.page.get_by_label("Write a record of every call").check()
        self.page.get_by_role("button", name="Save", exact=True).click()
        expect(self.page.get_by_text("Saved. It holds for calls")).to_be_visible()

    def is_called(self) -> None:
        """The phone rings while Home is open; then they answer, and hang up."""
        row = self.page.get_by_role("row").filter(has_text=CALLER_SHOWN)
        with phones_of(self.desk.phone_system) as phones:
            phone = self.page.context.new_page()
            phone.goto(phones.url)
            phone.get_by_label("From").fill(CALLER)
            phone.get_by_label("To (extension").fill("201")
            phone.get_by_role("button", name="Call", exact=True).click()
            work_until(self.desk, lambda: Call.unscoped.filter(state="ringing").exists())
            expect(row).to_contain_text("Ringing", timeout=WITHIN_A_MINUTE)
            phone.get_by_role("button", name="Answer 201").click()
            phone.get_by_role("button", name="Hang up").click()
            work_until(self.desk, lambda: Call.unscoped.filter(state="ended").exists())
            phone.close()
        self.desk.file()
        shown = f"{CALLER_NAME} · {CALLER_SHOWN}"
        expect(row).to_contain_text(shown, timeout=WITHIN_A_MINUTE)
        expect(row).to_contain_text("Answered", timeout=WITHIN_A_MINUTE)

    def reads_why(self) -> None:
        """The call's page: its time line, why it is filed there, and the record in Salesforce."""
        self.page.get_by_role("row").filter(has_text=CALLER_SHOWN).get_by_role("link").click()
        legs = self.page.get_by_role("region", name="Time line")
        expect(legs.get_by_role("listitem")).to_contain_text("(201) – rang 0:")
        expect(legs.get_by_role("listitem")).to_contain_text("talked 0:0")
        why = self.page.get_by_role("region", name="Why?")
        expect(why).to_contain_text(f"Exactly one record holds the number: Contact {CALLER_NAME}.")
        records = self.page.get_by_role("region", name="Call records")
        expect(records).to_contain_text(f"Task under {CALLER_NAME}")
        with self.page.expect_popup() as opened:
            records.get_by_role("link", name="00T").click()
        expect(opened.value.get_by_role("heading", name="Inbound Call at")).to_be_visible()


@pytest.mark.feature("CTM-02", "CRC-93", "PLUS-04")
def test_a_stranger_follows_the_checklist_to_the_first_record(
    page: Page, sign_in: SignIn, salesforce: str, transactional_db: None
) -> None:
    desk = Desk()
    desk.phone_system.delete()
    OptionsRevision.unscoped.all().delete()
    sign_in(make_member(desk.workspace, roles=("owner",)).user)
    page.goto(console_url(desk.workspace, "index"))

    stranger = Stranger(page, desk)
    stranger.adds_a_phone_system()
    stranger.goes_home(done=1)
    stranger.connects_salesforce()
    stranger.goes_home(done=2)
    stranger.switches_records_on()
    stranger.goes_home(done=3)
    stranger.is_called()
    expect(stranger.steps).to_have_count(0)
    stranger.reads_why()


def test_sign_in_home_history_and_a_call_by_keyboard_alone(
    page: Page, desk: Desk, live_server: LiveServer
) -> None:
    desk.take(CALLER)
    agent = desk.agent.user
    agent.set_password(PASSWORD)
    agent.save()
    EmailAddress.objects.create(user=agent, email=agent.email, verified=True, primary=True)

    page.goto("/")
    tab_to(page, "login")
    page.keyboard.type(agent.email)
    tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(console_url(desk.workspace, "index"))
    tab_to(page, "History")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    tab_to(page, "Filters")
    page.keyboard.press("Enter")
    expect(page.get_by_text("By direction")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("By direction")).to_be_hidden()
    tab_to(page, CALLER_NAME)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=CALLER_NAME, level=1)).to_be_visible()
    expect(page.get_by_role("region", name="Why?")).to_be_visible()
