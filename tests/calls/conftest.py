"""A workspace with a phone system, a Sync User and an agent on extension 201."""

from collections.abc import Iterator

import pytest

from integrations.models import Connection, Membership, OptionsRevision, Workspace
from integrations.tenancy import workspace_scope
from tests.factories import (
    give_softphone,
    make_member,
    make_phone_system,
    make_salesforce_connection,
    make_workspace,
)


@pytest.fixture
def workspace(db: None) -> Iterator[Workspace]:
    """Acme, in scope, with activity history on."""
    acme = make_workspace()
    OptionsRevision.unscoped.create(
        workspace=acme, number=1, values={"activity_history": True}, is_active=True
    )
    with workspace_scope(acme):
        yield acme


@pytest.fixture
def phone_system(workspace: Workspace) -> Connection:
    return make_phone_system(workspace)


@pytest.fixture
def sync_user(workspace: Workspace) -> Connection:
    return make_salesforce_connection(workspace)


@pytest.fixture
def agent(workspace: Workspace) -> Membership:
    return give_softphone(
        make_member(
            workspace,
            ("call_agent",),
            extension="201",
            salesforce_user_id="005000000000002AAA",
            salesforce_time_zone="America/Los_Angeles",
        )
    )
