"""Refusals inside the console, in its own frame, so that a member can go on from there."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views import defaults

from integrations.admin.site import console_page, console_site


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: what the roles lack, and whom to ask."""
    if not console_site.has_permission(request):
        return defaults.permission_denied(request, exception)
    told = str(exception) or _("Your roles do not include this.")
    advice = _("An admin of this workspace can change your roles.")
    context = {"told": told, "advice": advice}
    return _render(request, context, title=_("Not for your roles"), status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: missing, another workspace's, or none of the visitor's business; all read the same."""
    if not console_site.has_permission(request):
        return defaults.page_not_found(request, exception)
    context = {
        "told": _("There is no such page or record in this workspace."),
        "advice": _("It may have been removed, or the link belongs to another workspace."),
    }
    return _render(request, context, title=_("Not found"), status=404)


def _render(
    request: HttpRequest, context: Mapping[str, object], *, title: object, status: int
) -> HttpResponse:
    page = console_page(request, "patchbay/refusal.html", context, title=str(title), status=status)
    return page.render()
