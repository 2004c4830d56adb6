"""Campaigns whose members were read already, for tests that need no Salesforce."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from django.utils import timezone

from integrations.models import Workspace
from sms.campaigns.work import take_step
from sms.models import CampaignRecipient, SmsCampaign

RECORD = "701000000000001AAA"


def make_campaign(workspace: Workspace, text: str = "Hi {{FirstName}}", **fields: Any) -> Any:
    """A campaign that has its members, and whose hours are always open."""
    values = {
        "org_id": "00D000000000001EAA",
        "campaign_record_id": RECORD,
        "campaign_name": "Spring",
        "text": text,
        "fields": ["FirstName"],
        "read_at": timezone.now(),
        "opens": time.min,
        "closes": time.max,
        "on_sundays": True,
    }
    return SmsCampaign.objects.create(workspace=workspace, **(values | fields))


def add_recipients(
    campaign: SmsCampaign, people: Sequence[dict[str, Any]]
) -> list[CampaignRecipient]:
    """One a dictionary; what is left out is that of Ada in the United Kingdom."""
    usual: dict[str, Any] = {
        "sobject": "Contact",
        "name": "Ada",
        "country": "GB",
        "zones": ["Europe/London"],
        "values": {"FirstName": "Ada"},
    }
    start = CampaignRecipient.objects.filter(campaign=campaign).count()
    rows = [
        CampaignRecipient(
            workspace=campaign.workspace,
            campaign=campaign,
            **{
                "member_id": f"00v{number:015}",
                "record_id": f"003{number:015}",
                "phone_e164": f"+44770090{number:04}",
                **usual,
                **person,
            },
        )
        for number, person in enumerate(people, start)
    ]
    return CampaignRecipient.objects.bulk_create(rows)


def prepare(campaign: SmsCampaign) -> SmsCampaign:
    """The worker has worked everything out."""
    take_step(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.state == SmsCampaign.State.READY, campaign.waits_for
    return campaign


def outcomes(campaign: SmsCampaign) -> list[tuple[str, str, int]]:
    """State, reason and segments of each, in order."""
    rows = CampaignRecipient.objects.filter(campaign=campaign).order_by("pk")
    return list(rows.values_list("state", "reason", "segments"))
