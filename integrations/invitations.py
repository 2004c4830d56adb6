"""Invitations: an offer of membership to one mail address (RULES F11).

The token is known to the mail alone: the database holds its digest, and no page shows it, not even
to the admin who invites. So whoever comes with it has read that mailbox. Joining still asks for an
account whose *verified* address is the invited one.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.addresses import public_address, root_url
from integrations.audit import record
from integrations.memberships import join_workspace, require_may_grant
from integrations.models import Invitation, Membership, User, Workspace
from integrations.ratelimits import allow
from integrations.roles import Role
from integrations.tenancy import WorkspaceQuerySet, workspace_scope

LIFETIME = timedelta(days=7)
_MAILS_PER_WORKSPACE = "200/day"
_MAILS_PER_ADDRESS = "5/hour"


class InvitationInvalid(Exception):  # noqa: N818 - reads as what is wrong
    """No open invitation has this token: it was used, revoked, replaced, or has expired."""


class InvitedSomebodyElse(Exception):  # noqa: N818
    """The account has not verified the invited address."""


def invite(
    workspace: Workspace, email: str, roles: Collection[Role], *, actor: User | None
) -> tuple[Invitation, str]:
    """Offer a membership; returns the invitation and its token, which is for the mail only.

    Without an actor the installation itself invites (``manage.py create_workspace``).
    Needs the workspace in scope. Raises ValidationError (``already_member``, ``already_invited``,
    ``rate_limited``) and PermissionDenied when the actor may not grant these roles.
    """
    email = email.strip().lower()
    require_may_grant(actor, roles)
    if Membership.objects.active().filter(user__email__iexact=email).exists():
        raise ValidationError(_("This person is a member already."), code="already_member")
    _limit_mails(workspace.pk, email)
    token, now = secrets.token_urlsafe(32), timezone.now()
    try:
        with transaction.atomic():
            # An expired one would keep its place under the constraint on open invitations.
            Invitation.objects.filter(
                email__iexact=email, accepted_at=None, revoked_at=None, expires_at__lte=now
            ).update(revoked_at=now)
            invitation = Invitation.objects.create(
                workspace=workspace,
                email=email,
                roles=sorted(set(roles)),
                invited_by=actor,
                token_digest=_digest(token),
                expires_at=now + LIFETIME,
            )
            record(actor, "invitation.sent", email, after={"roles": invitation.roles})
    except IntegrityError as error:
        raise ValidationError(
            _("This address has an open invitation: send that one again instead."),
            code="already_invited",
        ) from error
    return invitation, token


def resend(invitation: Invitation, *, actor: User) -> str:
    """Renew an invitation that was not answered; the old link ends. Returns the new token.

    Raises ValidationError (``answered``, ``rate_limited``) and PermissionDenied.
    """
    require_may_grant(actor, [Role(role) for role in invitation.roles])
    _limit_mails(invitation.workspace_id, invitation.email)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        renewed = Invitation.objects.filter(
            pk=invitation.pk, accepted_at=None, revoked_at=None
        ).update(token_digest=_digest(token), expires_at=timezone.now() + LIFETIME)
        if not renewed:
            raise ValidationError(
                _("This invitation was answered or taken back already."), code="answered"
            )
        record(actor, "invitation.resent", invitation.email)
    invitation.refresh_from_db()
    return token


def revoke(invitation: Invitation, *, actor: User) -> bool:
    """Take an invitation back; returns False when it was answered or revoked before."""
    with transaction.atomic():
        revoked = Invitation.objects.filter(
            pk=invitation.pk, accepted_at=None, revoked_at=None
        ).update(revoked_at=timezone.now())
        if revoked:
            record(actor, "invitation.revoked", invitation.email)
    return bool(revoked)


def find_open_invitation(token: str) -> Invitation | None:
    """The invitation that this token still opens, in whichever workspace."""
    return (
        _open_invitations()
        .filter(token_digest=_digest(token))
        .select_related("workspace", "invited_by")
        .first()
    )


def is_invited(invitation: Invitation, user: User) -> bool:
    """Whether the user has shown that the invited address is theirs."""
    addresses = EmailAddress.objects.filter(user=user, verified=True)
    return bool(addresses.filter(email__iexact=invitation.email).exists())


def accept(token: str, user: User) -> Membership:
    """Turn an invitation into a membership, once.

    Raises InvitationInvalid or InvitedSomebodyElse, and then nothing has changed.
    """
    invitation = find_open_invitation(token)
    if invitation is None:
        raise InvitationInvalid
    if not is_invited(invitation, user):
        raise InvitedSomebodyElse
    with transaction.atomic(), workspace_scope(invitation.workspace_id):
        # The digest again: a link that was renewed meanwhile must not be the one that counts.
        claimed = _open_invitations().filter(pk=invitation.pk, token_digest=invitation.token_digest)
        if not claimed.update(accepted_at=timezone.now()):
            raise InvitationInvalid
        roles = [Role(role) for role in invitation.roles]
        membership = join_workspace(invitation.workspace, user, roles)
        record(user, "invitation.accepted", invitation.email, after={"roles": invitation.roles})
    return membership


def invitation_link(token: str) -> str:
    """The address in the mail."""
    return public_address(root_url("invitation_open", token))


def mail_invitation(invitation: Invitation, token: str) -> None:
    """Send the link; call it outside transactions. Raises what the mail backend raises."""
    context = {
        "invitation": invitation,
        "workspace": invitation.workspace,
        "link": invitation_link(token),
        "days": LIFETIME.days,
    }
    mail = EmailMultiAlternatives(
        subject=_("Join %(workspace)s on Patchbay") % {"workspace": invitation.workspace.name},
        body=render_to_string("patchbay/account/mail/invitation.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[invitation.email],
    )
    mail.attach_alternative(
        render_to_string("patchbay/account/mail/invitation.html", context), "text/html"
    )
    mail.send()


def _open_invitations() -> WorkspaceQuerySet[Invitation]:
    return Invitation.unscoped.filter(
        accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _limit_mails(workspace_id: int, email: str) -> None:
    if not (
        allow("invitation-address", email, _MAILS_PER_ADDRESS)
        and allow("invitation-workspace", str(workspace_id), _MAILS_PER_WORKSPACE)
    ):
        raise ValidationError(
            _("Too many invitations were mailed. Wait an hour and try again."),
            code="rate_limited",
        )
