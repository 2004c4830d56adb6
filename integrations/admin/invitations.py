"""Workspace → Invitations: who was asked to join, by whom, and what became of it."""

from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminEmailInputWidget

from integrations.addresses import root_url
from integrations.admin.actions import object_action
from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.cells import moment
from integrations.admin.chips import Chip, chip
from integrations.admin.site import console_page, console_site
from integrations.invitations import invite, mail_invitation, resend, revoke
from integrations.models import Invitation
from integrations.policy import can, membership_of
from integrations.roles import Capability, Role

log = structlog.get_logger()


_STATES = {
    "open": _("Open"),
    "accepted": _("Accepted"),
    "revoked": _("Taken back"),
    "expired": _("Expired"),
}


_CHIPS = {
    "open": Chip.WORKING,
    "accepted": Chip.DONE,
    "revoked": Chip.WAITING,
    "expired": Chip.ATTENTION,
}


def _state_of(invitation: Invitation) -> str:
    if invitation.accepted_at:
        return "accepted"
    if invitation.revoked_at:
        return "revoked"
    return "expired" if invitation.expires_at <= timezone.now() else "open"


def _is_unanswered(invitation: Invitation) -> bool:
    return _state_of(invitation) in {"open", "expired"}


class InviteForm(forms.Form):
    """Whom, and as what."""

    email = forms.EmailField(label=_("Mail address"), widget=UnfoldAdminEmailInputWidget)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    def __init__(self, *args: Any, may_make_owners: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = self.fields["roles"]
        roles.choices = [  # type: ignore[attr-defined]
            (role.value, role.label) for role in Role if role != Role.OWNER or may_make_owners
        ]


@admin.register(Invitation, site=console_site)
class InvitationAdmin(WorkspaceScopedAdmin):
    """Rows are changed by services alone; "Add" opens a form of our own that also mails."""

    menu_group, menu_icon, menu_order = "Workspace", "mail", 20
    view_capability = add_capability = Capability.MANAGE_MEMBERS

    empty_hint = _(
        "Nobody is invited. An invitation is a mail with a link that lets one person in."
    )

    list_display = ("email", "role_names", "state_chip", "invited_by", "sent", "ends")
    list_select_related = ("invited_by",)
    search_fields = ("email__istartswith",)
    search_help_text = _("The beginning of a mail address.")
    fields = ("email", "role_names", "state_chip", "invited_by", "sent", "ends")
    readonly_fields = fields
    object_actions = ("send_again", "take_back")

    @admin.display(description=_("Sent"), ordering="created_at")
    def sent(self, invitation: Invitation) -> SafeString:
        return moment(invitation.created_at)

    @admin.display(description=_("Link ends"), ordering="expires_at")
    def ends(self, invitation: Invitation) -> SafeString:
        return moment(invitation.expires_at)

    @admin.display(description=_("Roles"))
    def role_names(self, invitation: Invitation) -> str:
        return ", ".join(str(Role(role).label) for role in invitation.roles)

    @admin.display(description=_("State"))
    def state_chip(self, invitation: Invitation) -> SafeString:
        state = _state_of(invitation)
        return chip(_CHIPS[state], _STATES[state])

    @object_action(
        title=_("Send again"),
        question=_("A new mail goes out, with a new link; the older link ends."),
        capability=Capability.MANAGE_MEMBERS,
        applies=_is_unanswered,
    )
    def send_again(self, request: HttpRequest, invitation: Invitation) -> str:
        token = resend(invitation, actor=membership_of(request).user)
        return _mail(invitation, token)

    @object_action(
        title=_("Take back"),
        question=_("The mailed link stops working at once."),
        capability=Capability.MANAGE_MEMBERS,
        is_dangerous=True,
        applies=_is_unanswered,
    )
    def take_back(self, request: HttpRequest, invitation: Invitation) -> str:
        revoke(invitation, actor=membership_of(request).user)
        return _("The invitation of %(email)s is taken back.") % {"email": invitation.email}

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Not Django's: its transaction would be open while the mail is sent."""
        membership = membership_of(request)
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = InviteForm(
            request.POST or None,
            may_make_owners=can(membership, Capability.TRANSFER_OWNERSHIP),
        )
        answer = self._invite(request, form) if form.is_valid() else None
        return answer or console_page(
            request,
            "patchbay/invite.html",
            {"form": form, "opts": self.opts},
            title=_("Invite somebody"),
        )

    def _invite(self, request: HttpRequest, form: InviteForm) -> HttpResponse | None:
        """Where to go next; None when the form has something to say."""
        membership = membership_of(request)
        roles = [Role(role) for role in form.cleaned_data["roles"]]
        if Role.OWNER in roles and not did_recently_reauthenticate(request):  # RULES F11
            messages.info(request, _("Making an owner asks for your password first."))
            query = urlencode({"next": request.path})
            return redirect(f"{root_url('account_reauthenticate')}?{query}")
        try:
            invitation, token = invite(
                membership.workspace, form.cleaned_data["email"], roles, actor=membership.user
            )
        except ValidationError as error:
            form.add_error(None, error)
            return None
        try:
            messages.success(request, _mail(invitation, token))
        except ValidationError as error:  # the invitation stands, and its page sends it again
            messages.error(request, " ".join(error.messages))
        return redirect(reverse("admin:integrations_invitation_changelist"))


def _mail(invitation: Invitation, token: str) -> str:
    """Send the link and say so. When that fails, the invitation stands and can be sent again."""
    email = {"email": invitation.email}
    try:
        mail_invitation(invitation, token)
    except (SMTPException, OSError) as error:
        log.warning("invitation_not_mailed", error=type(error).__name__)
        raise ValidationError(
            _("The mail to %(email)s could not be sent. Send the invitation again later.") % email
        ) from error
    return _("A mail with the link went to %(email)s.") % email
