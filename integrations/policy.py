"""The one place that says yes or no (RULES E1).

Views, admin classes and jobs ask here; nobody else looks at roles. The table itself is
``integrations.roles.ROLE_CAPABILITIES`` and is printed in ``docs/permissions.md``.
"""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from integrations.models import Membership
from integrations.roles import ROLE_CAPABILITIES, Capability


def capabilities_of(membership: Membership) -> frozenset[Capability]:
    """Everything that a member may do: the union over the roles held; nothing once inactive."""
    if not membership.is_active:
        return frozenset()
    return frozenset().union(*(ROLE_CAPABILITIES[role] for role in membership.roles))


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
