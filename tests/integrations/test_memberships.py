"""Joining and losing a workspace: owners remain, and nothing of a former member goes on."""

import threading
from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from integrations.memberships import deactivate, join_workspace, set_roles
from integrations.models import (
    AuditEntry,
    Connection,
    Invitation,
    Membership,
    RoleGrant,
    Workspace,
)
from integrations.roles import Role
from integrations.tenancy import workspace_scope
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    workspace = factories.make_workspace()
    with workspace_scope(workspace):
        yield workspace


@pytest.fixture
def owner(workspace: Workspace) -> Membership:
    return factories.make_member(workspace, ("owner",), "olga@acme.test")


@pytest.fixture
def admin(workspace: Workspace, owner: Membership) -> Membership:
    return factories.make_member(workspace, ("admin",), "ada@acme.test")


@pytest.fixture
def agent(workspace: Workspace) -> Membership:
    return factories.make_member(workspace, ("call_agent",), "ben@acme.test", extension="201")


def test_roles_are_replaced_and_the_change_is_audited(admin: Membership, agent: Membership) -> None:
    set_roles(agent, {Role.CALL_MANAGER, Role.MEMBER}, actor=admin.user)
    assert agent.roles == {Role.CALL_MANAGER, Role.MEMBER}
    entry = AuditEntry.objects.get(action="membership.roles_changed")
    assert entry.actor == admin.user
    assert (entry.before, entry.after) == (
        {"roles": ["call_agent"]},
        {"roles": ["call_manager", "member"]},
    )


def test_the_last_owner_keeps_the_role(owner: Membership) -> None:
    with pytest.raises(ValidationError, match="needs an owner"):
        set_roles(owner, {Role.MEMBER}, actor=owner.user)
    assert owner.roles == {Role.OWNER}


def test_the_last_owner_cannot_leave(owner: Membership) -> None:
    with pytest.raises(ValidationError, match="needs an owner"):
        deactivate(owner, actor=owner.user)
    assert Membership.objects.get(pk=owner.pk).is_active


def test_an_owner_who_lost_the_membership_does_not_count(
    workspace: Workspace, owner: Membership
) -> None:
    former = factories.make_member(workspace, ("owner",), is_active=False)
    assert former.roles == {Role.OWNER}
    with pytest.raises(ValidationError):
        deactivate(owner, actor=owner.user)


def test_an_owner_may_leave_when_there_is_another(workspace: Workspace, owner: Membership) -> None:
    factories.make_member(workspace, ("owner",))
    deactivate(owner, actor=owner.user)
    assert not Membership.objects.get(pk=owner.pk).is_active


def test_an_admin_neither_makes_nor_unmakes_owners(
    owner: Membership, admin: Membership, agent: Membership
) -> None:
    factories.make_member(owner.workspace, ("owner",))
    with pytest.raises(PermissionDenied):
        set_roles(agent, {Role.OWNER}, actor=admin.user)
    with pytest.raises(PermissionDenied):
        set_roles(owner, {Role.MEMBER}, actor=admin.user)
    with pytest.raises(PermissionDenied):
        deactivate(owner, actor=admin.user)


def test_an_agent_changes_nobody(admin: Membership, agent: Membership) -> None:
    with pytest.raises(PermissionDenied):
        set_roles(agent, {Role.ADMIN}, actor=agent.user)
    with pytest.raises(PermissionDenied):
        deactivate(admin, actor=agent.user)


def test_what_acts_for_a_former_member_ends_with_the_membership(
    workspace: Workspace, owner: Membership, admin: Membership
) -> None:
    sync_user = factories.make_salesforce_connection(workspace)
    personal = factories.make_salesforce_connection(workspace, membership=admin)
    invitation = Invitation.objects.create(
        workspace=workspace,
        email="new@acme.test",
        invited_by=admin.user,
        token_digest="digest",
        expires_at=factories.NOON,
    )
    deactivate(admin, actor=owner.user)
    personal.refresh_from_db()
    sync_user.refresh_from_db()
    invitation.refresh_from_db()
    assert (personal.state, personal.sealed_credentials) == (Connection.State.ARCHIVED, "")
    assert sync_user.is_usable
    assert invitation.revoked_at is not None


def test_the_extension_becomes_free(
    workspace: Workspace, admin: Membership, agent: Membership
) -> None:
    deactivate(agent, actor=admin.user)
    factories.make_member(workspace, ("call_agent",), extension="201")
    entry = AuditEntry.objects.get(action="membership.ended")
    assert entry.before == {"roles": ["call_agent"], "extension": "201"}


def test_ending_a_membership_twice_changes_nothing(admin: Membership, agent: Membership) -> None:
    deactivate(agent, actor=admin.user)
    deactivate(agent, actor=admin.user)
    assert AuditEntry.objects.filter(action="membership.ended").count() == 1


def test_who_comes_back_has_the_roles_that_were_offered_now(
    workspace: Workspace, owner: Membership, admin: Membership
) -> None:
    deactivate(admin, actor=owner.user)
    again = join_workspace(workspace, admin.user, {Role.MEMBER})
    assert again.pk == admin.pk
    assert again.is_active
    assert again.roles == {Role.MEMBER}


def test_who_is_in_keeps_the_roles_they_have(workspace: Workspace, admin: Membership) -> None:
    assert join_workspace(workspace, admin.user, {Role.OWNER}).roles == {Role.ADMIN}


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one() -> None:
    workspace = factories.make_workspace()
    owners = [factories.make_member(workspace, ("owner",)) for _ in range(2)]
    together = threading.Barrier(2)
    refused: list[Membership] = []

    def leave(member: Membership) -> None:
        together.wait()
        try:
            with workspace_scope(workspace):
                deactivate(member, actor=member.user)
        except ValidationError:
            refused.append(member)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=(member,)) for member in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left = RoleGrant.unscoped.filter(
        workspace=workspace, role=Role.OWNER, membership__is_active=True
    )
    assert len(refused) == left.count() == 1
