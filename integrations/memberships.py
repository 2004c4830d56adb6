"""Who is in a workspace and with which roles: joining, changing roles, losing the membership.

A workspace always keeps an owner (RULES F11). The rule counts rows, so every change that could
break it first takes the workspace's row: on PostgreSQL by a row lock, on SQLite by the write lock
that every transaction of ours starts with (``transaction_mode: IMMEDIATE``).
"""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.api_keys import revoke_keys_of
from integrations.audit import record
from integrations.connections import end_personal_account
from integrations.models import Connection, Invitation, Membership, RoleGrant, User, Workspace
from integrations.policy import can
from integrations.registry import registry
from integrations.roles import Capability, Role


def join_workspace(workspace: Workspace, user: User, roles: Collection[Role]) -> Membership:
    """Let a user in, or in again, with these roles. Who is in already keeps the roles they have.

    Needs the workspace in scope. The caller has checked that somebody may decide this.
    """
    with transaction.atomic():
        membership, created = Membership.objects.get_or_create(workspace=workspace, user=user)
        if not created and membership.is_active:
            return membership
        membership.is_active = True
        membership.save(update_fields=["is_active"])
        _replace_grants(membership, roles)
    return membership


def set_roles(membership: Membership, roles: Collection[Role], *, actor: User) -> None:
    """Give a member exactly these roles.

    Raises PermissionDenied when an owner would be made or unmade by somebody who is none, and
    ValidationError (``last_owner``) when the workspace would be left without an owner.
    """
    with transaction.atomic():
        _hold(membership)
        before, after = membership.roles, frozenset(roles)
        if before == after:
            return
        require_may_grant(actor, before ^ after)
        if Role.OWNER in before - after:
            _refuse_without_other_owner(membership)
        _replace_grants(membership, roles)
        record(
            actor,
            "membership.roles_changed",
            str(membership.user),
            {"roles": sorted(before)},
            {"roles": sorted(after)},
        )


def deactivate(membership: Membership, *, actor: User) -> None:
    """End a membership and, in the same transaction, everything that acts in that person's name.

    That is the personal Salesforce connection with its tokens, the API keys they made, the
    invitations they sent, and what the apps opened for them (``registry.membership_endings``). The
    extension becomes free for somebody else. Doing it twice changes nothing. Raises as
    :func:`set_roles` does.
    """
    with transaction.atomic():
        _hold(membership)
        if not membership.is_active:
            return
        roles, extension = membership.roles, membership.extension
        if actor != membership.user:
            require_may_grant(actor, roles)
        if Role.OWNER in roles:
            _refuse_without_other_owner(membership)
        membership.is_active, membership.extension = False, ""
        membership.save(update_fields=["is_active", "extension"])
        _end_what_acts_for(membership)
        record(
            actor,
            "membership.ended",
            str(membership.user),
            {"roles": sorted(roles), "extension": extension},
            {},
        )


def admins_of_workspace() -> list[Membership]:
    """The active members of the workspace in scope who run it: whom others can ask."""
    return list(
        Membership.objects.active()
        .filter(role_grants__role__in=(Role.OWNER, Role.ADMIN))
        .select_related("user")
        .distinct()
    )


def require_may_grant(actor: User | None, roles: Collection[Role]) -> None:
    """Raise PermissionDenied unless the actor may decide who holds these roles.

    Members are managed by admins; owners only by owners. Without an actor it is the installation
    itself that acts, by the hand of an operator.
    """
    if actor is None:
        return
    membership = Membership.objects.active().filter(user=actor).first()
    needed = Capability.TRANSFER_OWNERSHIP if Role.OWNER in roles else Capability.MANAGE_MEMBERS
    if membership is None or not can(membership, needed):
        raise PermissionDenied(f"Your roles do not include: {needed.label}.")


def _hold(membership: Membership) -> None:
    """Keep others from changing the workspace's members, and read this one afresh."""
    # no_key: rows that merely point at the workspace, such as incoming events, need not wait.
    Workspace.objects.select_for_update(no_key=True).get(pk=membership.workspace_id)
    membership.refresh_from_db()


def _refuse_without_other_owner(membership: Membership) -> None:
    others = RoleGrant.objects.filter(role=Role.OWNER, membership__is_active=True).exclude(
        membership=membership
    )
    if membership.is_active and not others.exists():
        raise ValidationError(
            _("A workspace needs an owner: make somebody else an owner first."), code="last_owner"
        )


def _replace_grants(membership: Membership, roles: Collection[Role]) -> None:
    membership.role_grants.exclude(role__in=roles).delete()
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(workspace_id=membership.workspace_id, membership=membership, role=role)
            for role in sorted(set(roles))
        ],
        ignore_conflicts=True,
    )


def _end_what_acts_for(membership: Membership) -> None:
    account = Connection.objects.find_personal_account(membership.pk)
    if account is not None:
        end_personal_account(account, _("The membership ended."))
    revoke_keys_of(membership)
    for end in registry.membership_endings:
        end(membership)
    Invitation.objects.filter(invited_by=membership.user, accepted_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    )
