"""Salesforce → Connection → Basic settings: who is connected and how it is (MII-14, MII-24..27)."""

from typing import Any, cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations import audit
from integrations.admin.connection_story import describe_terms, name_culprit, tell_health
from integrations.admin.salesforce_pages import leads_to_salesforce
from integrations.admin.salesforce_switches import SwitchesForm
from integrations.admin.salesforce_tabs import (
    CONNECTION_TITLE,
    connection_page_part,
    connection_tab,
    tab_page,
)
from integrations.admin.site import describe_subscription
from integrations.errors import PatchbayError
from integrations.models import Connection, CrmWrite, User, WriteState
from integrations.oauth_views import FAILURE_KEY
from integrations.options import active_options
from integrations.policy import membership_of
from integrations.salesforce import versions
from integrations.salesforce.apps import current_app, find_own_app
from integrations.salesforce.attempts import find_open_attempt
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.failures import find_remedy
from integrations.salesforce.oauth import INTERACTIVE_SECONDS
from integrations.salesforce.org_facts import read_org_facts
from integrations.salesforce.sync_user import find_latest_sync_user
from integrations.subscriptions import Entitlement, includes

#: Writes that a broken connection keeps back.
WAITING_STATES = (WriteState.PLANNED, WriteState.HELD, WriteState.RETRYING, WriteState.UNKNOWN)


@connection_tab(
    "",
    name="salesforce_connection",
    label=gettext_lazy("Basic settings"),
    order=10,
    guide=(
        gettext_lazy(
            "One Salesforce user, the Sync User, connects the whole organisation. Patchbay looks "
            "people up and writes records through it, for every member without an account of "
            "their own."
        ),
        gettext_lazy(
            "While the connection is broken nothing is lost: what is to be written waits, and is "
            "written as soon as somebody connects it again."
        ),
        gettext_lazy(
            "Check org asks what the org is now: its edition, the versions of its API. Patchbay "
            "does so by itself once a day."
        ),
    ),
    in_menu=True,
    entitlement=None,
)
def connection_page(request: HttpRequest) -> HttpResponse:
    """Who is connected and how it is, or what to do to connect."""
    membership = membership_of(request)
    connection = Connection.objects.find_sync_user()
    app = current_app()
    subscription = membership.workspace.subscription
    waiting = count_waiting()
    context: dict[str, Any] = {
        "connection": connection,
        "latest": connection or find_latest_sync_user(),
        "is_included": includes(subscription, Entitlement.SALESFORCE),
        **describe_subscription(subscription),
        "is_configured": app.is_configured,
        "own_app": find_own_app(),
        "login_host": urlsplit(app.login_url).netloc,
        "waiting": waiting,
        "failure": _take_failure(request, membership.workspace_id),
        "attempt": find_open_attempt(request, membership.workspace_id),
        "switches": SwitchesForm.of(active_options()),
        **(_describe(connection, waiting) if connection else {}),
    }
    page = "patchbay/salesforce/connection.html"
    return leads_to_salesforce(
        tab_page(request, page, context, tab="salesforce_connection", title=CONNECTION_TITLE)
    )


def _describe(connection: Connection, waiting: int) -> dict[str, Any]:
    return {
        "health": tell_health(connection, waiting),
        "culprit": name_culprit(connection),
        "requests_left": _requests_left(connection),
        **describe_terms(connection),
    }


def _take_failure(request: HttpRequest, workspace_id: int) -> dict[str, Any] | None:
    """What went wrong at the last approval; told once, and only where it was begun."""
    failure = request.session.get(FAILURE_KEY)
    if not failure or failure["workspace"] != workspace_id:
        return None
    del request.session[FAILURE_KEY]
    return {"message": failure["message"], "remedy": find_remedy(failure["code"])}


@connection_page_part("check/", name="salesforce_check_org", methods=("POST",))
def check_org(request: HttpRequest) -> HttpResponse:
    """Ask the org now what it is: edition, versions, whether it answers at all (MII-14)."""
    connection = Connection.objects.find_sync_user()
    if connection is None or not connection.is_usable:
        messages.error(request, _("Salesforce must be connected first."))
        return back_to_connection()
    client = SalesforceClient(connection, feature="check org", deadline_seconds=INTERACTIVE_SECONDS)
    try:
        _keep_versions(connection, client.versions())
        facts = read_org_facts(client)
    except PatchbayError as error:
        request.session[FAILURE_KEY] = {
            "workspace": connection.workspace_id,
            "code": error.code,
            "message": error.message,
        }
    else:
        Connection.objects.filter(pk=connection.pk).update(**facts.columns())
        messages.success(request, _("The org answered; what it is stands below."))
    return back_to_connection()


def _keep_versions(connection: Connection, offered: list[str]) -> None:
    """Known even where the version in use is retired: this question is free and needs none."""
    Connection.objects.filter(pk=connection.pk).update(offered_versions=offered)


@connection_page_part("version/", name="salesforce_version", methods=("POST",))
def choose_version(request: HttpRequest) -> HttpResponse:
    """Speak to the org in another version of its API, among those that it offers (MII-13)."""
    connection = Connection.objects.find_sync_user()
    wanted = request.POST.get("version", "")
    if connection is None or wanted not in versions.list_usable(connection.offered_versions or ()):
        messages.error(request, _("The org does not offer that version. Check the org first."))
    elif wanted == connection.api_version:
        messages.info(request, _("Nothing was changed."))
    else:
        of_org = Connection.objects.filter(
            kind=Connection.Kind.SALESFORCE, org_id=connection.org_id
        )
        of_org.update(api_version=wanted)
        audit.record(
            cast(User, request.user),
            "salesforce.version_changed",
            connection.name,
            before={"api_version": connection.api_version},
            after={"api_version": wanted},
            request=request,
        )
        messages.success(request, _("Patchbay uses API version %(v)s now.") % {"v": wanted})
    return back_to_connection()


@connection_page_part("interface/", name="salesforce_interface", methods=("POST",))
def choose_interface(request: HttpRequest) -> HttpResponse:
    """Say which user interface the org's people work in; options depend on it (K-05)."""
    connection = Connection.objects.find_sync_user()
    wanted = request.POST.get("interface", "")
    if connection is None or wanted not in Connection.Interface.values:
        messages.error(request, _("Choose one of the two interfaces."))
    elif wanted == connection.interface:
        messages.info(request, _("Nothing was changed."))
    else:
        Connection.objects.filter(pk=connection.pk).update(interface=wanted)
        audit.record(
            cast(User, request.user),
            "salesforce.interface_changed",
            connection.name,
            before={"interface": connection.interface},
            after={"interface": wanted},
            request=request,
        )
        messages.success(request, _("Saved. Options that need the other one rest."))
    return back_to_connection()


def back_to_connection() -> HttpResponse:
    """To the tab Basic settings."""
    return HttpResponseRedirect(reverse("admin:salesforce_connection"))


def count_waiting() -> int:
    """Records of the workspace in scope that are to be written still."""
    return CrmWrite.objects.filter(state__in=WAITING_STATES).count()


def _requests_left(connection: Connection) -> int | None:
    """Of the org's requests of 24 hours, as last heard; None before the first answer."""
    if connection.api_used is None or connection.api_maximum is None:
        return None
    return max(connection.api_maximum - connection.api_used, 0)
