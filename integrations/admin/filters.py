"""Which query parameters a list accepts, and filters that offer the workspace's own rows only."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.admin import RelatedOnlyFieldListFilter, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from integrations.clock import start_of_today
from integrations.policy import membership_of

#: What a filter on a field may ask. Text lookups (``startswith``, ``contains``, ``regex``) are
#: left out on purpose: over a field that is not shown they would answer character by character.
_SUFFIXES = (
    *("", "__exact", "__id__exact", "__isnull", "__gte", "__lt"),
    *("_from", "_to", "_from_0", "_from_1", "_to_0", "_to_1"),
)


def allowed_parameters(list_filter: Iterable[Any]) -> frozenset[str]:
    """The query parameters that the declared filters need; every other one is refused."""
    allowed: set[str] = set()
    for item in list_filter:
        if isinstance(item, type) and issubclass(item, SimpleListFilter):
            allowed.add(str(item.parameter_name))
        else:
            field = item[0] if isinstance(item, tuple | list) else item
            allowed.update(f"{field}{suffix}" for suffix in _SUFFIXES)
    return frozenset(allowed)


class OwnRowsFilter(RelatedOnlyFieldListFilter):
    """A filter over a relation: only rows that occur in this list, which is scoped already."""


class PeriodFilter(SimpleListFilter):
    """Days as the member who asks has them, counted back from today."""

    title = _("period")
    parameter_name = "period"
    #: The moment that is filtered.
    field: str
    _DAYS: ClassVar = {"today": 0, "week": 6, "month": 29}

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
        return queryset.filter(**{f"{self.field}__gte": since})
