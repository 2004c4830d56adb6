"""The last look at the campaign itself before one of its texts leaves.

The opt-outs are looked at beside it (RULES D8). Here: was the campaign paused or cancelled since
the text was made, and is it still within the hours where the recipient is?
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from integrations.clock import workspace_zone
from sms.campaigns.hours import first_moment, is_over
from sms.campaigns.launch import NEVER
from sms.models import CampaignRecipient, Message, SmsCampaign
from sms.statuses import MessageStatus


@dataclass(frozen=True, slots=True)
class Halt:
    """A text that does not leave now: for good (``state``), or until ``until``."""

    reason: str
    until: datetime | None = None
    state: MessageStatus = MessageStatus.QUEUED


def halts(messages: Collection[Message], now: datetime) -> Mapping[int, Halt]:
    """Which of these must not leave at this moment, by primary key; one query for campaigns."""
    keys = [one.pk for one in messages if one.origin == Message.Origin.CAMPAIGN]
    if not keys:
        return {}
    rows = CampaignRecipient.objects.filter(message__in=keys).select_related("campaign__workspace")
    found = {}
    for row in rows:
        halt = _halt(row.campaign, row, now, workspace_zone(row.campaign.workspace))
        if halt is not None and row.message_id is not None:
            found[row.message_id] = halt
    return found


def _halt(
    campaign: SmsCampaign, row: CampaignRecipient, now: datetime, fallback: ZoneInfo
) -> Halt | None:
    if campaign.state == SmsCampaign.State.CANCELLED:
        return Halt(_("The campaign was cancelled."), state=MessageStatus.CANCELLED)
    if campaign.state == SmsCampaign.State.PAUSED:
        return Halt(_("Paused."), until=NEVER)
    opening = first_moment(campaign, row.zones, now, fallback)
    if opening is not None and opening <= now:
        return None
    began = campaign.checked_at or campaign.launched_at or now
    stops = campaign.rest == SmsCampaign.Rest.STOPS
    if opening is None or (stops and is_over(campaign, row.zones, began, now, fallback)):
        return Halt(_("The hours of that day ended before its turn."), state=MessageStatus.SKIPPED)
    return Halt(_("It waits for the hours where the person is."), until=opening)
