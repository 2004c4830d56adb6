"""Salesforce → Role settings: which kinds of activity each role records (MIX-15)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.activity_kinds import ActivityKind
from integrations.activity_words import CHOICE_WORDS
from integrations.admin.site import console_page, console_site
from integrations.policy import membership_of
from integrations.recording import role_recordings, set_role_recordings
from integrations.roles import Capability, Role

_TITLE = gettext_lazy("Role settings")


@console_site.page(
    "salesforce/role-settings/",
    name="salesforce_role_settings",
    title=_TITLE,
    icon="fact_check",
    order=40,
    methods=("GET", "POST"),
    capability=Capability.MANAGE_SALESFORCE,
    group="Salesforce",
)
def role_settings(request: HttpRequest) -> HttpResponse:
    """Show which role records what, or store it."""
    if request.method == "POST":
        _save(request)
        return HttpResponseRedirect(reverse("admin:salesforce_role_settings"))
    recorded = role_recordings()
    context = {
        "roles": [role.label for role in Role],
        "rows": [
            {
                "kind": CHOICE_WORDS[kind],
                "cells": [
                    {
                        "role": role.value,
                        "value": kind.value,
                        "label": _("%(role)s: %(kind)s")
                        % {"role": role.label, "kind": CHOICE_WORDS[kind]},
                        "is_ticked": kind in recorded[role],
                    }
                    for role in Role
                ],
            }
            for kind in ActivityKind
        ],
    }
    return console_page(request, "patchbay/salesforce/role_settings.html", context, title=_TITLE)


def _save(request: HttpRequest) -> None:
    changed = set_role_recordings(
        {role: request.POST.getlist(role.value) for role in Role},
        actor=membership_of(request).user,
        request=request,
    )
    if changed:
        messages.success(request, _("Saved. It holds for what is filed from now on."))
    else:
        messages.info(request, _("Nothing was changed."))
