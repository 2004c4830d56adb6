"""My account → Salesforce: what the member's own Salesforce user may do (MIX-11 to MIX-14)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.admin.salesforce_downloads import send_package
from integrations.admin.salesforce_preflight import describe_preflight
from integrations.admin.site import console_site
from integrations.models import Connection
from integrations.policy import membership_of
from integrations.preflights import find_preflight, report_of, request_preflight
from integrations.roles import Capability
from integrations.salesforce.connecting import callback_address
from integrations.salesforce.downloads import Place


def describe_own_preflight(account: Connection | None) -> dict[str, Any]:
    """The context of the preflight's part for an own account."""
    context = describe_preflight(
        account,
        live_url=reverse("admin:my_preflight_live"),
        download_url=reverse("admin:my_missing_permissions"),
    )
    return {**context, "is_personal": True}


@console_site.page(
    "my/salesforce/preflight/live/",
    name="my_preflight_live",
    title=_("Preflight"),
    in_menu=False,
    capability=Capability.CONNECT_OWN_ACCOUNT,
    group="My account",
)
def live(request: HttpRequest) -> HttpResponse:
    """The part that changes while it is under way."""
    context = describe_own_preflight(_own_account(request))
    return render(request, "patchbay/salesforce/parts/preflight.html", context)


@console_site.page(
    "my/salesforce/preflight/run/",
    name="my_preflight_run",
    title=_("Preflight"),
    in_menu=False,
    methods=("POST",),
    capability=Capability.CONNECT_OWN_ACCOUNT,
    group="My account",
)
def run(request: HttpRequest) -> HttpResponse:
    """Have Salesforce asked now."""
    account = _own_account(request)
    if account is None or not account.is_usable:
        messages.error(request, _("Connect your Salesforce account first."))
    else:
        request_preflight(account)
    return HttpResponseRedirect(reverse("admin:my_salesforce"))


@console_site.page(
    "my/salesforce/preflight/missing/",
    name="my_missing_permissions",
    title=_("Missing permissions"),
    in_menu=False,
    capability=Capability.CONNECT_OWN_ACCOUNT,
    group="My account",
)
def missing_permissions(request: HttpRequest) -> HttpResponse:
    """The permission set with exactly what the own user lacks, to hand to a Salesforce admin."""
    account = _own_account(request)
    if account is None:
        raise Http404("No account is connected.")
    place = Place(
        callback_address=callback_address(),
        call_search_address="",
        contact_mail=membership_of(request).user.email,
        report=report_of(find_preflight(account)),
    )
    return send_package("missing", place)


def _own_account(request: HttpRequest) -> Connection | None:
    return Connection.objects.find_personal_account(membership_of(request).pk)
