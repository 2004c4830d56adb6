"""Calls → History: the calls that a member may see, and the page of each."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from calls.admin import call_cells
from calls.admin.call_page import describe_call
from calls.admin.export import export_calls
from calls.admin.filed import Filed, describe_filed
from calls.admin.filters import OutcomeFilter, StartedFilter
from calls.models import Call
from calls.selectors import (
    list_visible_calls,
    list_writes,
    newest_traces,
    search_calls,
    with_agents,
)
from integrations.admin import cells
from integrations.admin.base import EvidenceAdmin, RowPageAdmin
from integrations.admin.pagination import PreparedChangeList
from integrations.admin.site import console_page, console_site
from integrations.planning import read_trace
from integrations.policy import membership_of, require
from integrations.roles import Capability
from integrations.row_search import NAME_OR_NUMBER


class CallList(PreparedChangeList):
    """A page of the history, with where each call was filed."""

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        filed = describe_where_filed(rows)
        for call in rows:
            call.filed = filed[call.pk]


def describe_where_filed(calls: list[Call]) -> dict[int, Filed]:
    """Where each of these calls was filed, in two queries."""
    call_ids = [call.pk for call in calls]
    writes, traces = list_writes(call_ids), newest_traces(call_ids)
    return {
        call.pk: describe_filed(call, writes[call.pk], read_trace(traces.get(call.pk)))
        for call in calls
    }


@admin.register(Call, site=console_site)
class CallHistoryAdmin(RowPageAdmin, EvidenceAdmin):
    """Newest first, always by the index; a call's page is ``calls.admin.call_page``."""

    menu_group, menu_icon, menu_order = "Calls", "history", 10
    menu_title = _("History")
    view_capability = Capability.VIEW_OWN_CALLS
    every_row_capability = Capability.VIEW_ALL_CALLS

    list_display = (
        "direction_cell", "person_cell", "account", "agents", "started", "outcome_cell",
        "where_filed",
    )  # fmt: skip
    list_display_links = ("direction_cell",)
    list_select_related = ("workspace",)
    list_filter = ("direction", OutcomeFilter, "needs_review", StartedFilter)
    search_fields = ("external_e164", "contact_name")
    search_help_text = NAME_OR_NUMBER
    sortable_by = ()
    list_before_template = "patchbay/calls/export_link.html"
    empty_hint = _(
        "No calls yet. Each one stands here a moment after the phone system reports it: who it "
        "was, how it went, and where it was filed."
    )

    def label_of(self, row: Call) -> str:
        party = call_cells.other_party(row, row.workspace.default_region)
        return f"{party} · {cells.moment_text(row.started_at)}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_agents(list_visible_calls(membership_of(request)))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        calls: Any = queryset
        term, region = search_term.strip(), membership_of(request).workspace.default_region
        return (search_calls(calls, term, region) if term else calls), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CallList]:
        return CallList

    def get_urls(self) -> list[URLPattern]:
        export = path(
            "export/", self.admin_site.admin_view(self.export_view), name="calls_call_export"
        )
        return [export, *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The list as it is filtered now, as CSV."""
        if request.method != "GET":
            return HttpResponseNotAllowed(("GET",))
        require(membership_of(request), self.view_capability)
        listed = self.get_changelist_instance(request).get_queryset(request)
        return export_calls(listed, membership_of(request))

    def show_row(self, request: HttpRequest, row: Call) -> HttpResponse:
        context = {
            **describe_call(membership_of(request), row),
            "opts": self.opts,
            "original": row,
        }
        title = call_cells.other_party(row, row.workspace.default_region)
        return console_page(request, "patchbay/calls/call.html", context, title=title)

    @admin.display(description=_("Direction"))
    def direction_cell(self, call: Call) -> SafeString:
        return call_cells.direction_cell(call)

    @admin.display(description=_("Person"))
    def person_cell(self, call: Call) -> SafeString:
        return call_cells.person_link(call)

    @admin.display(description=_("Account"))
    def account(self, call: Call) -> str:
        return call.account_name or "–"

    @admin.display(description=_("Agent"))
    def agents(self, call: Call) -> str:
        return ", ".join(call_cells.agent_names(call)) or "–"

    @admin.display(description=_("Start"))
    def started(self, call: Call) -> SafeString:
        return cells.moment(call.started_at)

    @admin.display(description=_("Outcome"))
    def outcome_cell(self, call: Call) -> SafeString:
        return format_html(
            '<div class="pb-stack">{}<span title="{}">{}</span></div>',
            call_cells.outcome_chip(call),
            _("Duration: the talk, holds included"),
            call_cells.talk_length(call) if call.answered_at else "",
        )

    @admin.display(description=_("Filed"))
    def where_filed(self, call: Any) -> SafeString:
        filed: Filed = call.filed
        return format_html(
            '<div class="pb-filed">{} {}<div class="pb-quiet">{}</div></div>',
            filed.chip,
            filed.links,
            filed.text,
        )
