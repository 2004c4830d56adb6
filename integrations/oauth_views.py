"""Where Salesforce sends people back to."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from integrations.addresses import console_url
from integrations.models import Membership
from integrations.salesforce.attempts import PERSONAL
from integrations.salesforce.connecting import finish
from integrations.salesforce.sync_user import ConnectingFailed

#: The failure that the Connection page tells next, in the visitor's session.
FAILURE_KEY = "salesforce_failure"


@require_safe
@never_cache
@login_required
def salesforce_callback(request: HttpRequest) -> HttpResponse:
    """Finish an approval, then leave this address at once: it holds the code."""
    try:
        connection = finish(request, request.GET.dict())
    except ConnectingFailed as failed:
        return _tell(request, failed)
    messages.success(
        request,
        _("Salesforce is connected: %(user)s of %(org)s.")
        % {"user": connection.salesforce_username, "org": connection.org_name},
    )
    is_personal = connection.membership_id is not None
    page = "my_salesforce" if is_personal else "salesforce_connection"
    return HttpResponseRedirect(console_url(connection.workspace, page))


def _tell(request: HttpRequest, failed: ConnectingFailed) -> HttpResponse:
    """To the page where the approval began, which says what happened and what to do."""
    membership = failed.membership
    if membership is None:
        if failed.code == "STATE_UNKNOWN":
            return HttpResponseRedirect(reverse("salesforce_unknown"))
        messages.error(request, failed.message)
        return HttpResponseRedirect(reverse("workspace_choose"))
    if failed.purpose == PERSONAL:
        messages.error(request, failed.message)
        return HttpResponseRedirect(console_url(membership.workspace, "my_salesforce"))
    request.session[FAILURE_KEY] = {
        "workspace": membership.workspace_id,
        "code": failed.code,
        "message": failed.message,
    }
    return HttpResponseRedirect(console_url(membership.workspace, "salesforce_connection"))


@require_safe
@never_cache
@login_required
def salesforce_unknown(request: HttpRequest) -> HttpResponse:
    """An approval came back that nobody began in this browser: what that means, and where to go."""
    memberships = (
        Membership.unscoped.active()
        .filter(user_id=request.user.pk or 0)
        .select_related("workspace")
        .order_by("workspace__name")
    )
    places = [
        {"workspace": one.workspace, "url": console_url(one.workspace, "index")}
        for one in memberships
    ]
    return render(request, "patchbay/account/approval_unknown.html", {"places": places})
