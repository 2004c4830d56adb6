"""The org's pages in Chromium: sound at every width and in both colour schemes, and a journey."""

from collections.abc import Iterator

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from integrations.simulators.salesforce.ui.setup.forms import TOPICS
from tests.integrations.simulators.org_client import APP, CALLBACK, OrgClient

pytestmark = pytest.mark.browser

WIDTHS = (360, 768, 1280)
CONSENT = (
    f"/services/oauth2/authorize?response_type=code&client_id={APP.consumer_key}"
    f"&redirect_uri={CALLBACK}&code_challenge=x"
)
DRESSED = (
    "/lightning",
    "/lightning/o/Contact/list",
    "/{contact}",
    "/lightning/r/Contact/{contact}/edit",
    "/lightning/o/Task/new",
    "/_ui/search?str=ana",
    "/_ui/recycle-bin",
    "/_ui/records/{contact}/merge",
    "/_ui/records/{lead}/convert",
)


@pytest.fixture
def page(chromium: Browser, org: OrgClient) -> Iterator[Page]:
    """A browser of its own at the start page; errors on its console fail the test."""
    context = chromium.new_context(base_url=org.url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto("/")
    yield page
    context.close()
    assert errors == []


def _inspect(page: Page, address: str) -> list[str]:
    """What is wrong with a page."""
    page.set_viewport_size({"width": WIDTHS[-1], "height": 800})
    page.emulate_media(color_scheme="light")
    page.goto(address)
    wrong = _findings(page, None)
    page.emulate_media(color_scheme="dark")
    wrong += _findings(page, {"runOnly": ["color-contrast"]})
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        drawn = page.evaluate("document.documentElement.scrollWidth")
        if drawn > width:
            wrong.append(f"{drawn} px wide at {width} px")
    return [f"{address}: {what}" for what in wrong]


def _findings(page: Page, options: dict[str, list[str]] | None) -> list[str]:
    found = Axe().run(page, options=options)["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {node['html']}" for one in serious for node in one["nodes"]]


def _fill_the_org(org: OrgClient, contact: str) -> None:
    """Something for every kind of page to show."""
    org.create_id("Task", Subject="Call", WhoId=contact, TaskSubtype="Call", CallType="Inbound",
                  CallDurationInSeconds=61, Status="Completed", Description="Words")  # fmt: skip
    org.create_id("Contact", FirstName="Ana", LastName="Ito")
    org.call("DELETE", f"sobjects/Task/{org.create_id('Task', Subject='Gone')}")
    org.act("restrict-object", sobject="Case", lost=["create"])
    org.act("add-validation-rule", sobject="Lead", when="Phone = null")
    org.break_next(path="/nowhere$", fault="cut")


def test_every_kind_of_page_is_sound(page: Page, org: OrgClient, ana_id: str) -> None:
    _fill_the_org(org, ana_id)
    lead = str(org.record("Lead", Name="Lena Sole")["Id"])
    plain = ["/", "/login", CONSENT, *(f"/_sim/setup/{topic}" for topic in TOPICS)]
    wrong = [what for address in plain for what in _inspect(page, address)]
    page.goto("/")
    page.get_by_role("button", name="Ada Byron").click()
    for dress, pages in (("Salesforce Classic", DRESSED[:4]), ("Lightning Experience", DRESSED)):
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto("/lightning")
        page.locator("summary", has_text="Ada Byron").click()
        page.get_by_role("button", name=f"Switch to {dress}").click()
        addresses = [one.format(contact=ana_id, lead=lead) for one in pages]
        wrong += [what for address in addresses for what in _inspect(page, address)]
    assert not wrong, "\n".join(wrong)


def test_somebody_corrects_a_number_and_finds_the_call_that_a_program_filed(
    page: Page, org: OrgClient, ana_id: str
) -> None:
    org.act("add-validation-rule", sobject="Contact", when="Phone LIKE '%x%'", field="Phone",
            message="Numbers without extensions, please.")  # fmt: skip
    page.get_by_role("link", name="Log in with user name and password").click()
    page.get_by_label("Username").fill("agent@acme.test")
    page.get_by_label("Password").fill("demo-patchbay")
    page.keyboard.press("Enter")
    page.get_by_label("Search all objects").fill("ana ito")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ana Ito").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Business Phone").fill("+1 415 555 0142 x9")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Numbers without extensions, please.")).to_be_visible()
    page.get_by_role("alert").get_by_role("link", name="Business Phone").click()
    page.get_by_label("Business Phone").fill("+1 415 555 0142")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ana Ito")).to_be_visible()
    expect(page.get_by_text("+1 415 555 0142").first).to_be_visible()

    org.create_id("Task", Subject="Outbound Call at 12:00", WhoId=ana_id, Status="Completed",
                  TaskSubtype="Call", CallType="Outbound", CallDurationInSeconds=75)  # fmt: skip
    page.reload()
    item = page.get_by_role("listitem").filter(has_text="Outbound Call at 12:00")
    expect(item).to_contain_text("1:15")
    item.get_by_role("link", name="Outbound Call at 12:00").click()
    expect(page.get_by_role("heading", name="Outbound Call at 12:00")).to_be_visible()
    page.get_by_role("link", name="Ana Ito").first.click()
    expect(page).to_have_url(f"{org.url}/lightning/r/Contact/{ana_id}/view")
