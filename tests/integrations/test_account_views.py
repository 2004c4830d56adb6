"""From signing in to a workspace."""

import pytest
from django.test import Client

from integrations.models import Membership, User, Workspace
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return factories.make_workspace()


@pytest.fixture
def admin(workspace: Workspace) -> User:
    return factories.make_member(workspace).user


def test_the_only_workspace_is_the_way_in(
    client: Client, workspace: Workspace, admin: User
) -> None:
    client.force_login(admin)
    assert client.get("/")["Location"] == f"/w/{workspace.slug}/"


def test_of_several_workspaces_the_last_one_used_is_the_way_in(
    client: Client, workspace: Workspace, admin: User
) -> None:
    other = factories.make_workspace("Other")
    second = factories.make_member(other, user=admin)
    client.force_login(admin)
    assert client.get("/")["Location"] == "/workspaces/"
    page = client.get("/workspaces/").content.decode()
    assert f"/w/{workspace.slug}/" in page
    assert f"/w/{other.slug}/" in page
    client.get(f"/w/{other.slug}/")
    assert client.get("/")["Location"] == f"/w/{other.slug}/"
    Membership.unscoped.filter(pk=second.pk).update(is_active=False)
    assert client.get("/")["Location"] == f"/w/{workspace.slug}/"


def test_without_a_workspace_the_page_says_what_to_do(client: Client) -> None:
    client.force_login(factories.make_user("lost@acme.test"))
    page = client.get("/", follow=True).content.decode()
    assert "invite lost@acme.test" in page
