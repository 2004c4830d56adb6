"""Salesforce → Connection → API budget: what was spent on what, what is left, what waits."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from integrations.admin.salesforce_tabs import connection_tab, tab_page
from integrations.api_budget import (
    FEATURE_NAMES,
    Ledger,
    held_for_reserve,
    read_counter,
    read_ledger,
)
from integrations.models import Connection
from integrations.options import OPTION_SPECS, active_options
from integrations.policy import membership_of

_TAB = "salesforce_budget"


@connection_tab(
    "api-budget/",
    name=_TAB,
    label=_("API budget"),
    order=40,
    guide=(
        _(
            "Salesforce lets an org make a number of requests in any 24 hours, all apps together. "
            "What Patchbay made is counted here by what it was for; the org’s own counter holds "
            "everybody’s."
        ),
        _(
            "Below the reserve, statistics about messages (opened, clicked, downloaded) and the "
            "match doctor wait. Records of calls and searches for callers never do. The reserve is "
            "one of the integration options."
        ),
    ),
)
def api_budget(request: HttpRequest) -> HttpResponse:
    """The ledger of fourteen days beside the org's counter."""
    connection = Connection.objects.find_sync_user()
    if connection is None:
        return tab_page(request, "patchbay/salesforce/api_budget.html", {}, tab=_TAB)
    ledger = read_ledger(membership_of(request).workspace)
    options, counter = active_options(), read_counter(connection)
    percent = int(options["api_reserve_percent"])
    context = {
        "connection": connection,
        "ledger": ledger,
        "counter": counter,
        "percent": percent,
        "reserve": counter.reserve(percent) if counter else None,
        "is_short": counter is not None and counter.is_below_reserve(percent),
        "waiting": held_for_reserve(),
        "features": [FEATURE_NAMES.get(feature, feature) for feature in ledger.features],
        "rows": _rows(ledger),
        "prices": [(spec.label, spec.price) for spec in OPTION_SPECS if spec.price],
    }
    return tab_page(request, "patchbay/salesforce/api_budget.html", context, tab=_TAB)


def _rows(ledger: Ledger) -> list[dict[str, Any]]:
    return [
        {
            "day": one.day,
            "total": one.total,
            "cells": [
                (FEATURE_NAMES.get(feature, feature), one.by_feature.get(feature, 0))
                for feature in ledger.features
            ],
        }
        for one in ledger.days
    ]
