"""The audit: who changed what, from where, before and after."""

import json
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from integrations.admin.base import EvidenceAdmin
from integrations.admin.site import console_site
from integrations.models import AuditEntry
from integrations.roles import Capability


@admin.register(AuditEntry, site=console_site)
class AuditEntryAdmin(EvidenceAdmin):
    """Lines are only ever added, by ``integrations.audit.record``."""

    menu_group, menu_icon, menu_order = "Workspace", "history", 80
    menu_title = _("Audit")
    empty_hint = _("Nobody has changed anything yet.")
    view_capability = Capability.VIEW_AUDIT

    list_display = ("created_at", "actor_label", "action", "target_label", "address")
    list_display_links = ("created_at", "action")
    list_filter = (("created_at", RangeDateFilter),)
    list_filter_submit = True
    search_fields = (
        "actor_label__istartswith", "action__istartswith", "target_label__istartswith",
    )  # fmt: skip
    fields = (
        "created_at", "actor_label", "action", "target_label", "address", "changes",
    )  # fmt: skip
    readonly_fields = ("changes",)

    @admin.display(description=_("Before and after"))
    def changes(self, entry: AuditEntry) -> SafeString:
        return format_html(
            '<pre class="pb-evidence">{}</pre>',
            _as_json({"before": entry.before, "after": entry.after}),
        )


def _as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
