"""Filters of the call history."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from calls.admin.call_cells import OUTCOMES
from integrations.admin.filters import PeriodFilter


class OutcomeFilter(SimpleListFilter):
    """A fixed list: asking the table for its distinct values would read all of it."""

    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(outcome, outcome.capitalize()) for outcome in OUTCOMES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(outcome=self.value()) if self.value() else queryset


class StartedFilter(PeriodFilter):
    """When the call started."""

    field = "started_at"
