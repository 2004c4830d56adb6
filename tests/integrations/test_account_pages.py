"""The account pages in a real browser: policy, light and dark, phone width, axe (RULES F15)."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from axe_core_python.sync_playwright import Axe
from django.core import mail
from playwright.sync_api import Page

from integrations.invitations import invite, mail_invitation
from integrations.models import User
from integrations.roles import Role
from integrations.tenancy import workspace_scope
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


def inspect(page: Page, address: str) -> None:
    """Open a page at two widths: nothing sticks out, and axe finds nothing serious."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(address)
    findings: list[dict[str, Any]] = Axe().run(page)["violations"]
    serious = [f for f in findings if f["impact"] in {"serious", "critical"}]
    assert not serious, [(f["id"], [n["html"] for n in f["nodes"]]) for f in serious]
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_strangers(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    for address in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
        inspect(page, address)
    is_dark = page.evaluate("document.documentElement.classList.contains('dark')")
    assert is_dark == (scheme == "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_ones_own_account(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    user = User.objects.create_user("ada@acme.test", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    sign_in_by_form(page, user.email)
    page.get_by_text("You are not in a workspace yet").wait_for()
    inspect(page, "/accounts/reauthenticate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/workspaces/")
    for address in (
        "/workspaces/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/sessions/",
        "/accounts/logout/",
    ):
        inspect(page, address)


def test_the_second_step_and_the_recovery_codes(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    user = User.objects.create_user("ada@acme.test", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    TOTP.activate(user, generate_totp_secret())
    codes = RecoveryCodes.activate(user)
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/authenticate/")
    inspect(page, page.url)
    page.get_by_label("Code").fill(codes.get_unused_codes()[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/workspaces/")
    page.goto("/accounts/2fa/recovery-codes/")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Unused codes").wait_for()
    for address in ("/accounts/2fa/recovery-codes/", "/accounts/2fa/totp/deactivate/"):
        inspect(page, address)


def test_the_choice_of_light_or_dark_is_the_consoles(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate("localStorage.getItem('adminTheme')") == '"dark"'
    page.reload()
    assert page.evaluate("document.documentElement.classList.contains('dark')")


def test_from_the_mail_to_the_console(page: Page) -> None:
    workspace = factories.make_workspace()
    owner = factories.make_member(workspace, ("owner",)).user
    with workspace_scope(workspace):
        invitation, token = invite(workspace, "nia@acme.test", {Role.ADMIN}, actor=owner)
        mail_invitation(invitation, token)
    assert token in str(mail.outbox[0].body)
    inspect(page, f"/invitations/{token}/")
    assert token not in page.url
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("First name").fill("Nia")
    page.get_by_label("Last name").fill("Newman")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Create account and join").click()
    page.wait_for_url(f"**/w/{workspace.slug}/")


def sign_in_by_form(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/workspaces/")
