"""Invitations: mailed once, accepted once, by the owner of the address."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.http import urlencode
from pytest_django import Settings

from integrations import invitations
from integrations.invitations import (
    InvitationInvalid,
    InvitedSomebodyElse,
    accept,
    find_open_invitation,
    invite,
    resend,
    revoke,
)
from integrations.models import AuditEntry, Invitation, Membership, User, Workspace
from integrations.roles import Role
from integrations.tenancy import workspace_scope
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
EMAIL = "new@acme.test"


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    workspace = factories.make_workspace()
    with workspace_scope(workspace):
        yield workspace


@pytest.fixture
def admin(workspace: Workspace) -> User:
    return factories.make_member(workspace, ("admin",), "ada@acme.test").user


@pytest.fixture
def owner(workspace: Workspace) -> User:
    return factories.make_member(workspace, ("owner",), "olga@acme.test").user


def make_verified(email: str, *, verified: bool = True) -> User:
    user = User.objects.create_user(email, PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    return user


def test_the_database_does_not_know_the_token(workspace: Workspace, admin: User) -> None:
    invitation, token = invite(workspace, " New@Acme.test ", {Role.CALL_AGENT}, actor=admin)
    assert invitation.email == EMAIL
    assert token not in str(Invitation.objects.values_list().get())
    assert find_open_invitation(token) == invitation
    assert AuditEntry.objects.get().action == "invitation.sent"


def test_accepting_makes_the_membership_once(workspace: Workspace, admin: User) -> None:
    _, token = invite(workspace, EMAIL, {Role.CALL_AGENT, Role.MARKETER}, actor=admin)
    user = make_verified(EMAIL)
    membership = accept(token, user)
    assert (membership.workspace, membership.user) == (workspace, user)
    assert membership.roles == {Role.CALL_AGENT, Role.MARKETER}
    with pytest.raises(InvitationInvalid):
        accept(token, user)


@pytest.mark.parametrize(
    ("email", "verified"), [("other@acme.test", True), (EMAIL, False), ("new@acme.test.evil", True)]
)
def test_only_the_verified_address_accepts(
    workspace: Workspace, admin: User, email: str, verified: bool
) -> None:
    _, token = invite(workspace, EMAIL, {Role.MEMBER}, actor=admin)
    stranger = make_verified(email, verified=verified)
    with pytest.raises(InvitedSomebodyElse):
        accept(token, stranger)
    assert not Membership.objects.filter(user=stranger).exists()
    assert find_open_invitation(token) is not None


def test_an_invitation_ends_after_seven_days(workspace: Workspace, admin: User) -> None:
    _, token = invite(workspace, EMAIL, {Role.MEMBER}, actor=admin)
    user = make_verified(EMAIL)
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        with pytest.raises(InvitationInvalid):
            accept(token, user)
        _, newer = invite(workspace, EMAIL, {Role.MEMBER}, actor=admin)
        assert accept(newer, user).is_active


def test_a_revoked_invitation_opens_nothing(workspace: Workspace, admin: User) -> None:
    invitation, token = invite(workspace, EMAIL, {Role.MEMBER}, actor=admin)
    assert revoke(invitation, actor=admin)
    assert not revoke(invitation, actor=admin)
    assert find_open_invitation(token) is None
    with pytest.raises(ValidationError, match="taken back already"):
        resend(invitation, actor=admin)


def test_sending_again_ends_the_older_link(workspace: Workspace, admin: User) -> None:
    invitation, older = invite(workspace, EMAIL, {Role.MEMBER}, actor=admin)
    newer = resend(invitation, actor=admin)
    assert find_open_invitation(older) is None
    assert find_open_invitation(newer) == invitation


def test_an_address_has_one_open_invitation(workspace: Workspace, admin: User) -> None:
    invite(workspace, EMAIL, {Role.MEMBER}, actor=admin)
    with pytest.raises(ValidationError, match="open invitation"):
        invite(workspace, EMAIL.upper(), {Role.ADMIN}, actor=admin)


def test_members_are_not_invited(workspace: Workspace, admin: User) -> None:
    with pytest.raises(ValidationError, match="member already"):
        invite(workspace, admin.email, {Role.MEMBER}, actor=admin)


def test_only_owners_invite_owners(workspace: Workspace, admin: User, owner: User) -> None:
    with pytest.raises(PermissionDenied):
        invite(workspace, EMAIL, {Role.MEMBER, Role.OWNER}, actor=admin)
    invitation, _ = invite(workspace, EMAIL, {Role.OWNER}, actor=owner)
    with pytest.raises(PermissionDenied):
        resend(invitation, actor=admin)


def test_agents_invite_nobody(workspace: Workspace) -> None:
    agent = factories.make_member(workspace, ("call_agent",)).user
    with pytest.raises(PermissionDenied):
        invite(workspace, EMAIL, {Role.CALL_AGENT}, actor=agent)


def test_mails_to_one_address_are_limited(workspace: Workspace, admin: User) -> None:
    invitation, _ = invite(workspace, EMAIL, {Role.MEMBER}, actor=admin)
    for _ in range(4):
        resend(invitation, actor=admin)
    with pytest.raises(ValidationError, match="Too many"):
        resend(invitation, actor=admin)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_accept_at_once_spend_one_invitation() -> None:
    workspace = factories.make_workspace()
    owner = factories.make_member(workspace, ("owner",)).user
    user = make_verified(EMAIL)
    with workspace_scope(workspace):
        _, token = invite(workspace, EMAIL, {Role.MEMBER}, actor=owner)
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def join() -> None:
        together.wait()
        try:
            accept(token, user)
            outcomes.append("joined")
        except InvitationInvalid:
            outcomes.append("too late")
        finally:
            connection.close()

    threads = [threading.Thread(target=join) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["joined", "too late"]


# ---- Over HTTP ------------------------------------------------------------------------------


def invite_by_page(client: Client, workspace: Workspace, admin: User) -> str:
    """Invites from the console; returns the path of the mailed link."""
    client.force_login(admin)
    response = client.post(
        f"/w/{workspace.slug}/integrations/invitation/add/",
        {"email": EMAIL, "roles": ["call_agent"]},
    )
    assert response.status_code == 302, response.context["form"].errors
    client.logout()
    return mailed_path()


def mailed_path() -> str:
    link = re.search(r"https?://\S+", str(mail.outbox[-1].body))
    assert link is not None
    return "/" + link[0].split("/", 3)[3]


def test_the_mail_carries_the_public_address_and_both_forms(
    client: Client, workspace: Workspace, admin: User, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://patchbay.example"
    invite_by_page(client, workspace, admin)
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert message.to == [EMAIL]
    assert "https://patchbay.example/invitations/" in str(message.body)
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    assert "https://patchbay.example/invitations/" in str(html)


def test_from_the_mail_to_the_workspace_in_one_form(
    client: Client, workspace: Workspace, admin: User
) -> None:
    path = invite_by_page(client, workspace, admin)
    sent = len(mail.outbox)
    assert client.get(path)["Location"] == "/invitations/join/"
    assert workspace.name in client.get("/invitations/join/").content.decode()
    assert client.post("/invitations/join/")["Location"] == "/accounts/signup/"
    response = client.post(
        "/accounts/signup/",
        {
            "email": "somebody@else.test",  # not theirs to choose
            "first_name": "Nia",
            "last_name": "Newman",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
        follow=True,
    )
    assert response.redirect_chain[-1][0] == f"/w/{workspace.slug}/"
    user = User.objects.get(email=EMAIL)
    assert EmailAddress.objects.get(user=user).verified
    assert Membership.objects.get(user=user).roles == {Role.CALL_AGENT}
    assert len(mail.outbox) == sent  # no second verification
    assert client.get("/accounts/signup/").status_code == 302


def test_who_has_an_account_signs_in_and_joins(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_verified(EMAIL)
    client.get(invite_by_page(client, workspace, admin))
    location = client.post("/invitations/join/")["Location"]
    assert location == "/accounts/login/?next=%2Finvitations%2Fjoin%2F"
    response = client.post(location, {"login": EMAIL, "password": PASSWORD})
    assert response["Location"] == "/invitations/join/"
    assert client.post("/invitations/join/")["Location"] == f"/w/{workspace.slug}/"


def test_somebody_else_is_told_and_does_not_join(
    client: Client, workspace: Workspace, admin: User
) -> None:
    path = invite_by_page(client, workspace, admin)
    other = make_verified("other@acme.test")
    client.force_login(other)
    page = client.get(path, follow=True).content.decode()
    assert "You are signed in as other@acme.test" in page
    client.post("/invitations/join/")
    assert not Membership.objects.filter(user=other).exists()


def test_opening_the_link_answers_nothing(
    client: Client, workspace: Workspace, admin: User
) -> None:
    path = invite_by_page(client, workspace, admin)
    client.force_login(make_verified(EMAIL))
    client.get(path, follow=True)
    assert Invitation.objects.get().accepted_at is None


def test_the_session_does_not_show_the_token(client: Client) -> None:
    client.get("/invitations/planted-token/")
    assert "planted-token" not in str(dict(client.session))


def test_an_unknown_link_says_what_to_do(client: Client) -> None:
    response = client.get("/invitations/made-up/", follow=True)
    assert response.status_code == 404
    assert "no longer open" in response.content.decode()


def test_an_invitation_taken_back_before_signing_up_makes_no_account(
    client: Client, workspace: Workspace, admin: User
) -> None:
    client.get(invite_by_page(client, workspace, admin))
    revoke(Invitation.objects.get(), actor=admin)
    client.post(
        "/accounts/signup/",
        {"first_name": "N", "last_name": "N", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.filter(email=EMAIL).exists()


def test_trying_links_is_limited(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.account_views._INVITATION_TRIES", "2/day")
    answers = [client.get(f"/invitations/guess{n}/") for n in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "Too many tries" in answers[-1].content.decode()


# ---- The console's page ---------------------------------------------------------------------


def test_an_admin_is_not_offered_the_owner_role(
    client: Client, workspace: Workspace, admin: User
) -> None:
    client.force_login(admin)
    address = f"/w/{workspace.slug}/integrations/invitation/add/"
    assert 'value="owner"' not in client.get(address).content.decode()
    client.post(address, {"email": EMAIL, "roles": ["owner"]})
    assert not Invitation.objects.exists()
    assert mail.outbox == []


def test_inviting_an_owner_asks_for_the_password(
    client: Client, workspace: Workspace, owner: User
) -> None:
    owner.set_password(PASSWORD)
    owner.save()
    client.force_login(owner)
    address = f"/w/{workspace.slug}/integrations/invitation/add/"
    form = {"email": EMAIL, "roles": ["owner"]}
    asked = client.post(address, form)["Location"]
    assert asked == "/accounts/reauthenticate/?" + urlencode({"next": address})
    assert client.post(asked, {"password": PASSWORD})["Location"] == address
    client.post(address, form)
    assert Invitation.objects.get().roles == ["owner"]


def test_a_refusal_stands_on_the_form(client: Client, workspace: Workspace, admin: User) -> None:
    client.force_login(admin)
    response = client.post(
        f"/w/{workspace.slug}/integrations/invitation/add/",
        {"email": admin.email, "roles": ["member"]},
    )
    assert "This person is a member already." in response.content.decode()


def test_an_invitation_is_sent_again_and_taken_back_on_its_page(
    client: Client, workspace: Workspace, admin: User
) -> None:
    first = invite_by_page(client, workspace, admin)
    client.force_login(admin)
    page = f"/w/{workspace.slug}/integrations/invitation/{Invitation.objects.get().pk}"
    client.post(f"{page}/send_again/")
    assert mailed_path() != first
    client.post(f"{page}/take_back/")
    assert Invitation.objects.get().revoked_at is not None
    assert "Taken back" in client.get(f"{page}/change/").content.decode()
    assert client.post(f"{page}/send_again/").status_code == 404


def test_a_mail_server_that_fails_leaves_an_invitation_to_send_again(
    client: Client, workspace: Workspace, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("integrations.admin.invitations.mail_invitation", fail)
    client.force_login(admin)
    response = client.post(
        f"/w/{workspace.slug}/integrations/invitation/add/",
        {"email": EMAIL, "roles": ["member"]},
        follow=True,
    )
    assert "could not be sent" in response.content.decode()
    assert Invitation.objects.filter(email=EMAIL).exists()


def test_tokens_are_long_enough_not_to_be_guessed(workspace: Workspace, admin: User) -> None:
    _, token = invite(workspace, EMAIL, {Role.MEMBER}, actor=admin)
    assert len(token) >= 43  # 256 bits
    assert invitations._digest(token) == Invitation.objects.get().token_digest
