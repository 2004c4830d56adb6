"""Salesforce → Activity log: each record that was to be written, how it stands, and why."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations import activity
from integrations.activity_words import activity_word
from integrations.admin import cells
from integrations.admin.actions import buttons, list_action, object_action
from integrations.admin.activity_filters import (
    ActivityFilter,
    ErrorFilter,
    MemberFilter,
    StatusFilter,
    TypeFilter,
)
from integrations.admin.base import EvidenceAdmin, RowPageAdmin
from integrations.admin.pagination import PreparedChangeList
from integrations.admin.site import console_page, console_site
from integrations.admin.write_stories import status_chip, tell_story
from integrations.models import CrmWrite, CrmWriteAttempt, Membership, WriteState
from integrations.policy import can, membership_of
from integrations.record_links import record_url
from integrations.replay import may_retry_like, writes_failed_like
from integrations.roles import Capability
from integrations.row_search import NAME_OR_NUMBER


class ActivityList(PreparedChangeList):
    """A page of the log, with what its rows are about."""

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        about = activity.describe_subjects(membership_of(request), rows)
        for write in rows:
            write.subject = about[write.pk]


@admin.register(CrmWrite, site=console_site)
class ActivityLogAdmin(RowPageAdmin, EvidenceAdmin):
    """Members read their own rows, admins all; RULES C8 keeps what the log no longer reaches."""

    menu_group, menu_icon, menu_order = "Salesforce", "checklist", 30
    menu_title = _("Activity log")
    view_capability = Capability.VIEW_OWN_ACTIVITY
    every_row_capability = Capability.VIEW_ALL_ACTIVITY

    list_display = (
        "status", "time", "what", "type", "person", "record", "owner_name",
    )  # fmt: skip
    list_display_links = ("time",)
    list_select_related = ("owner__user", "connection", "workspace")
    list_filter = (StatusFilter, ActivityFilter, TypeFilter, ErrorFilter, MemberFilter, "state")
    search_fields = ("label",)
    search_help_text = NAME_OR_NUMBER
    sortable_by = ()
    actions = ("retry_ticked",)
    object_actions = ("retry",)
    empty_hint = _(
        "Nothing to show of the last 15 days. Each call record stands here as soon as Patchbay "
        "makes it: whether Salesforce has it, and if not, why."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = activity.visible_writes(membership_of(request))
        return rows

    def get_list_filter(self, request: HttpRequest) -> Any:
        if can(membership_of(request), Capability.VIEW_ALL_ACTIVITY):
            return self.list_filter
        return tuple(item for item in self.list_filter if item is not MemberFilter)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        rows: Any = queryset
        region = membership_of(request).workspace.default_region
        term = search_term.strip()
        return (activity.search_writes(rows, term, region) if term else rows), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ActivityList]:
        return ActivityList

    def show_row(self, request: HttpRequest, row: CrmWrite) -> HttpResponse:
        context = {
            **describe_line(membership_of(request), row),
            "opts": self.opts,
            "original": row,
            "object_buttons": buttons(self, request, row),
        }
        return console_page(request, "patchbay/activity/line.html", context, title=row.label)

    @list_action(description=_("Retry"), capability=Capability.VIEW_OWN_ACTIVITY)
    def retry_ticked(self, request: HttpRequest, rows: QuerySet[CrmWrite]) -> None:
        ticked = rows.filter(state__in=activity.RETRYABLE_STATES)
        retried = activity.retry_writes(ticked, actor=membership_of(request), request=request)
        messages.success(request, _told(retried))

    @object_action(
        title=_("Retry"),
        question=_("Patchbay sends the record to Salesforce once more, within seconds."),
        capability=Capability.VIEW_OWN_ACTIVITY,
        applies=lambda write: write.state in activity.RETRYABLE_STATES,
    )
    def retry(self, request: HttpRequest, write: CrmWrite) -> str:
        retried = activity.retry_writes([write], actor=membership_of(request), request=request)
        return _told(retried)

    @admin.display(description=_("Status"))
    def status(self, write: CrmWrite) -> SafeString:
        return format_html(
            '<div class="pb-stack">{}<span class="pb-quiet">{}</span></div>',
            status_chip(write),
            "" if write.state == WriteState.DONE else write.get_state_display(),
        )

    @admin.display(description=_("Time"))
    def time(self, write: CrmWrite) -> SafeString:
        return cells.moment(write.created_at)

    @admin.display(description=_("Activity"))
    def what(self, write: Any) -> SafeString:
        return format_html(
            '<div class="pb-filed">{}<div class="pb-quiet">{}</div>{}</div>',
            activity_word(write.activity),
            write.label,
            format_html('<div class="pb-quiet">{}</div>', write.error_message[:200])
            if write.state == WriteState.NEEDS_ATTENTION
            else "",
        )

    @admin.display(description=_("Type"))
    def type(self, write: CrmWrite) -> str:
        return write.sobject

    @admin.display(description=_("Person"))
    def person(self, write: Any) -> Any:
        number = cells.phone_number(write.phone_e164, write.workspace.default_region, write.pk)
        return format_html("<div>{}</div>{}", write.subject.person, number)

    @admin.display(description=_("Record"))
    def record(self, write: CrmWrite) -> SafeString:
        url = record_url(write.connection, write.salesforce_record_id)
        return cells.outside_link(url, _("Open") if url else write.salesforce_record_id or "–")

    @admin.display(description=_("Owner"))
    def owner_name(self, write: CrmWrite) -> str:
        return str(write.owner) if write.owner else "–"


def describe_line(membership: Membership, write: CrmWrite) -> dict[str, Any]:
    """The context of one line's page: the request, every answer, and what to do."""
    attempts = list(CrmWriteAttempt.objects.filter(write=write))
    return {
        "alike": _count_alike(membership, write),
        "fields": _fields_named(attempts),
        "trace": activity.trace_of(write),
        "write": write,
        "region": membership.workspace.default_region,
        "owner": write.owner,
        "activity": activity_word(write.activity),
        "subject": activity.describe_subjects(membership, [write])[write.pk],
        "status": status_chip(write),
        "story": tell_story(write),
        "record_url": record_url(write.connection, write.salesforce_record_id),
        "attempts": attempts[::-1],
    }


def _count_alike(membership: Membership, write: CrmWrite) -> int:
    """How many failed for the same cause, where this member may retry them together."""
    if write.state != WriteState.NEEDS_ATTENTION or not may_retry_like(membership):
        return 0
    return writes_failed_like(membership, write).count()


def _fields_named(attempts: Sequence[CrmWriteAttempt]) -> list[str]:
    """The fields that Salesforce's last answer names."""
    answer = attempts[-1].answer if attempts else None
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return [str(name) for name in (errors[0].get("fields") or ())] if errors else []


def _told(retried: int) -> str:
    if not retried:
        return str(_("Nothing was to be retried: only what failed can be."))
    return ngettext(
        "%(count)s record will be tried again.", "%(count)s records will be tried again.", retried
    ) % {"count": retried}
