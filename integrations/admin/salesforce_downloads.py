"""Salesforce → Connection → Downloads: what can be installed in the org, and what it is for."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from integrations.addresses import public_address
from integrations.admin.salesforce_tabs import connection_page_part, connection_tab, tab_page
from integrations.attention import page_link
from integrations.embedding import embedded_address
from integrations.models import Connection
from integrations.policy import membership_of
from integrations.preflights import find_preflight, report_of
from integrations.salesforce.connecting import callback_address
from integrations.salesforce.downloads import DOWNLOADS, Place, find_download


@connection_tab(
    "downloads/",
    name="salesforce_downloads",
    label=_("Downloads"),
    order=50,
    guide=(
        _(
            "A package is a zip file. Salesforce’s own tools deploy it; what it adds can be "
            "looked at and taken back in Setup."
        ),
    ),
)
def downloads(request: HttpRequest) -> HttpResponse:
    """Every package with its purpose."""
    place = _place(request)
    packages = [{"download": one, "is_there": any(one.build(place))} for one in DOWNLOADS]
    context = {"packages": packages, "connection": Connection.objects.find_sync_user()}
    return tab_page(
        request, "patchbay/salesforce/downloads.html", context, tab="salesforce_downloads"
    )


@connection_page_part("downloads/<slug:name>/", name="salesforce_download")
def download(request: HttpRequest, name: str) -> HttpResponse:
    """One package as a zip."""
    return send_package(name, _place(request))


def send_package(name: str, place: Place) -> HttpResponse:
    """A package for this place as an attachment; 404 where there is nothing in it."""
    found = find_download(name)
    package = found.package(place) if found else None
    if found is None or package is None:
        raise Http404("There is nothing to download under this name.")
    response = HttpResponse(package, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    return response


def _place(request: HttpRequest) -> Place:
    membership = membership_of(request)
    connection = Connection.objects.find_sync_user()
    search, compose = page_link("calls_call_changelist"), page_link("sms_compose")
    texts = page_link("sms_record")
    return Place(
        callback_address=callback_address(),
        call_search_address=public_address(search) if search else "",
        contact_mail=membership.user.email,
        compose_address=public_address(compose) if compose else "",
        composer_address=embedded_address("sms_embedded", membership.workspace),
        record_messages_address=public_address(texts) if texts else "",
        report=report_of(find_preflight(connection)) if connection else None,
    )
