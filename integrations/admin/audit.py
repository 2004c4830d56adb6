"""The audit: who changed what, from where, before and after."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from integrations.admin.base import EvidenceAdmin
from integrations.admin.cells import moment
from integrations.admin.filters import PeriodFilter
from integrations.admin.site import console_site
from integrations.models import AuditEntry
from integrations.roles import Capability
from integrations.row_search import find_by_name

#: Nouns of actions that people know by another name.
_NOUNS = {"crm write": _("Salesforce record"), "inbound event": _("Event")}


class ChangedFilter(PeriodFilter):
    """When it was changed."""

    field = "created_at"


@admin.register(AuditEntry, site=console_site)
class AuditEntryAdmin(EvidenceAdmin):
    """Lines are only ever added, by ``integrations.audit.record``."""

    menu_group, menu_icon, menu_order = "Workspace", "history", 80
    menu_title = _("Audit")
    empty_hint = _("Nobody has changed anything yet.")
    view_capability = Capability.VIEW_AUDIT

    list_display = ("when", "who", "what", "about", "from_where")
    list_display_links = ("when", "what")
    list_filter = (ChangedFilter,)
    list_filter_submit = True
    search_fields = ("actor_label", "action", "target_label")
    search_help_text = _("The beginning of a mail address, or of a word of what was changed.")
    fields = readonly_fields = ("when", "who", "what", "about", "from_where", "changes")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (find_by_name(queryset, term, *self.search_fields) if term else queryset), False

    def label_of(self, row: AuditEntry) -> str:
        return f"{_in_words(row.action)} {row.target_label}".strip()

    @admin.display(description=_("When"), ordering="created_at")
    def when(self, entry: AuditEntry) -> SafeString:
        return moment(entry.created_at, seconds=True)

    @admin.display(description=_("Who"))
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_label

    @admin.display(description=_("What"))
    def what(self, entry: AuditEntry) -> str:
        return _in_words(entry.action)

    @admin.display(description=_("About"))
    def about(self, entry: AuditEntry) -> str:
        return entry.target_label or "–"

    @admin.display(description=_("From address"))
    def from_where(self, entry: AuditEntry) -> str:
        return entry.address or "–"

    @admin.display(description=_("Before and after"))
    def changes(self, entry: AuditEntry) -> SafeString:
        return format_html(
            '<pre class="pb-evidence">{}</pre>',
            _as_json({"before": entry.before, "after": entry.after}),
        )


def _in_words(action: str) -> str:
    """``phone_system.secret_revealed`` reads "Phone system: secret revealed"."""
    noun, _dot, done = action.replace("_", " ").partition(".")
    shown = _NOUNS.get(noun, noun.capitalize())
    return f"{shown}: {done}" if done else str(shown)


def _as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
