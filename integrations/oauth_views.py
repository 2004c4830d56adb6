"""Where Salesforce sends people back to."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from integrations.addresses import console_url
from integrations.salesforce.attempts import PERSONAL
from integrations.salesforce.connecting import finish
from integrations.salesforce.sync_user import ConnectingFailed


@require_safe
@never_cache
@login_required
def salesforce_callback(request: HttpRequest) -> HttpResponse:
    """Finish an approval, then leave this address at once: it holds the code."""
    try:
        connection = finish(request, request.GET.dict())
    except ConnectingFailed as failed:
        messages.error(request, failed.message)
        if failed.membership is None:
            return HttpResponseRedirect(reverse("workspace_choose"))
        workspace, is_personal = failed.membership.workspace, failed.purpose == PERSONAL
    else:
        messages.success(
            request,
            _("Salesforce is connected: %(user)s of %(org)s.")
            % {"user": connection.salesforce_username, "org": connection.org_name},
        )
        workspace, is_personal = connection.workspace, connection.membership_id is not None
    page = "my_salesforce" if is_personal else "salesforce_connection"
    return HttpResponseRedirect(console_url(workspace, page))
