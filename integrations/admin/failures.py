"""Salesforce → What failed: failures by cause, and trying all of one cause again (PLUS-08).

Each act shows first how many it is about, and what would become of them.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from integrations.admin.site import console_page, console_site
from integrations.models import CrmWrite, InboundEvent, Membership
from integrations.policy import can, membership_of
from integrations.replay import (
    events_failed_like,
    failed_writes,
    first_line,
    list_event_failures,
    list_write_failures,
    may_retry_like,
    rehearse,
    replay_events_like,
    retry_writes_like,
    writes_failed_like,
)
from integrations.roles import Capability
from integrations.salesforce.remedies import remedy_for

_TITLE = gettext_lazy("What failed")
_RETRY = gettext_lazy("Retry all like this")
_UNDERSTAND = gettext_lazy("Understand all like this again")
#: Records that are named before the act.
_NAMED = 10


@console_site.page(
    "salesforce/failures/",
    name="failures",
    title=_TITLE,
    icon="build",
    order=35,
    capability=Capability.VIEW_OWN_ACTIVITY,
    group="Salesforce",
)
def failures(request: HttpRequest) -> HttpResponse:
    """Every cause with its count, what it means, and what would heal it."""
    membership = membership_of(request)
    sees_events = can(membership, Capability.REPLAY_EVENTS)
    context = {
        "writes": [
            {"failure": one, "remedy": remedy_for(one.code, one.message)}
            for one in list_write_failures(membership)
        ],
        "events": list_event_failures() if sees_events else [],
        "sees_events": sees_events,
    }
    return console_page(request, "patchbay/activity/failures.html", context, title=_TITLE)


@console_site.page(
    "salesforce/failures/writes/<int:write_id>/",
    name="failures_like_write",
    title=_RETRY,
    methods=("GET", "POST"),
    capability=Capability.VIEW_OWN_ACTIVITY,
    group="Salesforce",
)
def retry_like(request: HttpRequest, write_id: int) -> HttpResponse:
    """Count first, then try all of one cause again."""
    membership = membership_of(request)
    write = _failed_write(membership, write_id)
    if request.method == "POST":
        retried = retry_writes_like(membership, write, request=request)
        told = ngettext(
            "%(count)s record will be tried again.",
            "%(count)s records will be tried again.",
            retried,
        )
        messages.success(request, told % {"count": retried})
        return HttpResponseRedirect(reverse("admin:failures"))
    alike = writes_failed_like(membership, write)
    context: dict[str, Any] = {
        "count": alike.count(),
        "named": alike.select_related("owner__user").order_by("-created_at")[:_NAMED],
        "remedy": remedy_for(write.error_code, write.error_message),
        "write": write,
        "held": alike.exclude(connection__state="active").count(),
    }
    return console_page(request, "patchbay/activity/retry_like.html", context, title=_RETRY)


@console_site.page(
    "salesforce/failures/events/<int:event_id>/",
    name="failures_like_event",
    title=_UNDERSTAND,
    methods=("GET", "POST"),
    capability=Capability.REPLAY_EVENTS,
    group="Salesforce",
)
def replay_like(request: HttpRequest, event_id: int) -> HttpResponse:
    """Rehearse first, then have all events of one cause understood once more."""
    event = InboundEvent.objects.filter(pk=event_id, state=InboundEvent.State.FAILED).first()
    if event is None:
        raise Http404("No such event failed.")
    if request.method == "POST":
        replayed = replay_events_like(event, actor=membership_of(request), request=request)
        told = ngettext(
            "%(count)s event will be understood again.",
            "%(count)s events will be understood again.",
            replayed,
        )
        messages.success(request, told % {"count": replayed})
        return HttpResponseRedirect(reverse("admin:failures"))
    alike = events_failed_like(event)
    context = {
        "count": len(alike),
        "error": first_line(event.error),
        "rehearsal": rehearse(alike),
    }
    return console_page(request, "patchbay/activity/replay_like.html", context, title=_UNDERSTAND)


def _failed_write(membership: Membership, write_id: int) -> CrmWrite:
    write = failed_writes(membership).filter(pk=write_id).first()
    if write is None or not may_retry_like(membership):
        raise Http404("No such record failed, in this member's log.")
    return write
