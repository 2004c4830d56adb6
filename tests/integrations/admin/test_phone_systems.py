"""Phone systems: set up by a name, secrets shown on purpose only, replaced without a gap."""

import time

import pytest
from django.test import Client

from integrations.models import AuditEntry, Connection, Workspace
from tests.factories import SIGNING_SECRET, make_member, make_phone_system, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Workspace:
    return make_workspace()


@pytest.fixture
def admin_client(acme: Workspace) -> Client:
    """Somebody who has typed the password a moment ago."""
    client = Client()
    member = make_member(acme, roles=("admin",))
    member.user.set_password("correct horse battery")
    member.user.save()
    client.force_login(member.user)
    _confirm_password(client)
    return client


def _confirm_password(client: Client, at: float | None = None) -> None:
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": at or time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()


def _act(client: Client, phone_system: Connection, name: str) -> str:
    slug = phone_system.workspace.slug
    response = client.post(f"/w/{slug}/integrations/phonesystem/{phone_system.pk}/{name}/")
    return response.content.decode()


def _actions() -> list[str]:
    return list(AuditEntry.unscoped.order_by("pk").values_list("action", flat=True))


def test_adding_one_shows_its_address_and_secret_once(
    acme: Workspace, admin_client: Client
) -> None:
    base = f"/w/{acme.slug}/integrations/phonesystem/"
    shown = admin_client.post(f"{base}add/", {"name": "Switchboard"})
    made = Connection.unscoped.get()
    (secret,) = made.credentials["secrets"]

    assert (made.kind, made.backend, made.workspace) == ("phone_system", "webhook", acme)
    assert secret.startswith("whsec_")
    assert secret in shown.content.decode()
    assert f"/hooks/calls/{made.key}/" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    for address in (base, f"{base}{made.pk}/change/"):
        assert secret not in admin_client.get(address).content.decode()
    assert _actions() == ["phone_system.added", "phone_system.secret_revealed"]
    assert secret not in str(list(AuditEntry.unscoped.values()))


def test_showing_the_secret_again_is_recorded(acme: Workspace, admin_client: Client) -> None:
    phone_system = make_phone_system(acme)
    assert SIGNING_SECRET in _act(admin_client, phone_system, "reveal")
    assert _actions() == ["phone_system.secret_revealed"]


def test_showing_the_secret_wants_the_password_again(acme: Workspace, admin_client: Client) -> None:
    phone_system = make_phone_system(acme)
    _confirm_password(admin_client, at=time.time() - 86_400)
    address = f"/w/{acme.slug}/integrations/phonesystem/{phone_system.pk}/reveal/"
    for response in (admin_client.get(address), admin_client.post(address)):
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/reauthenticate/?next=%2Fw%2F")
    assert _actions() == []


def test_replacing_the_secret_keeps_the_old_one_until_it_is_ended(
    acme: Workspace, admin_client: Client
) -> None:
    phone_system = make_phone_system(acme)
    _act(admin_client, phone_system, "rotate")
    phone_system.refresh_from_db()
    new, old = phone_system.credentials["secrets"]
    assert old == SIGNING_SECRET
    assert new != old

    _act(admin_client, phone_system, "rotate")
    phone_system.refresh_from_db()
    assert phone_system.credentials["secrets"][1] == new, "two are live, never three"

    _act(admin_client, phone_system, "retire")
    phone_system.refresh_from_db()
    assert len(phone_system.credentials["secrets"]) == 1


def test_disabling_and_enabling(acme: Workspace, admin_client: Client) -> None:
    phone_system = make_phone_system(acme)
    _act(admin_client, phone_system, "disable")
    phone_system.refresh_from_db()
    assert phone_system.state == Connection.State.DISABLED
    _act(admin_client, phone_system, "enable")
    phone_system.refresh_from_db()
    assert phone_system.state == Connection.State.ACTIVE
    assert _actions() == ["phone_system.disabled", "phone_system.enabled"]


def test_buttons_ask_before_they_act(acme: Workspace, admin_client: Client) -> None:
    phone_system = make_phone_system(acme)
    base = f"/w/{acme.slug}/integrations/phonesystem/{phone_system.pk}"
    assert "will be refused" in admin_client.get(f"{base}/disable/").content.decode()
    phone_system.refresh_from_db()
    assert phone_system.state == Connection.State.ACTIVE
    offered = admin_client.get(f"{base}/change/").content.decode()
    assert f"{base}/disable/" in offered
    assert f"{base}/enable/" not in offered, "it is enabled already"
