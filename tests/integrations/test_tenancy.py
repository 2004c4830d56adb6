"""The workspace in scope decides which rows there are."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from integrations.models import Connection, Membership, Team
from integrations.tenancy import WorkspaceScopeMissing, current_workspace_id, workspace_scope
from tests.factories import make_member, make_phone_system, make_workspace


@pytest.mark.django_db
def test_rows_of_other_workspaces_do_not_exist_inside_a_scope() -> None:
    acme, globex = make_workspace("Acme"), make_workspace("Globex")
    Team.unscoped.create(workspace=acme, name="Sales")
    Team.unscoped.create(workspace=globex, name="Support")

    with workspace_scope(acme):
        assert [team.name for team in Team.objects.all()] == ["Sales"]
        assert not Team.objects.filter(workspace=globex).exists()


def test_asking_without_a_scope_is_an_error_and_not_everything() -> None:
    with pytest.raises(WorkspaceScopeMissing):
        Team.objects.all()


@pytest.mark.django_db
def test_related_rows_need_the_scope_as_well() -> None:
    member = make_member(make_workspace())
    with pytest.raises(WorkspaceScopeMissing):
        member.role_grants.all()


@pytest.mark.django_db
def test_the_managers_of_querysets_of_their_own_are_scoped_too() -> None:
    acme, globex = make_workspace("Acme"), make_workspace("Globex")
    make_phone_system(globex)
    make_member(globex)
    with workspace_scope(acme):
        assert not Connection.objects.phone_systems().exists()
        assert not Membership.objects.active().exists()


def test_scopes_nest_and_end() -> None:
    with workspace_scope(1):
        with workspace_scope(2):
            assert current_workspace_id() == 2
        assert current_workspace_id() == 1
    with pytest.raises(WorkspaceScopeMissing):
        current_workspace_id()


def test_a_scope_ends_with_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), workspace_scope(1):
        1 / 0  # noqa: B018
    with pytest.raises(WorkspaceScopeMissing):
        current_workspace_id()


def test_threads_do_not_share_a_scope() -> None:
    with workspace_scope(1), ThreadPoolExecutor(max_workers=1) as pool:
        answer = pool.submit(current_workspace_id)
        assert isinstance(answer.exception(), WorkspaceScopeMissing)


def test_contexts_keep_their_own_scope() -> None:
    with workspace_scope(1):
        other_task = copy_context()
    with workspace_scope(2):
        assert other_task.run(current_workspace_id) == 1
        assert current_workspace_id() == 2
