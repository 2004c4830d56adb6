"""To Salesforce and back: integrate, replace, another organisation, disconnect, still waiting?"""

from collections.abc import Callable
from typing import Any, cast

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.addresses import root_url
from integrations.admin.salesforce_connection import back_to_connection, count_waiting
from integrations.admin.salesforce_pages import leads_to_salesforce
from integrations.admin.salesforce_tabs import connection_page_part
from integrations.admin.site import console_page
from integrations.errors import PatchbayError
from integrations.models import (
    Connection,
    CrmWrite,
    DirectoryContact,
    Membership,
    User,
    WriteState,
)
from integrations.policy import membership_of
from integrations.salesforce.attempts import drop_attempts, find_open_attempt
from integrations.salesforce.connecting import begin, callback_address, disconnect
from integrations.salesforce.failures import LOST_AT_SALESFORCE
from integrations.salesforce.sync_user import DISCARD, KEEP, find_latest_sync_user

_REPLACE = gettext_lazy("Replace the Salesforce user")
_OTHER_ORG = gettext_lazy("Connect another organisation")
_DISCONNECT = gettext_lazy("Disconnect Salesforce")
_WAITING = gettext_lazy("Still waiting?")


@connection_page_part("integrate/", name="salesforce_integrate", methods=("POST",))
def integrate(request: HttpRequest) -> HttpResponse:
    """Send the person to Salesforce, to connect for the first time or again."""
    return _to_salesforce(request)


@connection_page_part(
    "replace/", name="salesforce_replace", title=_REPLACE, methods=("GET", "POST")
)
def replace(request: HttpRequest) -> HttpResponse:
    """Ask once, in words, then let somebody else take over."""

    def carry_out(connection: Connection) -> HttpResponse:
        return _to_salesforce(request, replace=True)

    return _confirm_and(
        request,
        "patchbay/salesforce/replace.html",
        carry_out,
        about=Connection.objects.find_sync_user(),
        title=_REPLACE,
    )


@connection_page_part(
    "other-organisation/", name="salesforce_other_org", title=_OTHER_ORG, methods=("GET", "POST")
)
def other_organisation(request: HttpRequest) -> HttpResponse:
    """Say what is archived, ask what becomes of what waits, and only then go (RULES E3)."""
    latest = find_latest_sync_user()

    def carry_out(connection: Connection) -> HttpResponse:
        held = request.POST.get("held", "")
        if held not in (KEEP, DISCARD):
            messages.error(request, _("Choose what becomes of the records that wait."))
            return HttpResponseRedirect(request.path)
        return _to_salesforce(request, replace=True, other_org=held)

    return _confirm_and(
        request,
        "patchbay/salesforce/other_org.html",
        carry_out,
        about=latest,
        title=_OTHER_ORG,
        more=_describe_archive(latest) if latest else {},
    )


def _describe_archive(latest: Connection) -> dict[str, Any]:
    waits = CrmWrite.objects.filter(
        org_id=latest.org_id,
        state__in=(WriteState.PLANNED, WriteState.RETRYING, WriteState.HELD),
    )
    return {
        "to_keep": waits.count(),
        "people": DirectoryContact.objects.filter(org_id=latest.org_id).count(),
        "links": Membership.objects.exclude(salesforce_user_id="").count(),
    }


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
        sign_out = f"{connection.instance_url.rstrip('/')}/secur/logout.jsp"
        context = {"connection": connection, "sign_out_address": sign_out}
        page = "patchbay/salesforce/disconnected.html"
        return console_page(request, page, context, title=_("Salesforce is disconnected"))

    return _confirm_and(
        request,
        "patchbay/salesforce/disconnect.html",
        carry_out,
        about=Connection.objects.find_sync_user(),
        title=_DISCONNECT,
    )


@connection_page_part(
    "waiting/", name="salesforce_waiting", title=_WAITING, methods=("GET", "POST")
)
def still_waiting(request: HttpRequest) -> HttpResponse:
    """What may have gone wrong at Salesforce without a word to us; POST gives the attempt up."""
    workspace_id = membership_of(request).workspace_id
    if request.method == "POST":
        drop_attempts(request, workspace_id)
        messages.info(request, _("The approval was given up. What comes back of it is refused."))
        return back_to_connection()
    attempt = find_open_attempt(request, workspace_id)
    context = {
        "attempt": attempt,
        "minutes_left": max(1, round(attempt.seconds_left / 60)) if attempt else 0,
        "connection": Connection.objects.find_sync_user(),
        "lost": LOST_AT_SALESFORCE,
        "callback_address": callback_address(),
    }
    page = "patchbay/salesforce/waiting.html"
    return leads_to_salesforce(console_page(request, page, context, title=_WAITING))


def _confirm_and(
    request: HttpRequest,
    template: str,
    carry_out: Callable[[Connection], HttpResponse],
    *,
    about: Connection | None,
    title: Promise,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """The password again (RULES F11), a question, and only then the deed."""
    if about is None:
        raise Http404("Salesforce is not connected.")
    if not did_recently_reauthenticate(request):
        return ask_for_password(request)
    if request.method == "POST":
        return carry_out(about)
    context = {"connection": about, "waiting": count_waiting(), **(more or {})}
    return leads_to_salesforce(console_page(request, template, context, title=title))


def password_page(request: HttpRequest) -> str:
    """Where the password is asked for; from there the way leads back here."""
    back = urlencode({"next": request.path})
    return f"{root_url('account_reauthenticate')}?{back}"


def ask_for_password(request: HttpRequest) -> HttpResponse:
    """The password first (RULES F11)."""
    return HttpResponseRedirect(password_page(request))


def _to_salesforce(
    request: HttpRequest, *, replace: bool = False, other_org: str = ""
) -> HttpResponse:
    try:
        return HttpResponseRedirect(begin(request, replace=replace, other_org=other_org))
    except PatchbayError as error:
        messages.error(request, error.message)
        return back_to_connection()
