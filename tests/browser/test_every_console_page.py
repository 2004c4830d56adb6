"""Every page of the console in Chromium: axe, no sideways scroll, nothing on the console (F15).

The addresses are read from the console itself, so that a page which is added later is inspected
without a line here.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page

from integrations.addresses import console_url
from integrations.admin.actions import object_actions_of
from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.site import console_site
from integrations.models import Workspace
from tests.factories import make_member, make_salesforce_connection, make_workspace
from tests.harness.browser import SignIn
from tests.integrations.admin.world import World
from tests.sms.gateway_rows import make_mitto

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a password of their own"
WIDTHS = (360, 768, 1280)
#: Parts that pages ask for, not pages.
PARTS = frozenset(
    {
        "erase_person_live",
        "home_live",
        "sms_people",
        "sms_conversation_live",
        "salesforce_preflight_live",
        "my_preflight_live",
        "my_missing_permissions",
    }
)
DARK_ONLY = {"runOnly": ["color-contrast"]}


def page_addresses(workspace: Workspace) -> Iterator[str]:
    """Our own pages that open by an address without parameters."""
    for page in console_site.pages:
        if "GET" in page.methods and "<" not in page.route and page.name not in PARTS:
            yield console_url(workspace, page.name)


def list_addresses(workspace: Workspace) -> Iterator[str]:
    """Each list, and the form that adds to it where there is one."""
    for admin, names in _admins():
        yield console_url(workspace, f"{names}_changelist")
        if admin.add_capability is not None:
            yield console_url(workspace, f"{names}_add")


def row_addresses(world: World) -> Iterator[str]:
    """Each row's page, and the questions before acts on it."""
    for admin, names in _admins():
        row = world.row(admin.model)
        yield console_url(world.workspace, f"{names}_change", row.pk)
        for action in object_actions_of(type(admin)):
            if action.applies(row):
                yield console_url(world.workspace, f"{names}_{action.name}", row.pk)


def _admins() -> Iterator[tuple[WorkspaceScopedAdmin, str]]:
    for admin in console_site._registry.values():
        assert isinstance(admin, WorkspaceScopedAdmin)
        yield admin, f"{admin.opts.app_label}_{admin.opts.model_name}"


def inspect(page: Page, address: str) -> list[str]:
    """Open a page, look at it in both colour schemes and at every width; what is wrong with it."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": WIDTHS[-1], "height": 800})
    response = page.goto(address)
    wrong = [] if response and response.ok else ["it does not open"]
    wrong += _serious_findings(page, None)
    # The theme asks the system once, when it loads: a change afterwards would leave the page light.
    page.evaluate("document.documentElement.classList.add('dark')")
    wrong += [f"dark: {found}" for found in _serious_findings(page, DARK_ONLY)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        drawn = page.evaluate("document.documentElement.scrollWidth")
        if drawn > width:
            wrong.append(f"{drawn} px wide at {width} px")
    if " | Patchbay" not in page.title():
        wrong.append(f"titled {page.title()!r}")
    return [f"{address}: {what}" for what in wrong]


def _serious_findings(page: Page, options: Any) -> list[str]:
    found = Axe().run(page, options=options)["violations"]
    return [
        f"{one['id']}: {node['html']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def prove_again(page: Page) -> None:
    """Give the password once more, as important pages ask for it (RULES F11)."""
    page.goto("/accounts/reauthenticate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/**")


def test_every_page_with_something_on_it_is_sound(page: Page, sign_in: SignIn) -> None:
    world = World("Marked")
    make_salesforce_connection(world.workspace)
    make_mitto(world.workspace)
    member = make_member(world.workspace, roles=("owner",))
    make_salesforce_connection(
        world.workspace, membership=member, salesforce_user_id="005000000000002AAA"
    )
    owner = member.user
    owner.set_password(PASSWORD)
    owner.save()
    sign_in(owner)
    prove_again(page)
    addresses = [
        *page_addresses(world.workspace),
        *list_addresses(world.workspace),
        *row_addresses(world),
    ]
    wrong = [what for address in addresses for what in inspect(page, address)]
    assert not wrong, "\n".join(wrong)


def test_every_page_with_nothing_on_it_is_sound(page: Page, sign_in: SignIn) -> None:
    workspace = make_workspace()
    sign_in(make_member(workspace, roles=("owner",)).user)
    addresses = [*page_addresses(workspace), *list_addresses(workspace)]
    # Without a connection there is nothing to replace or to end: those say so, with 404.
    unconnected = ("/replace/", "/disconnect/", "/other-organisation/")
    addresses = [one for one in addresses if not one.endswith(unconnected)]
    wrong = [what for address in addresses for what in inspect(page, address)]
    assert not wrong, "\n".join(wrong)
