"""Where Salesforce sends people back to."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from integrations.addresses import console_url
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
        workspace = failed.membership.workspace
    else:
        messages.success(
            request,
            _("Salesforce is connected: %(user)s of %(org)s.")
            % {"user": connection.salesforce_username, "org": connection.org_name},
        )
        workspace = connection.workspace
    return HttpResponseRedirect(console_url(workspace, "salesforce_connection"))
