"""SMS → Messages: every text of the workspace, and the page of each (MIT-50 to 54)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from integrations.admin import cells
from integrations.admin.base import EvidenceAdmin
from integrations.admin.pagination import CappedChangeList
from integrations.admin.site import console_site
from integrations.policy import membership_of
from integrations.roles import Capability
from sms.admin import message_cells
from sms.admin.message_filters import MessageTimeFilter, StatusFilter
from sms.models import Message
from sms.selectors import list_visible_messages, opted_out_since, search_messages


class MessageList(CappedChangeList):
    """A page of messages, with who of them is opted out now fetched at once."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        messages: list[Any] = list(self.result_list)
        since = opted_out_since([message.phone_e164 for message in messages])
        for message in messages:
            message.opted_out_since = since.get(message.phone_e164)
        self.result_list = messages


@admin.register(Message, site=console_site)
class MessageAdmin(EvidenceAdmin):
    """Newest first, always by the index; a message's page is ``sms.admin.message_page``."""

    menu_group, menu_icon, menu_order = "SMS", "forum", 10
    menu_title = _("Messages")
    view_capability = Capability.VIEW_MESSAGES

    list_display = (
        "direction_cell", "person_cell", "text_start", "status_cell", "segment_count",
        "sender_name", "created",
    )  # fmt: skip
    list_display_links = ("direction_cell",)
    list_select_related = ("workspace",)
    list_filter = ("direction", StatusFilter, "purpose", MessageTimeFilter)
    search_fields = ("phone_e164", "person_name")
    search_help_text = _("A number or its beginning, or the beginning of a name.")
    sortable_by = ()
    empty_hint = _(
        "No messages yet. Each text that is sent or received stands here, with what became of it."
    )

    def label_of(self, row: Message) -> str:
        party = message_cells.other_party(row, row.workspace.default_region)
        return f"{party} · {cells.moment_text(row.created_at)}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return list_visible_messages(membership_of(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        messages: Any = queryset
        term, region = search_term.strip(), membership_of(request).workspace.default_region
        return (search_messages(messages, term, region) if term else messages), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[MessageList]:
        return MessageList

    @admin.display(description=_("Direction"))
    def direction_cell(self, message: Message) -> SafeString:
        return message_cells.direction_cell(message)

    @admin.display(description=_("Person"))
    def person_cell(self, message: Any) -> SafeString:
        region = message.workspace.default_region
        return message_cells.person_cell(message, region, message.opted_out_since)

    @admin.display(description=_("Text"))
    def text_start(self, message: Message) -> SafeString:
        return message_cells.text_cell(message)

    @admin.display(description=_("Status"))
    def status_cell(self, message: Message) -> SafeString:
        return message_cells.status_cell(message)

    @admin.display(description=_("Segments"))
    def segment_count(self, message: Message) -> int:
        return message.segments

    @admin.display(description=_("Sender"))
    def sender_name(self, message: Message) -> str:
        return message_cells.sender_name(message)

    @admin.display(description=_("Time"))
    def created(self, message: Message) -> SafeString:
        return cells.moment(message.created_at)
