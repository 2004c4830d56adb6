"""Calls → Needs review: whom a call was with, chosen by a person (RULES B3.2, C3, C6)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.admin.questions import ask_about
from calls.models import Call
from calls.review import ReviewRefused, choose_record, list_waiting
from calls.selectors import with_agents
from integrations.admin.site import console_page, console_site
from integrations.policy import membership_of
from integrations.roles import Capability
from integrations.salesforce.precedence import Candidate

_TITLE = gettext_lazy("Needs review")
_PAGE = 25


@console_site.page(
    "calls/review/",
    name="calls_review",
    title=_TITLE,
    capability=Capability.VIEW_OWN_CALLS,
    group="Calls",
    icon="rule",
    order=20,
)
def review(request: HttpRequest) -> HttpResponse:
    """The newest calls that wait; those that are settled make room for the next."""
    membership = membership_of(request)
    waiting = with_agents(list_waiting(membership)).select_related("workspace")
    calls = list(waiting[: _PAGE + 1])
    context = {
        "questions": ask_about(membership, calls[:_PAGE]),
        "has_more": len(calls) > _PAGE,
    }
    return console_page(request, "patchbay/calls/review.html", context, title=_TITLE)


@console_site.page(
    "calls/review/<int:call_id>/",
    name="calls_review_choose",
    title=_TITLE,
    methods=("POST",),
    capability=Capability.VIEW_OWN_CALLS,
    group="Calls",
)
def choose(request: HttpRequest, call_id: int) -> HttpResponse:
    """File one call under what was chosen, and go back to where that was done."""
    chosen = None if "none" in request.POST else request.POST.get("record", "").strip()
    try:
        record = choose_record(membership_of(request), call_id, chosen)
    except Call.DoesNotExist as error:
        raise Http404("No such call among those that this member may see.") from error
    except ReviewRefused as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _what_follows(record))
    if "from_call" in request.POST:
        return HttpResponseRedirect(reverse("admin:calls_call_change", args=(call_id,)))
    return HttpResponseRedirect(reverse("admin:calls_review"))


def _what_follows(record: Candidate | None) -> str:
    if record is None:
        return _("The call stays filed under no record.")
    return _("Filed under %(name)s. Salesforce follows within seconds.") % {"name": record.label}
