"""A workspace that can send texts."""

from collections.abc import Iterator

import pytest

from integrations.models import Connection, Workspace
from integrations.tenancy import workspace_scope
from sms.models import Sender
from tests.factories import make_workspace
from tests.sms.scripted_gateway import (
    ScriptedGateway,
    make_gateway,
    make_sender,
    scripted_gateway,
)


@pytest.fixture
def workspace(db: None) -> Iterator[Workspace]:
    """Acme, in scope; numbers are read as written in the United Kingdom."""
    workspace = make_workspace(default_region="GB")
    with workspace_scope(workspace):
        yield workspace


@pytest.fixture
def gateway() -> Iterator[ScriptedGateway]:
    with scripted_gateway() as gateway:
        yield gateway


@pytest.fixture
def connection(workspace: Workspace) -> Connection:
    return make_gateway(workspace)


@pytest.fixture
def sender(connection: Connection) -> Sender:
    return make_sender(connection)
