"""Signing in, accounts by invitation, and what their pages promise."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from integrations.models import User
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def make_account(email: str = "ada@acme.test") -> User:
    """Somebody who can sign in by password."""
    user = User.objects.create_user(email, PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def sign_in(client: Client, email: str = "ada@acme.test", password: str = PASSWORD) -> int:
    response = client.post("/accounts/login/", {"login": email, "password": password})
    return response.status_code


@pytest.fixture
def ada(client: Client) -> User:
    """An account that is signed in and has just repeated its password."""
    user = make_account()
    assert sign_in(client) == 302
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return user


def test_the_right_password_leads_to_the_way_in(client: Client) -> None:
    make_account()
    response = client.post("/accounts/login/", {"login": "ADA@acme.test", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")


def test_a_wrong_password_says_the_same_for_everybody(client: Client) -> None:
    make_account()
    answers = {
        re.sub(r"csrfmiddlewaretoken\W+value=\W\w+|nonce=\W[\w+/=]+|value=\W\w+@[\w.]+", "", page)
        for email in ("ada@acme.test", "nobody@acme.test")
        for page in [
            client.post("/accounts/login/", {"login": email, "password": "wrong"}).content.decode()
        ]
    }
    assert len(answers) == 1


def test_an_unverified_address_is_verified_by_a_code_first(client: Client) -> None:
    user = make_account()
    EmailAddress.objects.filter(user=user).update(verified=False)
    response = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert response["Location"] == "/accounts/confirm-email/"
    code = re.search(r"^[A-Z0-9-]{6,}$", str(mail.outbox[0].body), re.MULTILINE)
    assert code is not None
    client.post("/accounts/confirm-email/", {"code": code[0]})
    assert EmailAddress.objects.get(user=user).verified
    assert client.get("/workspaces/").status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signs_up_without_an_invitation(client: Client, method: str) -> None:
    form = {"email": "eve@acme.test", "password1": PASSWORD, "password2": PASSWORD}
    response = getattr(client, method)("/accounts/signup/", form)
    assert "Accounts are made by invitation" in response.content.decode()
    assert not User.objects.exists()


def test_guessing_passwords_is_limited(client: Client) -> None:
    make_account()
    for _ in range(5):
        assert sign_in(client, password="wrong") == 200
    assert sign_in(client) == 200  # the right one, too late
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("redis_away")
def test_guessing_passwords_is_limited_while_redis_is_away(client: Client) -> None:
    make_account()
    for _ in range(5):
        assert sign_in(client, password="wrong") == 200
    assert sign_in(client) == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("redis_away")
def test_signing_in_works_while_redis_is_away(client: Client) -> None:
    make_account()
    assert sign_in(client) == 302
    assert client.get("/workspaces/").status_code == 200


def test_a_password_is_reset_by_a_link_to_the_public_address(
    client: Client, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://patchbay.example"
    user = make_account()
    client.post(
        "/accounts/password/reset/", {"email": user.email}, headers={"host": "evil.example"}
    )
    link = re.search(r"https?://\S+", str(mail.outbox[0].body))
    assert link is not None
    assert link[0].startswith("https://patchbay.example/accounts/password/reset/key/")
    page = client.get(link[0].removeprefix("https://patchbay.example"), follow=True)
    new = "another battery staple"
    client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert sign_in(client, password=new) == 302


def test_no_mail_goes_to_an_address_without_an_account(client: Client) -> None:
    client.post("/accounts/password/reset/", {"email": "stranger@elsewhere.test"})
    assert mail.outbox == []


def test_the_address_is_changed_only_after_the_password_was_asked_for(client: Client) -> None:
    client.force_login(make_account())
    response = client.post("/accounts/email/", {"email": "new@acme.test", "action_add": ""})
    assert response["Location"].startswith("/accounts/reauthenticate/")


def test_one_time_codes_and_recovery_codes_are_sealed(client: Client, ada: User) -> None:
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": one_time_code(secret)})
    totp = Authenticator.objects.get(user=ada, type=Authenticator.Type.TOTP)
    recovery = Authenticator.objects.get(user=ada, type=Authenticator.Type.RECOVERY_CODES)
    assert secret not in str(totp.data)
    assert totp.data["secret"].startswith("fernet:")
    assert recovery.data["seed"].startswith("fernet:")


def test_the_second_step_is_asked_for_and_a_recovery_code_passes_it(
    client: Client, ada: User
) -> None:
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": one_time_code(secret)})
    (recovery_code, *_) = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    client.post("/accounts/logout/")
    cache.clear()
    assert sign_in(client) == 302
    assert "_auth_user_id" not in client.session
    client.post("/accounts/2fa/authenticate/", {"code": recovery_code})
    assert client.session["_auth_user_id"] == str(ada.pk)


def one_time_code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return f"{hotp_value(secret, counter):06}"


def test_other_sessions_can_be_ended(client: Client, ada: User) -> None:
    elsewhere = Client()
    assert sign_in(elsewhere) == 302
    assert UserSession.objects.filter(user=ada).count() == 2
    client.post("/accounts/sessions/")
    assert elsewhere.get("/workspaces/").status_code == 302
    assert client.get("/workspaces/").status_code == 200


PAGES_FOR_STRANGERS = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/invitations/join/",
)
PAGES_FOR_MEMBERS = (
    "/workspaces/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/totp/activate/",
    "/accounts/sessions/",
)


@pytest.mark.parametrize("address", PAGES_FOR_STRANGERS + PAGES_FOR_MEMBERS)
def test_account_pages_need_no_unsafe_script(client: Client, address: str) -> None:
    if address in PAGES_FOR_MEMBERS:
        make_account()
        sign_in(client)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    response = client.get(address)
    assert response.status_code in {200, 404}
    policy = response["Content-Security-Policy"]
    assert re.search(r"script-src 'self' 'nonce-[^']+'(;|$)", policy)
    assert "unsafe" not in policy
    body = response.content.decode()
    assert not re.search(r"\sx-data|alpine|\son\w+=|\sstyle=", body)
    for opening in re.findall(r"<script[^>]*>|<style[^>]*>", body):
        # Data is read, not run: no policy is asked about it.
        assert "nonce=" in opening or 'type="application/json"' in opening


def test_the_console_keeps_what_its_theme_needs(client: Client) -> None:
    member = factories.make_member(factories.make_workspace())
    client.force_login(member.user)
    policy = client.get(f"/w/{member.workspace.slug}/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy
