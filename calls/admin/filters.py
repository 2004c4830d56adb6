"""Filters of the call history."""

from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from calls.admin.call_cells import OUTCOMES
from integrations.clock import start_of_today
from integrations.policy import membership_of


class OutcomeFilter(SimpleListFilter):
    """A fixed list: asking the table for its distinct values would read all of it."""

    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(outcome, outcome.capitalize()) for outcome in OUTCOMES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(outcome=self.value()) if self.value() else queryset


class PeriodFilter(SimpleListFilter):
    """Days as the member who asks has them."""

    title = _("period")
    parameter_name = "period"
    _DAYS = {"today": 0, "week": 6, "month": 29}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("today", _("Today")),
            ("week", _("Last 7 days")),
            ("month", _("Last 30 days")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = self._DAYS.get(str(self.value()))
        if days is None:
            return queryset
        since = start_of_today(membership_of(request)) - timedelta(days=days)
        return queryset.filter(started_at__gte=since)
