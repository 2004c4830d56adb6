"""The filters of the activity log."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from integrations import activity
from integrations.activity_words import LOG_WORDS
from integrations.models import Membership


class StatusFilter(SimpleListFilter):
    """Not Synced, Synced, Errors (MIX-21)."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status, status) for status in activity.STATUSES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(state__in=activity.states_of(str(self.value())))


class TypeFilter(SimpleListFilter):
    """Task or Event (MIX-24)."""

    title = _("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(sobject, sobject) for sobject in ("Task", "Event")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(sobject=self.value()) if self.value() else queryset


class ActivityFilter(SimpleListFilter):
    """Call, Sent, Opened and so on (MIX-23)."""

    title = _("activity")
    parameter_name = "activity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, str(word)) for kind, word in LOG_WORDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(activity=self.value()) if self.value() else queryset


class ErrorFilter(SimpleListFilter):
    """The kind of refusal that a link names; not offered, because kinds are known only by it."""

    title = _("error")
    parameter_name = "error"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = str(self.value() or "")
        return [(chosen, chosen)] if chosen else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(error_code=self.value()) if self.value() else queryset


class MemberFilter(SimpleListFilter):
    """For those who see more than their own rows."""

    title = _("member")
    parameter_name = "member"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        members = Membership.objects.select_related("user")
        return [(str(member.pk), str(member)) for member in members]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = str(self.value() or "")
        return queryset.filter(owner=int(chosen)) if chosen.isdecimal() else queryset
