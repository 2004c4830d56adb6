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
from integrations.models import Connection
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


@pytest.mark.feature("CTM-02", "CRC-93", "PLUS-04")
def test_from_no_phone_system_to_a_call_that_explains_itself(
    page: Page, sign_in: SignIn, desk: Desk
) -> None:
    desk.phone_system.delete()
    sign_in(make_member(desk.workspace, roles=("owner",)).user)
    page.goto(console_url(desk.workspace, "index"))
    steps = page.get_by_role("region", name="To the first call record")
    steps.get_by_role("link", name="Set up").first.click()
    page.get_by_role("textbox", name="Name").fill("Office phones")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Enter these in the phone system")).to_be_visible()
    desk.phone_system = Connection.unscoped.get(name="Office phones")
    expect(page.get_by_text(callback_address(desk.phone_system))).to_be_visible()
    expect(page.get_by_text(signing_secrets(desk.phone_system)[0])).to_be_visible()

    page.get_by_role("link", name="Home", exact=True).click()
    expect(steps.get_by_role("listitem").filter(has_text="(done)")).to_have_count(2)
    with phones_of(desk.phone_system) as phones:
        phone = page.context.new_page()
        phone.goto(phones.url)
        phone.get_by_label("From").fill(CALLER)
        phone.get_by_label("To (extension").fill("201")
        phone.get_by_role("button", name="Call", exact=True).click()
        work_until(desk, lambda: Call.unscoped.filter(state="ringing").exists())
        page.bring_to_front()
        row = page.get_by_role("row").filter(has_text=CALLER_SHOWN)
        expect(row).to_contain_text("Ringing", timeout=WITHIN_A_MINUTE)

        phone.get_by_role("button", name="Answer 201").click()
        phone.get_by_role("button", name="Hang up").click()
        work_until(desk, lambda: Call.unscoped.filter(state="ended").exists())
    desk.file()
    expect(row).to_contain_text(f"{CALLER_NAME} · {CALLER_SHOWN}", timeout=WITHIN_A_MINUTE)
    expect(row).to_contain_text("Answered", timeout=WITHIN_A_MINUTE)
    expect(steps).to_have_count(0)

    row.get_by_role("link").click()
    legs = page.get_by_role("region", name="Time line")
    expect(legs.get_by_role("listitem")).to_contain_text("(201) – rang 0:")
    expect(legs.get_by_role("listitem")).to_contain_text("talked 0:0")
    why = page.get_by_role("region", name="Why?")
    expect(why).to_contain_text(f"Exactly one record holds the number: Contact {CALLER_NAME}.")
    records = page.get_by_role("region", name="Call records")
    expect(records).to_contain_text(f"Task under {CALLER_NAME}")
    with page.expect_popup() as opened:
        records.get_by_role("link", name="00T").click()
    expect(opened.value.get_by_role("heading", name="Task: Inbound Call")).to_be_visible()


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
