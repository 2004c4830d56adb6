"""SMS → Messages: every text of the workspace, and the page of each (MIT-50 to 54)."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from integrations.admin import cells
from integrations.admin.actions import buttons, object_action
from integrations.admin.base import EvidenceAdmin, RowPageAdmin
from integrations.admin.pagination import PreparedChangeList
from integrations.admin.site import console_page, console_site
from integrations.policy import membership_of
from integrations.roles import Capability
from integrations.row_search import NAME_OR_NUMBER
from sms import unconfirmed
from sms.admin import message_cells
from sms.admin.message_filters import MessageTimeFilter, StatusFilter
from sms.admin.message_page import describe_message
from sms.admin.message_views import describe_views
from sms.messaging import TextNotTaken
from sms.models import Message
from sms.selectors import list_visible_messages, opted_out_since, search_messages
from sms.unconfirmed import is_decidable


class MessageList(PreparedChangeList):
    """A page of messages, with who of them is opted out now."""

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        since = opted_out_since([message.phone_e164 for message in rows])
        for message in rows:
            message.opted_out_since = since.get(message.phone_e164)


@admin.register(Message, site=console_site)
class MessageAdmin(RowPageAdmin, EvidenceAdmin):
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
    search_help_text = NAME_OR_NUMBER
    sortable_by = ()
    list_before_template = "patchbay/sms/message_views.html"
    object_actions = ("it_was_sent", "send_again", "it_was_not_sent")
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
        listed: Any = queryset
        term, region = search_term.strip(), membership_of(request).workspace.default_region
        return (search_messages(listed, term, region) if term else listed), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page: HttpResponse = super().changelist_view(
            request, {**describe_views(request), **(extra_context or {})}
        )
        return page

    def show_row(self, request: HttpRequest, row: Message) -> HttpResponse:
        context = {
            **describe_message(membership_of(request), row),
            "object_buttons": buttons(self, request, row),
            "opts": self.opts,
            "original": row,
        }
        title = message_cells.other_party(row, row.workspace.default_region)
        return console_page(request, "patchbay/sms/message.html", context, title=title)

    @object_action(
        title=_("It was sent"),
        question=_(
            "The message stands as accepted from now on and gets its record in Salesforce. A "
            "report that comes later still counts."
        ),
        capability=Capability.SEND_MESSAGES,
        applies=is_decidable,
    )
    def it_was_sent(self, request: HttpRequest, message: Message) -> Any:
        unconfirmed.settle_as_sent(message, actor=membership_of(request))
        return _("The message stands as accepted.")

    @object_action(
        title=_("It was not sent: send again"),
        question=_(
            "A new message with the same text is sent, after the opt-outs are looked at once "
            "more. If the first one did leave after all, the person gets the text twice: look at "
            "the gateway's own log before you do this."
        ),
        capability=Capability.SEND_MESSAGES,
        is_dangerous=True,
        applies=is_decidable,
    )
    def send_again(self, request: HttpRequest, message: Message) -> HttpResponse:
        try:
            again = unconfirmed.send_again(message, actor=membership_of(request))
        except TextNotTaken as error:
            raise ValidationError(
                _("%(reason)s Nothing was sent and nothing has changed.")
                % {"reason": error.message}
            ) from error
        messages.success(request, _("This message is sent in place of the unconfirmed one."))
        return HttpResponseRedirect(reverse("admin:sms_message_change", args=(again.pk,)))

    @object_action(
        title=_("It was not sent: leave it"),
        question=_("The message stands as failed, and nothing is sent in its place."),
        capability=Capability.SEND_MESSAGES,
        applies=is_decidable,
    )
    def it_was_not_sent(self, request: HttpRequest, message: Message) -> Any:
        unconfirmed.settle_as_not_sent(message, actor=membership_of(request))
        return _("The message stands as failed.")

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
