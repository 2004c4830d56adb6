"""Views of the messages list that a member keeps: All is always there, others are saved."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.site import console_site
from integrations.policy import membership_of
from integrations.roles import Capability
from sms.models import MessageView

#: What a view keeps of the list's address; not the page that somebody was on.
_KEPT = ("direction__exact", "period", "purpose__exact", "q", "status")
_TITLE = gettext_lazy("Messages")


def describe_views(request: HttpRequest) -> dict[str, Any]:
    """The tabs above the list, and whether what is shown can be kept."""
    shown = kept_query(request.GET)
    views = [
        {"view": view, "is_shown": view.query == shown}
        for view in MessageView.objects.filter(membership=membership_of(request))
    ]
    return {
        "views": views,
        "shows_all": not shown,
        "query_to_keep": "" if any(one["is_shown"] for one in views) else shown,
        "shown_view": next((one["view"] for one in views if one["is_shown"]), None),
    }


def kept_query(parameters: Mapping[str, Any]) -> str:
    """The filters and the search in an address, in one order; empty for All."""
    kept = [(name, str(parameters[name])) for name in _KEPT if parameters.get(name)]
    return urlencode(kept)


@console_site.page(
    "sms/message/views/save/",
    name="sms_message_view_save",
    title=_TITLE,
    capability=Capability.VIEW_MESSAGES,
    group="SMS",
    in_menu=False,
    methods=("POST",),
)
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters under a name; the same name again takes the new filters."""
    member = membership_of(request)
    name = request.POST.get("name", "").strip()[:40]
    query = kept_query(dict(parse_qsl(request.POST.get("query", "")[:500])))
    if name and query and len(query) <= 500:
        MessageView.objects.update_or_create(
            workspace=member.workspace, membership=member, name=name, defaults={"query": query}
        )
        messages.success(request, _("The view %(name)s is kept for you.") % {"name": name})
    else:
        messages.error(request, _("A view needs a name and a filter. Nothing was kept."))
    return _back(query)


@console_site.page(
    "sms/message/views/<int:view_id>/remove/",
    name="sms_message_view_remove",
    title=_TITLE,
    capability=Capability.VIEW_MESSAGES,
    group="SMS",
    methods=("POST",),
)
def remove_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget one of one's own views."""
    own = MessageView.objects.filter(membership=membership_of(request))
    get_object_or_404(own, pk=view_id).delete()
    return _back("")


def _back(query: str) -> HttpResponse:
    address = reverse("admin:sms_message_changelist")
    return HttpResponseRedirect(f"{address}?{query}" if query else address)
