"""Filters of the messages list."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from integrations.admin.filters import PeriodFilter
from sms.statuses import MessageStatus

_FAILED = (
    MessageStatus.EXPIRED,
    MessageStatus.FAILED,
    MessageStatus.REJECTED,
    MessageStatus.UNDELIVERED,
)
#: What people ask for: our words, and the groups of them that mean the same to a person.
_GROUPS: dict[str, tuple[MessageStatus, ...]] = {
    "waiting": (MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.SUBMITTING),
    "under_way": (MessageStatus.ACCEPTED, MessageStatus.SENT, MessageStatus.BUFFERED),
    "not_delivered": _FAILED,
}


class StatusFilter(SimpleListFilter):
    """A fixed list: asking the table for its distinct values would read all of it."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        words = (
            MessageStatus.DELIVERED,
            MessageStatus.UNCONFIRMED,
            MessageStatus.SKIPPED,
            MessageStatus.CANCELLED,
            MessageStatus.RECEIVED,
            MessageStatus.OPTOUT,
        )
        return [
            ("waiting", _("Waiting to be sent")),
            ("under_way", _("Sent, not delivered yet")),
            ("not_delivered", _("Failed")),
            *((word.value, word.label) for word in words),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.value()
        if not asked:
            return queryset
        return queryset.filter(state__in=_GROUPS.get(asked, (asked,)))


class MessageTimeFilter(PeriodFilter):
    """When it was taken on, or came."""

    field = "created_at"
