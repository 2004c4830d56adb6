"""SMS → Campaigns: the list, one campaign's page, and pausing, resuming and ending it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from integrations.admin.actions import buttons, object_action
from integrations.admin.base import RowPageAdmin
from integrations.admin.cells import moment
from integrations.admin.chips import Chip, chip
from integrations.admin.site import console_page, console_site
from integrations.policy import membership_of
from integrations.roles import Capability
from sms.admin.campaign_page import describe_campaign
from sms.admin.campaign_words import begin_campaign
from sms.campaigns import drafts, launch
from sms.campaigns.drafts import CampaignNotChanged
from sms.models import SmsCampaign

State = SmsCampaign.State
_CHIPS = {
    State.DRAFT: Chip.ATTENTION,
    State.PREPARING: Chip.WORKING,
    State.READY: Chip.WAITING,
    State.SCHEDULED: Chip.WAITING,
    State.SENDING: Chip.WORKING,
    State.PAUSED: Chip.ATTENTION,
    State.CANCELLED: Chip.WAITING,
    State.DONE: Chip.DONE,
}
Act = Callable[..., None]


def state_chip(campaign: SmsCampaign) -> SafeString:
    """Where a campaign stands."""
    return chip(_CHIPS[State(campaign.state)], campaign.get_state_display())


@admin.register(SmsCampaign, site=console_site)
class SmsCampaignAdmin(RowPageAdmin):
    """Newest first; the figures are those that were counted last, so the list opens at once."""

    menu_group, menu_icon, menu_order = "SMS", "campaign", 8
    menu_title = _("Campaigns")
    view_capability = Capability.VIEW_MESSAGES
    add_capability = Capability.SEND_MESSAGES

    list_display = (
        "campaign_name", "status_cell", "recipients", "left_out", "sent", "delivered", "failed",
        "made",
    )  # fmt: skip
    list_display_links = ("campaign_name",)
    list_filter = ("state",)
    search_fields = ("campaign_name",)
    search_help_text = _("A word of the campaign's name.")
    sortable_by = ()
    object_actions = ("pause", "resume", "read_again", "cancel")
    empty_hint = _(
        "No campaigns yet. Choose one of Salesforce's campaigns and write to all of its members; "
        "nothing is sent before you have seen whom it reaches, what it says and what it costs."
    )

    def label_of(self, row: SmsCampaign) -> str:
        return row.campaign_name

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("workspace", "sender", "membership__user", "launched_by__user")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Which campaign of Salesforce, then the words."""
        return begin_campaign(request)

    def show_row(self, request: HttpRequest, row: SmsCampaign) -> HttpResponse:
        context = {
            **describe_campaign(membership_of(request), row),
            "status": state_chip(row),
            "object_buttons": buttons(self, request, row),
            "opts": self.opts,
            "original": row,
        }
        title = row.campaign_name
        return console_page(request, "patchbay/sms/campaign.html", context, title=title)

    @object_action(
        title=_("Pause"),
        question=_(
            "Nothing more is handed to the gateway until somebody resumes it. What is being handed "
            "over at this moment still goes: at most eight texts of each worker."
        ),
        capability=Capability.SEND_MESSAGES,
        applies=lambda campaign: campaign.state in launch.RUNNING,
    )
    def pause(self, request: HttpRequest, campaign: SmsCampaign) -> Any:
        _carry_out(launch.pause, request, campaign)
        return _("The campaign is paused.")

    @object_action(
        title=_("Resume"),
        question=_(
            "Sending goes on where it stopped. Opt-outs and hours are looked at again for every "
            "text."
        ),
        capability=Capability.SEND_MESSAGES,
        applies=lambda campaign: campaign.state == State.PAUSED,
    )
    def resume(self, request: HttpRequest, campaign: SmsCampaign) -> Any:
        _carry_out(launch.resume, request, campaign)
        return _("The campaign goes on.")

    @object_action(
        title=_("Read the members again"),
        question=_(
            "A new snapshot of the members is taken from Salesforce, and every text is worked out "
            "anew. Nothing is sent."
        ),
        capability=Capability.SEND_MESSAGES,
        applies=lambda campaign: campaign.state in (State.DRAFT, State.READY),
    )
    def read_again(self, request: HttpRequest, campaign: SmsCampaign) -> Any:
        _carry_out(drafts.read_again, request, campaign)
        return _("The members are read again.")

    @object_action(
        title=_("Cancel the campaign"),
        question=_(
            "What was not handed to the gateway yet is never sent. What was sent stays sent. This "
            "cannot be undone."
        ),
        capability=Capability.SEND_MESSAGES,
        is_dangerous=True,
        applies=lambda campaign: campaign.state in launch.ENDABLE,
    )
    def cancel(self, request: HttpRequest, campaign: SmsCampaign) -> Any:
        _carry_out(launch.cancel, request, campaign)
        return _("The campaign is cancelled.")

    @admin.display(description=_("Status"))
    def status_cell(self, campaign: SmsCampaign) -> SafeString:
        return state_chip(campaign)

    @admin.display(description=_("Recipients"))
    def recipients(self, campaign: SmsCampaign) -> str:
        return f"{campaign.recipient_count:,}"

    @admin.display(description=_("Left out"))
    def left_out(self, campaign: SmsCampaign) -> str:
        return f"{campaign.excluded_count:,}"

    @admin.display(description=_("Sent"))
    def sent(self, campaign: SmsCampaign) -> str:
        return f"{campaign.sent_count:,}"

    @admin.display(description=_("Delivered"))
    def delivered(self, campaign: SmsCampaign) -> str:
        return f"{campaign.delivered_count:,}"

    @admin.display(description=_("Failed"))
    def failed(self, campaign: SmsCampaign) -> str:
        return f"{campaign.failed_count:,}"

    @admin.display(description=_("Made"))
    def made(self, campaign: SmsCampaign) -> SafeString:
        return moment(campaign.created_at)


def _carry_out(act: Act, request: HttpRequest, campaign: SmsCampaign) -> None:
    """Do it, or tell the person why it cannot be done any more."""
    by = membership_of(request)
    try:
        act(campaign, by=by)
    except CampaignNotChanged as error:
        raise ValidationError(error.message) from error
