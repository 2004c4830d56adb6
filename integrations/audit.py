"""Who changed what: one row a change, in the transaction of the change."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from integrations.models import AuditEntry, User
from integrations.tenancy import current_workspace_id

_client_address: ContextVar[str | None] = ContextVar("patchbay_client_address", default=None)


def record(
    actor: User | None,
    action: str,
    target_label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    request: HttpRequest | None = None,
) -> AuditEntry:
    """Add a line to the audit of the workspace in scope; call it inside the change's transaction.

    ``action`` reads ``<noun>.<past participle>`` (``connection.disabled``). Without an actor the
    installation itself acted. ``before`` and ``after`` are JSON-able and hold no secrets.
    """
    return AuditEntry.objects.create(
        workspace_id=current_workspace_id(),
        actor=actor,
        actor_label=str(actor.email if actor else "Patchbay"),
        action=action,
        target_label=target_label[:254],
        before=dict(before or {}),
        after=dict(after or {}),
        address=address_of(request) if request else _client_address.get(),
    )


@contextmanager
def acting_from(request: HttpRequest) -> Iterator[None]:
    """Let every line of this block name the address that ``request`` came from."""
    token = _client_address.set(address_of(request))
    try:
        yield
    finally:
        _client_address.reset(token)


def address_of(request: HttpRequest) -> str | None:
    """Where a request came from, behind the proxies that are trusted (``TRUSTED_PROXY_COUNT``)."""
    address: str | None = get_adapter(request).get_client_ip(request)
    return address
