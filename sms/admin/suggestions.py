"""SMS → Opt-out suggestions: texts that may mean stop, for a person to decide (RULES D3)."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations.admin.actions import list_action, object_action
from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.cells import moment
from integrations.admin.chips import Chip, chip
from integrations.admin.site import console_site
from integrations.phones import format_national
from integrations.policy import membership_of
from integrations.roles import Capability
from sms import consent
from sms.models import OptOutSuggestion


class DecisionFilter(SimpleListFilter):
    """What is still to decide, unless somebody asks for what was decided."""

    title = _("decision")
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(one.value, one.label) for one in OptOutSuggestion.Decision]

    def choices(self, changelist: Any) -> Any:
        everything, *others = super().choices(changelist)
        yield {**everything, "display": _("To decide")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(decision=self.value() or "")


def _is_open(suggestion: OptOutSuggestion) -> bool:
    return not suggestion.decision


@admin.register(OptOutSuggestion, site=console_site)
class SuggestionAdmin(WorkspaceScopedAdmin):
    """The oldest first: marketing to a number waits until its text is decided."""

    menu_group, menu_icon, menu_order = "SMS", "live_help", 55
    menu_title = _("Opt-out suggestions")
    view_capability = Capability.MANAGE_SMS
    empty_hint = _(
        "Nothing to decide. A text with an opt-out word inside other words is put to you here."
    )

    list_display = ("number", "person", "what_was_written", "came", "standing")
    list_display_links = ("number",)
    list_select_related = ("message", "workspace", "decided_by")
    list_filter = (DecisionFilter,)
    sortable_by = ()
    fields = ("number", "person", "what_was_written", "keyword", "came", "standing")
    readonly_fields = fields
    actions = ("opt_out_ticked", "dismiss_ticked")
    object_actions = ("opt_out", "dismiss")

    def label_of(self, row: OptOutSuggestion) -> str:
        return format_national(row.phone_e164, row.workspace.default_region)

    @object_action(
        title=_("Opt out"),
        question=_("Nothing is sent to this number any more. The text is kept as the evidence."),
        capability=Capability.MANAGE_SMS,
        applies=_is_open,
    )
    def opt_out(self, request: HttpRequest, suggestion: OptOutSuggestion) -> str:
        return _decide_one(request, suggestion, opted_out=True)

    @object_action(
        title=_("It meant something else"),
        question=_("Texts to this number go on. Your decision stays with the evidence."),
        capability=Capability.MANAGE_SMS,
        applies=_is_open,
    )
    def dismiss(self, request: HttpRequest, suggestion: OptOutSuggestion) -> str:
        return _decide_one(request, suggestion, opted_out=False)

    @list_action(description=_("Opt out"), capability=Capability.MANAGE_SMS)
    def opt_out_ticked(self, request: HttpRequest, ticked: QuerySet[OptOutSuggestion]) -> None:
        _decide_ticked(request, ticked, opted_out=True)

    @list_action(description=_("They meant something else"), capability=Capability.MANAGE_SMS)
    def dismiss_ticked(self, request: HttpRequest, ticked: QuerySet[OptOutSuggestion]) -> None:
        _decide_ticked(request, ticked, opted_out=False)

    @admin.display(description=_("Number"))
    def number(self, suggestion: OptOutSuggestion) -> str:
        return self.label_of(suggestion)

    @admin.display(description=_("Person"))
    def person(self, suggestion: OptOutSuggestion) -> str:
        return suggestion.message.person_name or "–"

    @admin.display(description=_("What was written"))
    def what_was_written(self, suggestion: OptOutSuggestion) -> SafeString:
        return format_html('<div class="pb-filed">{}</div>', suggestion.message.text)

    @admin.display(description=_("Came"))
    def came(self, suggestion: OptOutSuggestion) -> SafeString:
        return moment(suggestion.created_at)

    @admin.display(description=_("Decision"))
    def standing(self, suggestion: OptOutSuggestion) -> SafeString:
        if _is_open(suggestion):
            return chip(Chip.ATTENTION, _("To decide"))
        return format_html(
            '<div class="pb-filed">{}<div class="pb-quiet">{} · {}</div></div>',
            chip(Chip.DONE, suggestion.get_decision_display()),
            suggestion.decided_by or _t("A former member"),
            moment(suggestion.decided_at),
        )


def _decide_one(request: HttpRequest, suggestion: OptOutSuggestion, *, opted_out: bool) -> str:
    actor = membership_of(request).user
    if not consent.decide(suggestion, opted_out=opted_out, actor=actor):
        raise ValidationError(_t("Somebody else decided this just now. Look again."))
    if opted_out:
        return _t("Nothing is sent to this number any more.")
    return _t("Texts to this number go on.")


def _decide_ticked(
    request: HttpRequest, ticked: QuerySet[OptOutSuggestion], *, opted_out: bool
) -> None:
    actor = membership_of(request).user
    count = sum(consent.decide(one, opted_out=opted_out, actor=actor) for one in ticked)
    told = ngettext("%(count)s suggestion decided.", "%(count)s suggestions decided.", count)
    messages.success(request, told % {"count": count})
