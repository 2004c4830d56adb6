"""Salesforce → Connection: connect, see how it is, replace, disconnect (MII-24 to MII-27)."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.addresses import root_url
from integrations.admin.salesforce_pages import leads_to_salesforce
from integrations.admin.salesforce_switches import SwitchesForm
from integrations.admin.salesforce_tabs import (
    CONNECTION_TITLE,
    connection_page_part,
    connection_tab,
    tab_page,
)
from integrations.admin.site import console_page
from integrations.errors import PatchbayError
from integrations.models import Connection, CrmWrite, User, WriteState
from integrations.options import active_options
from integrations.salesforce.connecting import begin, callback_address, disconnect
from integrations.salesforce.oauth import consumer_app

_REPLACE = gettext_lazy("Replace the Salesforce user")
_DISCONNECT = gettext_lazy("Disconnect Salesforce")
#: Writes that a broken connection keeps back.
_WAITING = (WriteState.PLANNED, WriteState.HELD, WriteState.RETRYING, WriteState.UNKNOWN)


@connection_tab(
    "",
    name="salesforce_connection",
    label=gettext_lazy("Basic settings"),
    order=10,
    in_menu=True,
    entitlement=None,
)
def connection_page(request: HttpRequest) -> HttpResponse:
    """Who is connected and how it is, or what to do to connect."""
    connection = Connection.objects.find_sync_user()
    app = consumer_app(connection.login_url if connection else "")
    context = {
        "connection": connection,
        "is_configured": app.is_configured,
        "login_host": urlsplit(app.login_url).netloc,
        "callback_address": callback_address(),
        "waiting": _count_waiting(),
        "requests_left": _requests_left(connection),
        "switches": SwitchesForm.of(active_options()),
    }
    page = "patchbay/salesforce/connection.html"
    return leads_to_salesforce(
        tab_page(request, page, context, tab="salesforce_connection", title=CONNECTION_TITLE)
    )


@connection_page_part("integrate/", name="salesforce_integrate", methods=("POST",))
def integrate(request: HttpRequest) -> HttpResponse:
    """Send the person to Salesforce, to connect for the first time or again."""
    return _to_salesforce(request, replace=False)


@connection_page_part(
    "replace/", name="salesforce_replace", title=_REPLACE, methods=("GET", "POST")
)
def replace(request: HttpRequest) -> HttpResponse:
    """Ask once, in words, then let somebody else take over."""

    def carry_out(connection: Connection) -> HttpResponse:
        return _to_salesforce(request, replace=True)

    page = "patchbay/salesforce/replace.html"
    return _confirm_and(request, page, carry_out, title=_REPLACE)


@connection_page_part(
    "disconnect/",
    name="salesforce_disconnect",
    title=_DISCONNECT,
    methods=("GET", "POST"),
    entitlement=None,
)
def disconnect_page(request: HttpRequest) -> HttpResponse:
    """Ask once, in words, then end the connection."""

    def carry_out(connection: Connection) -> HttpResponse:
        disconnect(connection, actor=cast(User, request.user), request=request)
        messages.success(request, _("Salesforce is disconnected. Records to be written wait."))
        return _back()

    page = "patchbay/salesforce/disconnect.html"
    return _confirm_and(request, page, carry_out, title=_DISCONNECT)


def _confirm_and(
    request: HttpRequest,
    template: str,
    carry_out: Callable[[Connection], HttpResponse],
    *,
    title: Promise,
) -> HttpResponse:
    """The password again (RULES F11), a question, and only then the deed."""
    connection = Connection.objects.find_sync_user()
    if connection is None:
        raise Http404("Salesforce is not connected.")
    if not did_recently_reauthenticate(request):
        back = urlencode({"next": request.path})
        return HttpResponseRedirect(f"{root_url('account_reauthenticate')}?{back}")
    if request.method == "POST":
        return carry_out(connection)
    context: dict[str, Any] = {"connection": connection, "waiting": _count_waiting()}
    return leads_to_salesforce(console_page(request, template, context, title=title))


def _to_salesforce(request: HttpRequest, *, replace: bool) -> HttpResponse:
    try:
        return HttpResponseRedirect(begin(request, replace=replace))
    except PatchbayError as error:
        messages.error(request, error.message)
        return _back()


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:salesforce_connection"))


def _count_waiting() -> int:
    return CrmWrite.objects.filter(state__in=_WAITING).count()


def _requests_left(connection: Connection | None) -> int | None:
    """Of the org's requests of 24 hours, as last heard; None before the first answer."""
    if connection is None or connection.api_used is None or connection.api_maximum is None:
        return None
    return max(connection.api_maximum - connection.api_used, 0)
