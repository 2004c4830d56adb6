"""Passkeys in a real browser with a made-up authenticator: adding, signing in, removing."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import RequestFactory
from playwright.sync_api import CDPSession, Page, expect
from pytest_django.fixtures import Settings

from integrations.accounts import PatchbayMFAAdapter
from integrations.models import User
from tests.integrations.test_account_pages import PASSWORD, inspect, sign_in_by_form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSKEYS = "/accounts/2fa/webauthn/"


@pytest.fixture
def device(page: Page) -> CDPSession:
    """A key that holds passkeys, and whose owner is always there and known by finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    answer = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.device_id = answer["authenticatorId"]  # type: ignore[attr-defined]
    return session


@pytest.fixture
def ada(page: Page) -> User:
    """Signed in by password, and just asked for it again."""
    user = User.objects.create_user("ada@acme.test", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    sign_in_by_form(page, user.email)
    page.goto("/accounts/reauthenticate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/workspaces/")
    return user


def add_passkey(page: Page, name: str = "My laptop", alone: bool = True) -> None:
    """From the list to the recovery codes, which are shown once for the first key."""
    page.goto(PASSKEYS)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Sign in with it alone").set_checked(alone)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("The passkey was added.")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_passkey_signs_in_without_a_password(
    page: Page, device: CDPSession, ada: User, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    add_passkey(page)
    assert mail.outbox[-1].subject == "A passkey was added to your account"
    inspect(page, PASSKEYS)
    expect(page.get_by_role("heading", name="My laptop")).to_be_visible()
    for address in ("add/", f"keys/{Authenticator.objects.get(type='webauthn').pk}/remove/"):
        inspect(page, PASSKEYS + address)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/workspaces/")
    page.goto(PASSKEYS)
    expect(page.get_by_text("last used")).to_be_visible()


def test_a_removed_passkey_opens_nothing(page: Page, device: CDPSession, ada: User) -> None:
    add_passkey(page)
    page.goto(PASSKEYS)
    page.get_by_role("link", name="Rename My laptop").click()
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Old laptop").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("You have none yet.")).to_be_visible()
    assert mail.outbox[-1].subject == "A passkey was removed from your account"
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    assert page.url.endswith("/accounts/login/")


def test_a_key_beside_the_password_is_a_second_step(
    page: Page, device: CDPSession, ada: User
) -> None:
    add_passkey(page, alone=False)
    page.goto(PASSKEYS)
    expect(page.get_by_text("Signs you in by itself.")).to_have_count(0)
    sign_out(page)
    page.get_by_label("Email").fill(ada.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/authenticate/")
    inspect(page, page.url)
    page.get_by_role("button", name="Use a passkey or security key").click()
    page.wait_for_url("**/workspaces/")


def test_what_the_browser_refuses_is_said_in_a_sentence(
    page: Page, device: CDPSession, ada: User
) -> None:
    add_passkey(page)
    page.goto(f"{PASSKEYS}add/")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_have_text(
        "This device holds a passkey of your account already."
    )
    sign_out(page)
    verified = {"authenticatorId": page.device_id, "isUserVerified": False}  # type: ignore[attr-defined]
    device.send("WebAuthn.setUserVerified", verified)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed. Try again")
    assert page.url.endswith("/accounts/login/")


def test_passkeys_belong_to_the_public_address(settings: Settings, rf: RequestFactory) -> None:
    settings.PUBLIC_URL = "https://patchbay.example.test:8443"
    about = PatchbayMFAAdapter(
        rf.get("/", HTTP_HOST="evil.test")
    ).get_public_key_credential_rp_entity()
    assert about == {"id": "patchbay.example.test", "name": "Patchbay"}
