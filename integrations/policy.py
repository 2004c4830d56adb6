"""The one place that says yes or no (RULES E1).

Views, admin classes and jobs ask here; nobody else looks at roles. The table itself is
``integrations.roles.ROLE_CAPABILITIES`` and is printed in ``docs/permissions.md``.
"""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from integrations.models import Membership
from integrations.options import active_options
from integrations.roles import (
    LIMITED_CAPABILITIES,
    LIMITED_ROLES,
    ROLE_CAPABILITIES,
    Capability,
    Role,
)
from integrations.tenancy import workspace_scope


def capabilities_of(membership: Membership) -> frozenset[Capability]:
    """Everything that a member may do: the union over the roles held; nothing once inactive.

    While data access is limited, call managers and call agents bring no access to the logs; who
    has it by another role keeps it (RULES E2).
    """
    if not membership.is_active:
        return frozenset()
    roles = membership.roles
    held = _of_roles(roles)
    limited = (held - _of_roles(roles - LIMITED_ROLES)) & LIMITED_CAPABILITIES
    return held - limited if limited and _limits_data_access(membership) else held


def _of_roles(roles: Iterable[Role]) -> frozenset[Capability]:
    return frozenset().union(*(ROLE_CAPABILITIES[role] for role in roles))


def _limits_data_access(membership: Membership) -> bool:
    with workspace_scope(membership.workspace_id):
        return bool(active_options()["limit_data_access"])


def can(membership: Membership, capability: Capability) -> bool:
    """Whether a member may do one thing."""
    return capability in capabilities_of(membership)


def require(membership: Membership, capability: Capability) -> None:
    """Raise PermissionDenied, with the capability in words, unless the member may."""
    if not can(membership, capability):
        raise PermissionDenied(f"Your roles do not include: {capability.label}.")


def membership_of(request: HttpRequest) -> Membership:
    """The membership that WorkspaceMiddleware found; PermissionDenied outside any workspace."""
    membership = getattr(request, "membership", None)
    if not isinstance(membership, Membership):
        raise PermissionDenied("This page belongs to a workspace.")
    return membership
