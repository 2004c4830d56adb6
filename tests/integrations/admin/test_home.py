"""Home as members of different roles see it."""

import pytest
from django.test import Client

from tests.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db


def test_home_opens_for_every_member(client: Client) -> None:
    acme = make_workspace("Acme")
    client.force_login(make_member(acme, roles=("member",)).user)

    response = client.get(f"/w/{acme.slug}/")

    assert response.status_code == 200
    assert "Needs attention" in response.content.decode()
