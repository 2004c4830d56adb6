"""A marketer in a real browser: a curly quote that costs, a template, a person, and their STOP."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.jobs import drain_inbox
from integrations.models import DrainLease
from integrations.tenancy import workspace_scope
from sms.keywords import fold
from sms.models import OptOutKeyword
from tests.features.marketer import Marketer
from tests.harness.browser import SignIn
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = "+14155550001"


@pytest.fixture
def marketer(
    salesforce_org: SalesforceOrg,
    sms_gateways: SmsGateways,
    live_server: LiveServer,
    settings: Settings,
) -> Marketer:
    settings.PUBLIC_URL = live_server.url
    marketer = Marketer(salesforce_org, sms_gateways)
    with workspace_scope(marketer.workspace):
        OptOutKeyword.objects.create(workspace=marketer.workspace, word="STOP", folded=fold("STOP"))
    return marketer


@pytest.mark.feature("MIT-33", "MIT-40", "MIT-60")
def test_a_curly_quote_is_replaced_and_the_text_sent_until_its_reader_says_stop(
    page: Page, sign_in: SignIn, marketer: Marketer
) -> None:
    record = marketer.add_record(
        "Contact", LastName="Zyxwv", FirstName="Ada", MobilePhone="(415) 555-0001"
    )
    sign_in(marketer.member.user)
    console = f"/w/{marketer.workspace.slug}/sms"

    page.goto(f"{console}/template/add/")
    page.locator("#id_kind").select_option("contact")
    page.locator("#id_name").fill("Table")
    text = page.get_by_role("textbox", name="Text")
    text.fill("Hi , your table’s ready")
    text.evaluate("box => box.setSelectionRange(3, 3)")
    page.get_by_label("Field", exact=True).select_option("FirstName")
    page.get_by_label("Where it is empty").fill("there")
    page.get_by_role("button", name="Put in").click()
    expect(text).to_have_value("Hi {{FirstName|there}}, your table’s ready")
    counter = page.locator("sms-counter")
    expect(counter).to_contain_text("33 / 70 [1] 1")
    expect(counter).to_contain_text("Unicode")
    expect(counter).to_contain_text("approx.")
    expect(counter.locator("mark")).to_have_text("’")
    replace = counter.get_by_role("button", name="Replace by ' at character 35")
    replace.focus()
    page.keyboard.press("Enter")
    expect(text).to_have_value("Hi {{FirstName|there}}, your table's ready")
    expect(counter).to_contain_text("33 / 160 [1] 1")
    expect(counter).to_contain_text("Regular")
    expect(counter.get_by_role("status")).to_contain_text("33 of 160 characters, 1 message")

    page.get_by_label("The beginning of a person’s name in Salesforce").fill("Zyx")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Ada Zyxwv").click()
    expect(page.locator(".sms-bubble")).to_have_text("Hi Ada, your table's ready")
    expect(counter).to_contain_text("Exactly, for Ada Zyxwv: 26 / 160 [1] 1 Regular")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#result_list").get_by_role("link", name="Table")).to_be_visible()

    page.goto(f"{console}/compose/?record={record}")
    page.get_by_label("Template").select_option(label="Table")
    page.get_by_role("button", name="Use these choices").click()
    expect(page.locator(".sms-bubble")).to_have_text("Hi Ada, your table's ready")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_text("1 message sent to Ada Zyxwv.")).to_be_visible()

    assert [one["text"] for one in marketer.hand_over()] == ["Hi Ada, your table's ready"]
    marketer.gateways.deliveries(2)
    drain_inbox(marketer.gateway.pk)
    # The page asks every five seconds.
    expect(page.locator("#thread")).to_contain_text("Delivered", timeout=20_000)

    marketer.gateways.act("reply", **{"from": PHONE, "text": "Stop. Thank you"})
    marketer.gateways.deliveries(3)
    drain_inbox(marketer.gateway.pk, DrainLease.Lane.TEXTS)
    page.get_by_role("link", name=re.compile(r"\d new")).click()
    expect(page.locator("#thread")).to_contain_text("OPTOUT")
    expect(page.get_by_text("This person gets no texts since")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
