"""The composer on a record's page in Salesforce: in a frame of another site, without any cookie."""

import io
import re
import zipfile
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.embedding import embedded_address
from integrations.models import AuditEntry, Membership
from integrations.tenancy import workspace_scope
from sms.embedding import issue_token
from sms.models import Message
from tests.factories import make_member, make_workspace
from tests.features.test_sms_compose import PHONE, Composer
from tests.harness.browser import SignIn
from tests.harness.deploying import deploy
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def composer(
    salesforce_org: SalesforceOrg,
    sms_gateways: SmsGateways,
    live_server: LiveServer,
    settings: Settings,
) -> Composer:
    settings.PUBLIC_URL = live_server.url
    return Composer(salesforce_org, sms_gateways)


def token_of(member: Membership) -> str:
    with workspace_scope(member.workspace_id):
        return issue_token(member)


def frame_of(composer: Composer) -> str:
    return urlsplit(embedded_address("sms_embedded", composer.workspace)).path


def record_page(composer: Composer, record: str) -> str:
    """The page of a contact as the deployed package makes it."""
    admin = Client()
    admin.force_login(make_member(composer.workspace).user)
    downloads = f"/w/{composer.workspace.slug}/salesforce/connection/downloads"
    package = admin.get(f"{downloads}/sms-composer/").content
    token = composer.org.act("issue-tokens", username="admin@acme.test")["access_token"]
    assert deploy(composer.org.url, token, package)["status"] == "Succeeded"
    page = zipfile.ZipFile(io.BytesIO(package)).read("pages/Patchbay_SMS_Contact.page").decode()
    frame = re.sub(r"</?apex:page[^>]*>", "", page).replace("{!Contact.Id}", record[:15])
    return f"<h1>Ada Zyxwv</h1>{frame}"


def show_record(page: Page, composer: Composer, html: str) -> None:
    """A real page of the org, with what the package put there: a made-up answer would count as
    coming from a public network, from which browsers load nothing local."""
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(f"{composer.org.url}/_sim/records/Campaign")
    page.evaluate("html => { document.body.innerHTML = html; }", html)


@pytest.mark.browser
@pytest.mark.feature("MIT-27")
def test_a_text_is_sent_from_the_page_of_a_record_in_salesforce(
    page: Page, sign_in: SignIn, composer: Composer
) -> None:
    html = record_page(composer, composer.add_person("Contact"))
    sign_in(composer.member.user)
    show_record(page, composer, html)
    frame = page.frame_locator("iframe")
    with page.expect_popup() as opening:
        frame.get_by_role("button", name="Sign in").click()
    opening.value.get_by_role("button", name="Sign in there").click()

    box = frame.get_by_role("textbox", name="Text")
    box.fill("Hi {{FirstName}}, your table is ready")
    expect(frame.locator("[data-part=preview]")).to_have_text("Hi Ada, your table is ready")
    expect(frame.locator("sms-counter")).to_contain_text("34 / 160 [1] 1")
    frame.get_by_role("button", name="Send", exact=True).click()
    expect(frame.get_by_text("1 message sent to Ada Zyxwv.")).to_be_visible()
    [sent] = composer.hand_over()
    assert (sent["handset"], sent["text"]) == (PHONE, "Hi Ada, your table is ready")

    # This browser lets the frame keep nothing, so the next record's page asks again.
    show_record(page, composer, html)
    expect(frame.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.feature("MIT-27")
def test_only_the_pages_of_the_connected_org_may_frame_it_and_no_cookie_is_asked_or_set(
    composer: Composer,
) -> None:
    answer = Client().get(frame_of(composer))
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert f"frame-ancestors {composer.org.url};" in f"{policy};"
    assert "X-Frame-Options" not in answer
    assert not answer.cookies
    assert "frame-ancestors 'none'" in composer.get("sms/compose/")["Content-Security-Policy"]

    unconnected = embedded_address("sms_embedded", make_workspace())
    answer = Client().get(urlsplit(unconnected).path)
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    forged = frame_of(composer).replace(f"/{composer.workspace.pk}/", "/987654/")
    assert Client().get(forged).status_code == 404


@pytest.mark.feature("MIT-27")
def test_the_frame_acts_for_its_token_alone_and_for_four_hours(composer: Composer) -> None:
    record = composer.add_person("Contact")
    address = f"{frame_of(composer)}?record={record}"
    console = Client(enforce_csrf_checks=True)
    console.force_login(composer.member.user)

    def write(token: str) -> int:
        fields = {"token": token, "act": "send", "text": "Hello", "number": PHONE}
        key = f"00000000-0000-4000-8000-{Message.unscoped.count():012}"
        return console.post(address, {**fields, "key": key}).status_code

    with time_machine.travel("2026-03-02T08:00:00Z", tick=True):
        token = token_of(composer.member)
        stranger = token_of(make_member(make_workspace(), roles=("marketer",)))
        powerless = token_of(make_member(composer.workspace, roles=("member",)))
        assert [write(one) for one in ("", "forged", stranger, powerless)] == [403] * 4
        assert not composer.messages(), "a session in the browser is worth nothing here"
        assert write(token) == 200
    with time_machine.travel("2026-03-02T12:01:00Z", tick=True):
        assert write(token) == 403
    with time_machine.travel("2026-03-02T09:00:00Z", tick=True):
        composer.member.user.set_password("another password of theirs")
        composer.member.user.save()
        assert write(token) == 403
        token = token_of(composer.member)
        Membership.unscoped.filter(pk=composer.member.pk).update(is_active=False)
        assert write(token) == 403
    assert len(composer.messages()) == 1
    assert AuditEntry.unscoped.filter(
        action="sms_composer.opened_in_salesforce", workspace=composer.workspace
    ).exists()


def test_somebody_who_opted_out_gets_nothing_from_there_either(composer: Composer) -> None:
    record = composer.add_person("Contact")
    composer.opt_out()
    page = Client().post(
        f"{frame_of(composer)}?record={record}", {"token": token_of(composer.member)}
    )
    assert "This person gets no texts since" in page.content.decode()
    fields = {"act": "send", "text": "Hello", "number": PHONE, "token": token_of(composer.member)}
    key = "00000000-0000-4000-8000-000000000001"
    refused = Client().post(f"{frame_of(composer)}?record={record}", {**fields, "key": key})
    assert refused.status_code == 422
    assert not composer.messages()
