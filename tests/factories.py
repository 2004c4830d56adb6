"""Builders of rows, one plain function each: the fewest columns that make a valid row.

All of them work without a workspace scope, and number what must be unique by a counter.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any, Protocol

from calls.models import Call, SoftphoneUser
from calls.models.calls import Direction
from integrations.models import Connection, Membership, RoleGrant, User, Workspace
from integrations.roles import Role

_numbers = count(1)

#: The moment that made-up rows happen at: a Monday, UTC.
NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
#: A Standard Webhooks secret: ``whsec_`` and base64 of 24 bytes or more.
SIGNING_SECRET = "whsec_cGF0Y2hiYXktdGVzdC1zZWNyZXQtMDAwMQ=="
ORG_ID = "00D000000000001EAA"


class RunningSimulator(Protocol):
    """What a simulator must tell to be connected to: its address, no slash at the end."""

    @property
    def url(self) -> str: ...


def make_workspace(name: str = "Acme", **fields: Any) -> Workspace:
    """A workspace; the address is made from the name and a number."""
    fields.setdefault("slug", f"{name.lower().replace(' ', '-')}-{next(_numbers)}")
    return Workspace.objects.create(name=name, **fields)


def make_user(email: str | None = None, **fields: Any) -> User:
    """A user without a password; tests sign in by ``client.force_login``."""
    return User.objects.create_user(email or f"person{next(_numbers)}@example.test", **fields)


def make_member(
    workspace: Workspace,
    roles: Iterable[str] = ("admin",),
    email: str | None = None,
    **fields: Any,
) -> Membership:
    """A user with a membership that holds ``roles``; ``user=`` takes an existing user."""
    user = fields.pop("user", None) or make_user(email)
    member = Membership.unscoped.create(workspace=workspace, user=user, **fields)
    for role in roles:
        RoleGrant.unscoped.create(workspace=workspace, membership=member, role=Role(role))
    return member


def give_softphone(member: Membership) -> Membership:
    """Put a member on the list of softphone users; twice is once."""
    SoftphoneUser.unscoped.get_or_create(
        membership=member, defaults={"workspace_id": member.workspace_id}
    )
    return member


def make_salesforce_connection(
    workspace: Workspace, simulator: RunningSimulator | None = None, **fields: Any
) -> Connection:
    """The Sync User's connection; ``membership=`` makes it a personal one.

    With a simulator its addresses are the simulator's, otherwise loopback ones where nobody
    listens. The tokens are made up: tests of real tokens take them from the simulator.
    """
    address = simulator.url if simulator else "http://127.0.0.1:9"
    tokens = {"access_token": "made-up-access", "refresh_token": "made-up-refresh"}
    return _make_connection(
        workspace,
        {
            "kind": Connection.Kind.SALESFORCE,
            "backend": "salesforce",
            "name": "Salesforce",
            "login_url": address,
            "instance_url": address,
            "org_id": ORG_ID,
            "org_name": "Acme Org",
            "salesforce_user_id": "005000000000001AAA",
            "salesforce_username": "sync@acme.test",
            "closed_task_status": "Completed",
            "credentials": tokens,
        }
        | fields,
    )


def make_phone_system(workspace: Workspace, **fields: Any) -> Connection:
    """A phone system that reports by signed webhook; its secret is ``SIGNING_SECRET``."""
    return _make_connection(
        workspace,
        {
            "kind": Connection.Kind.PHONE_SYSTEM,
            "backend": "webhook",
            "name": "Phone system",
            "credentials": {"secrets": [SIGNING_SECRET]},
        }
        | fields,
    )


def _make_connection(workspace: Workspace, fields: dict[str, Any]) -> Connection:
    credentials = fields.pop("credentials")
    connection = Connection.unscoped.create(workspace=workspace, **fields)
    connection.replace_credentials(credentials)
    return connection


def make_call(workspace: Workspace, connection: Connection | None = None, **fields: Any) -> Call:
    """An inbound call that rings, on its own phone system unless one is given."""
    values: dict[str, Any] = {
        "call_key": f"call-{next(_numbers)}",
        "direction": Direction.INBOUND,
        "external_raw": "+14155550123",
        "external_e164": "+14155550123",
        "started_at": NOON,
        "options_revision": 0,
    }
    return Call.unscoped.create(
        workspace=workspace,
        connection=connection or make_phone_system(workspace),
        **(values | fields),
    )
