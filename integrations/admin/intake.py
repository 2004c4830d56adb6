"""What arrived from outside: the evidence, what could not be understood, what was refused."""

import json
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations import inbox
from integrations.admin.actions import list_action, object_action
from integrations.admin.base import EvidenceAdmin
from integrations.admin.cells import moment
from integrations.admin.chips import Chip, chip
from integrations.admin.filters import OwnRowsFilter, PeriodFilter
from integrations.admin.site import console_site
from integrations.audit import record
from integrations.models import InboundEvent, IntakeCount
from integrations.policy import membership_of
from integrations.roles import Capability

_SUMMARY_HOURS = 24
_CHIPS = {
    InboundEvent.State.RECEIVED: Chip.WAITING,
    InboundEvent.State.CLAIMED: Chip.WORKING,
    InboundEvent.State.PROCESSED: Chip.DONE,
    InboundEvent.State.FAILED: Chip.FAILED,
}


class ReceivedFilter(PeriodFilter):
    """When it arrived."""

    field = "received_at"


@admin.register(InboundEvent, site=console_site)
class InboundEventAdmin(EvidenceAdmin):
    """Deliveries as received. A failed one can be understood once more after its cause is gone."""

    menu_group, menu_icon, menu_order = "Workspace", "move_to_inbox", 60
    menu_title = _("What arrived")
    empty_hint = _(
        "Nothing has arrived yet. Enter the callback address of a phone system there first."
    )
    view_capability = Capability.VIEW_INTAKE

    list_display = ("arrived", "connection", "sender_id", "state_chip", "attempts", "reason")
    list_select_related = ("connection",)
    list_filter = ("state", ("connection", OwnRowsFilter), ReceivedFilter)
    list_filter_submit = True
    list_before_template = "patchbay/parts/intake_summary.html"
    search_fields = ("=dedupe_key",)
    search_help_text = _("The sender's own id of the event, whole.")
    fields = (
        "arrived", "connection", "sender_id", "state_chip", "attempts", "error", "understood",
        "body_as_received",
    )  # fmt: skip
    readonly_fields = ("arrived", "sender_id", "state_chip", "understood", "body_as_received")
    actions = ("replay_ticked",)
    object_actions = ("replay",)

    def label_of(self, row: InboundEvent) -> str:
        return row.dedupe_key

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page: HttpResponse = super().changelist_view(
            request, {"intake_summary": summarise_intake(), **(extra_context or {})}
        )
        return page

    @list_action(description=_("Understand again"), capability=Capability.REPLAY_EVENTS)
    def replay_ticked(self, request: HttpRequest, events: QuerySet[InboundEvent]) -> None:
        messages.success(request, _replay(request, events))

    @object_action(
        title=_("Understand again"),
        question=_("The event is taken once more, exactly as it was received."),
        capability=Capability.REPLAY_EVENTS,
        applies=lambda event: event.state == InboundEvent.State.FAILED,
    )
    def replay(self, request: HttpRequest, event: InboundEvent) -> str:
        return _replay(request, InboundEvent.objects.filter(pk=event.pk))

    @admin.display(description=_("Arrived"), ordering="received_at")
    def arrived(self, event: InboundEvent) -> SafeString:
        return moment(event.received_at, seconds=True)

    @admin.display(description=_("Understood"))
    def understood(self, event: InboundEvent) -> SafeString:
        return moment(event.processed_at, seconds=True)

    @admin.display(description=_("Sender's id"))
    def sender_id(self, event: InboundEvent) -> str:
        return event.dedupe_key

    @admin.display(description=_("State"), ordering="state")
    def state_chip(self, event: InboundEvent) -> SafeString:
        return chip(_CHIPS[InboundEvent.State(event.state)], event.get_state_display())

    @admin.display(description=_("Why not"))
    def reason(self, event: InboundEvent) -> str:
        return event.error.partition("\n")[0][:120] or "–"

    @admin.display(description=_("As received"))
    def body_as_received(self, event: InboundEvent) -> SafeString:
        return format_html('<pre class="pb-evidence">{}</pre>', _indented(event.body))


def summarise_intake() -> list[dict[str, Any]]:
    """How deliveries were answered in the last 24 hours: label, count, whether it is a refusal."""
    since = timezone.now() - timedelta(hours=_SUMMARY_HOURS)
    counts = (
        IntakeCount.objects.filter(hour__gte=since)
        .order_by()
        .values_list("result")
        .annotate(total=Sum("count"))
    )
    totals = dict(counts)
    welcome = (IntakeCount.Result.ACCEPTED, IntakeCount.Result.REPEATED)
    return [
        {"label": result.label, "count": totals[result], "is_refusal": result not in welcome}
        for result in IntakeCount.Result
        if result in totals
    ]


def _replay(request: HttpRequest, events: QuerySet[InboundEvent]) -> str:
    count = inbox.replay(events)
    record(
        membership_of(request).user,
        "inbound_event.replayed",
        after={"events": count},
        request=request,
    )
    return ngettext(
        "%(count)s event will be understood again.",
        "%(count)s events will be understood again.",
        count,
    ) % {"count": count}


def _indented(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
