"""Calls → Test a call: what would be written of a made-up call and why, then for real (PLUS-05)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.admin.call_page import explain_trace
from calls.admin.filed import Obstacle, filed_under
from calls.admin.matches import describe_lookup, list_matches
from calls.admin.trial_form import TrialForm
from calls.explanation import advice_on, find_stop
from calls.models import Call
from calls.trial import (
    KEY_PREFIX,
    Rehearsed,
    TrialCall,
    rehearse,
    run_for_real,
    why_not_for_real,
    with_switched,
)
from integrations.admin.site import console_page, console_site
from integrations.admin.would_be import show_would_be
from integrations.models import Connection
from integrations.options import active_options
from integrations.policy import membership_of
from integrations.roles import Capability

_TITLE = gettext_lazy("Test a call")


@console_site.page(
    "calls/test/",
    name="test_call",
    title=_TITLE,
    capability=Capability.MANAGE_PHONE_SYSTEMS,
    group="Calls",
    icon="science",
    order=60,
    methods=("GET", "POST"),
)
def test_call(request: HttpRequest) -> HttpResponse:
    """The form, and below it what would come of the call."""
    options = active_options()
    form = TrialForm(request.POST if request.method == "POST" else None, options=options)
    sync_user = Connection.objects.find_sync_user()
    context: dict[str, Any] = {"form": form, "sync_user": sync_user}
    if request.method == "POST" and form.is_valid():
        trial, switched = form.call(), form.cleaned_data["switched"]
        phone_system = _phone_system()
        obstacle = why_not_for_real(phone_system, sync_user)
        if phone_system and "for_real" in request.POST and not switched and not obstacle:
            return _run(request, trial, phone_system)
        workspace = membership_of(request).workspace
        rehearsed = rehearse(trial, workspace, with_switched(options, switched))
        context |= _describe(rehearsed) | {
            "trial": trial,
            "switched": switched,
            "real_obstacle": obstacle,
        }
    return console_page(request, "patchbay/calls/test_call.html", context, title=_TITLE)


@console_site.page(
    "calls/test/<str:key>/",
    name="test_call_made",
    title=_TITLE,
    capability=Capability.MANAGE_PHONE_SYSTEMS,
    group="Calls",
)
def test_call_made(request: HttpRequest, key: str) -> HttpResponse:
    """Where a call that runs for real has got to; leads to its page once it was filed."""
    if not key.startswith(KEY_PREFIX):
        raise Http404
    call = Call.objects.filter(call_key=key).first()
    if call is None or not call.planned_version:
        return console_page(request, "patchbay/calls/test_call_made.html", {}, title=_TITLE)
    page = reverse("admin:calls_call_change", args=(call.pk,))
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": page})
    return HttpResponseRedirect(page)


def _phone_system() -> Connection | None:
    active = Connection.objects.phone_systems().filter(state=Connection.State.ACTIVE)
    return active.order_by("pk").first()


def _run(request: HttpRequest, trial: TrialCall, phone_system: Connection) -> HttpResponse:
    run_for_real(trial, phone_system, actor=membership_of(request), request=request)
    messages.success(request, _("The call came in through %(name)s.") % {"name": phone_system.name})
    return HttpResponseRedirect(reverse("admin:test_call_made", args=(trial.key,)))


def _describe(rehearsed: Rehearsed) -> dict[str, Any]:
    """What the template shows of the outcome."""
    call, plan = rehearsed.call, rehearsed.plan
    stop = find_stop(plan.trace)
    chosen = {write.fields.get(slot) for write in plan.writes for slot in ("WhoId", "WhatId")}
    return {
        "call": call,
        "writes": [show_would_be(write, filed_under(call, write)) for write in plan.writes],
        "needs_review": plan.needs_review,
        "obstacle": Obstacle(stop.text, to_do=advice_on(stop), rule=stop.rule) if stop else None,
        "explained": {"groups": explain_trace(plan.trace, rehearsed.legs)},
        "lookup": describe_lookup(call, rehearsed.search_error),
        "matches": list_matches(call, chosen - {None}),
    }
