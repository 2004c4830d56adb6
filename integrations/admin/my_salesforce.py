"""My account → Salesforce: a member's own connection, from the button to the hint at the end.

MIX-02, 07 to 09, 28 to 30, K-10. The rules are those of ``integrations.salesforce.personal``.
"""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.my_account import my_page
from integrations.admin.my_preflight import describe_own_preflight
from integrations.admin.salesforce_pages import leads_to_salesforce
from integrations.admin.site import console_page, console_site
from integrations.errors import PatchbayError
from integrations.memberships import admins_of_workspace
from integrations.models import ApiUsage, Connection, CrmWrite, Membership, WriteState
from integrations.policy import membership_of
from integrations.roles import Capability
from integrations.salesforce.apps import app_of, current_app
from integrations.salesforce.connecting import begin_personal
from integrations.salesforce.personal import disconnect_personal_account

_TITLE = gettext_lazy("My Salesforce account")
_DISCONNECT = gettext_lazy("Disconnect my Salesforce account")
_SIGN_OUT = gettext_lazy("Sign out of Salesforce, too")
_UNFINISHED = (
    WriteState.PLANNED,
    WriteState.HELD,
    WriteState.CLAIMED,
    WriteState.SENDING,
    WriteState.UNKNOWN,
    WriteState.RETRYING,
)


@console_site.page(
    "my/salesforce/",
    name="my_salesforce",
    title=_TITLE,
    icon="person_check",
    order=10,
    capability=Capability.CONNECT_OWN_ACCOUNT,
    group="My account",
)
def my_salesforce(request: HttpRequest) -> HttpResponse:
    """How the own account is, or what has to happen before it can be connected."""
    membership = membership_of(request)
    sync_user = Connection.objects.find_sync_user()
    account = Connection.objects.find_personal_account(membership.pk)
    app = app_of(sync_user) if sync_user else current_app()
    context = {
        "sync_user": sync_user,
        "account": account,
        "is_configured": app.is_configured,
        "login_url": app.login_url,
        "admins": [] if sync_user else admins_of_workspace(),
        **describe_own_preflight(account),
        **(_figures(account) if account else {}),
    }
    page = my_page(request, "patchbay/my/salesforce.html", context, title=_TITLE, tab="salesforce")
    return leads_to_salesforce(page)


@console_site.page(
    "my/salesforce/connect/",
    name="my_salesforce_connect",
    title=_TITLE,
    in_menu=False,
    methods=("POST",),
    capability=Capability.CONNECT_OWN_ACCOUNT,
    group="My account",
)
def connect(request: HttpRequest) -> HttpResponse:
    """Send the member to Salesforce; 403 before there is a Sync User (MIX-08)."""
    try:
        return HttpResponseRedirect(begin_personal(request))
    except PermissionDenied as refused:
        raise PermissionDenied(f"{refused} {_whom_to_ask()}") from refused
    except PatchbayError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(reverse("admin:my_salesforce"))


@console_site.page(
    "my/salesforce/disconnect/",
    name="my_salesforce_disconnect",
    title=_DISCONNECT,
    in_menu=False,
    methods=("GET", "POST"),
    capability=Capability.CONNECT_OWN_ACCOUNT,
    group="My account",
)
def disconnect(request: HttpRequest) -> HttpResponse:
    """Ask once, in words, then end the own connection at once."""
    membership = membership_of(request)
    account = Connection.objects.find_personal_account(membership.pk)
    if account is None:
        raise Http404("No account is connected.")
    if request.method == "POST":
        disconnect_personal_account(account, actor=membership.user, request=request)
        messages.success(request, _("Your Salesforce account is disconnected from Patchbay."))
        return HttpResponseRedirect(reverse("admin:my_salesforce_ended"))
    context = {"account": account, **_figures(account)}
    return console_page(request, "patchbay/my/disconnect.html", context, title=_DISCONNECT)


@console_site.page(
    "my/salesforce/signed-out/",
    name="my_salesforce_ended",
    title=_SIGN_OUT,
    in_menu=False,
    capability=Capability.CONNECT_OWN_ACCOUNT,
    group="My account",
)
def ended(request: HttpRequest) -> HttpResponse:
    """What Patchbay cannot do: end the member's own session at Salesforce (MIX-29)."""
    context = {"sign_out_url": _sign_out_url(membership_of(request))}
    return my_page(
        request, "patchbay/my/signed_out.html", context, title=_SIGN_OUT, tab="salesforce"
    )


def _whom_to_ask() -> str:
    names = ", ".join(str(admin) for admin in admins_of_workspace())
    return _("Ask %(names)s.") % {"names": names} if names else ""


def _figures(account: Connection) -> dict[str, Any]:
    """What the account costs of the org's requests, and what is on its way through it."""
    since = timezone.now() - timedelta(days=7)
    spent = ApiUsage.objects.filter(connection=account, hour__gte=since)
    unfinished = CrmWrite.objects.filter(connection=account, state__in=_UNFINISHED)
    return {
        "requests_of_week": spent.aggregate(sum=Sum("requests"))["sum"] or 0,
        "waiting": unfinished.count(),
    }


def _sign_out_url(membership: Membership) -> str:
    """Where Salesforce's own session ends: the host of the latest account, else the org's."""
    accounts = Connection.objects.filter(kind=Connection.Kind.SALESFORCE)
    latest = (
        accounts.filter(membership=membership).order_by("-id").first()
        or Connection.objects.find_sync_user()
    )
    host = latest.instance_url if latest else current_app().login_url
    return f"{host.rstrip('/')}/secur/logout.jsp"
