"""Who may do what, and that the printed table says so."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from integrations.permission_table import permissions_page
from integrations.policy import can, capabilities_of, membership_of, require
from integrations.roles import ROLE_CAPABILITIES, Capability, Role
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace


@pytest.mark.django_db
def test_capabilities_of_several_roles_add_up() -> None:
    workspace = make_workspace()
    member = make_member(workspace, roles=(Role.MARKETER, Role.CALL_AGENT))
    with workspace_scope(workspace):
        held = capabilities_of(member)
    assert held == ROLE_CAPABILITIES[Role.MARKETER] | ROLE_CAPABILITIES[Role.CALL_AGENT]


@pytest.mark.django_db
def test_a_member_without_roles_may_do_nothing() -> None:
    workspace = make_workspace()
    member = make_member(workspace, roles=())
    with workspace_scope(workspace):
        assert capabilities_of(member) == frozenset()


@pytest.mark.django_db
def test_an_ended_membership_may_do_nothing_whatever_its_roles() -> None:
    workspace = make_workspace()
    member = make_member(workspace, roles=(Role.OWNER,), is_active=False)
    with workspace_scope(workspace):
        assert not can(member, Capability.VIEW_HOME)


@pytest.mark.django_db
def test_a_refusal_names_the_missing_capability_in_words() -> None:
    workspace = make_workspace()
    member = make_member(workspace, roles=(Role.MEMBER,))
    with workspace_scope(workspace), pytest.raises(PermissionDenied, match="Read the audit"):
        require(member, Capability.VIEW_AUDIT)


def test_there_is_no_membership_outside_a_workspace() -> None:
    with pytest.raises(PermissionDenied):
        membership_of(RequestFactory().get("/"))


def test_only_owners_may_make_owners() -> None:
    holders = {role for role in Role if Capability.TRANSFER_OWNERSHIP in ROLE_CAPABILITIES[role]}
    assert holders == {Role.OWNER}


def test_every_capability_is_held_by_owners() -> None:
    assert ROLE_CAPABILITIES[Role.OWNER] == frozenset(Capability)


def test_the_printed_table_is_up_to_date() -> None:
    printed = Path(settings.BASE_DIR, "docs", "permissions.md").read_text()
    assert printed == permissions_page(), "run: python3 manage.py permissions > docs/permissions.md"
