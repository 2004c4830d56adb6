"""Pages between signing in and a workspace: which one, none yet, an invitation."""

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from integrations.accounts import forget_invitation, keep_invitation, kept_invitation, kept_token
from integrations.addresses import console_url
from integrations.invitations import InvitationInvalid, InvitedSomebodyElse, accept, is_invited
from integrations.middleware import LAST_WORKSPACE_KEY
from integrations.models import Invitation, Membership, User
from integrations.ratelimits import allow

_INVITATION_TRIES = "30/minute"


def _memberships(request: HttpRequest) -> list[Membership]:
    """The visitor's own; the views that ask are for people who are signed in."""
    memberships = Membership.unscoped.active().filter(user=cast(User, request.user))
    return list(memberships.select_related("workspace").order_by("workspace__name"))


@require_safe
@never_cache
@login_required
def workspace_choose(request: HttpRequest) -> HttpResponse:
    """The way in: to the only workspace or the last one used, otherwise to the list."""
    memberships = _memberships(request)
    last_slug = request.session.get(LAST_WORKSPACE_KEY)
    for membership in memberships:
        if len(memberships) == 1 or membership.workspace.slug == last_slug:
            return redirect(console_url(membership.workspace, "index"))
    return redirect("workspace_list")


@require_safe
@never_cache
@login_required
def workspace_list(request: HttpRequest) -> HttpResponse:
    """One's own workspaces, or what to do without any."""
    places = [
        {"workspace": membership.workspace, "url": console_url(membership.workspace, "index")}
        for membership in _memberships(request)
    ]
    return render(request, "patchbay/account/workspaces.html", {"places": places})


@require_safe
@never_cache
def invitation_open(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link. Opening it answers nothing: mail scanners open links as well."""
    address = get_adapter().get_client_ip(request)
    if not allow("invitation", address, _INVITATION_TRIES):
        response: HttpResponse = respond_429(request)
        return response
    keep_invitation(request, token)
    return redirect("invitation_join")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation_join(request: HttpRequest) -> HttpResponse:
    """Shows the invitation; the button joins, or leads to signing in or up first."""
    invitation = kept_invitation(request)
    if invitation is None:
        return _invitation_ended(request)
    if request.method == "POST":
        return _answer(request, invitation)
    context = {
        "invitation": invitation,
        "is_for_them": request.user.is_authenticated and is_invited(invitation, request.user),
    }
    return render(request, "patchbay/account/invitation.html", context)


def _answer(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if not request.user.is_authenticated:
        if EmailAddress.objects.filter(email__iexact=invitation.email, verified=True).exists():
            query = urlencode({"next": reverse("invitation_join")})
            return redirect(f"{reverse(settings.LOGIN_URL)}?{query}")
        return redirect("account_signup")
    try:
        membership = accept(kept_token(request), request.user)
    except InvitationInvalid:
        return _invitation_ended(request)
    except InvitedSomebodyElse:
        return redirect("invitation_join")
    forget_invitation(request)
    return redirect(console_url(membership.workspace, "index"))


def _invitation_ended(request: HttpRequest) -> HttpResponse:
    return render(request, "patchbay/account/invitation_ended.html", status=404)
