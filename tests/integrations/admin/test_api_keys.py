"""Workspace → API keys: shown once, to somebody who gave the password lately."""

import time

import pytest
from django.test import Client

from integrations.api_keys import find_key
from integrations.models import ApiKey, Workspace
from tests.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Workspace:
    return make_workspace()


def _admin(workspace: Workspace, *, proven: bool = True) -> Client:
    client = Client()
    user = make_member(workspace).user
    user.set_password("correct horse battery")
    user.save()
    client.force_login(user)
    session = client.session
    if proven:
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
        session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return client


def test_a_key_is_made_shown_once_and_revoked(acme: Workspace) -> None:
    client, base = _admin(acme), f"/w/{acme.slug}/integrations/apikey/"
    values = {"name": "Warehouse", "scopes": ["calls:read"], "days": "90"}
    shown = client.post(f"{base}add/", values)
    page = shown.content.decode()
    key = ApiKey.unscoped.get()
    text = page.split('id="api-key">')[1].split("<")[0]
    found = find_key(text)
    assert found == key
    assert key.scopes == ["calls:read"]
    assert key.expires_at is not None
    assert "no-store" in shown["Cache-Control"]
    secret = text.rsplit("_", 1)[1]
    for address in (base, f"{base}{key.pk}/change/"):
        assert secret not in client.get(address).content.decode()

    client.post(f"{base}{key.pk}/revoke/")
    assert find_key(text) is None
    assert client.post(f"{base}{key.pk}/revoke/").status_code == 404


def test_making_a_key_asks_for_the_password_first(acme: Workspace) -> None:
    client = _admin(acme, proven=False)
    address = f"/w/{acme.slug}/integrations/apikey/add/"
    for response in (client.get(address), client.post(address, {"name": "Warehouse"})):
        assert response.status_code == 302
        assert "reauthenticate" in response["Location"]


def test_a_key_that_may_do_nothing_or_what_nobody_knows_is_not_made(acme: Workspace) -> None:
    client, address = _admin(acme), f"/w/{acme.slug}/integrations/apikey/add/"
    for scopes in ([], ["everything"]):
        response = client.post(address, {"name": "Warehouse", "scopes": scopes, "days": ""})
        assert response.status_code == 200
    assert not ApiKey.unscoped.exists()
