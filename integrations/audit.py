"""Who changed what: one row a change, in the transaction of the change."""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from integrations.models import AuditEntry, User
from integrations.tenancy import current_workspace_id


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
        address=get_adapter(request).get_client_ip(request) if request else None,
    )
