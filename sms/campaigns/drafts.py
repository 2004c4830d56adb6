"""Making a campaign and changing it before it is launched; each change is worked out anew.

Callers have asked the policy. What is under way already cannot be changed.
"""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations import audit
from integrations.errors import Refused
from integrations.models import Membership
from integrations.queueing import enqueue
from integrations.tenancy import current_workspace_id
from sms.campaigns.audience import USUAL_FIELDS, CampaignRecord, usable_connection
from sms.merge import read_template
from sms.merge_fields import faults_of, known_fields
from sms.models import Sender, SmsCampaign, Template

_KIND = Template.Kind.CAMPAIGN
#: Before the launch: words, sender and hours can be changed.
CHANGEABLE = (SmsCampaign.State.DRAFT, SmsCampaign.State.PREPARING, SmsCampaign.State.READY)


class CampaignNotChanged(Refused):
    """The campaign stays as it is; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Hours:
    """When a campaign may be sent, in the recipients' own time; ``starts_at`` None: at once."""

    starts_at: datetime | None = None
    opens: time = time(9)
    closes: time = time(20)
    on_sundays: bool = False
    rest: str = SmsCampaign.Rest.NEXT_DAY


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is sent and from whom. ``template`` is the one whose words they are, unchanged."""

    text: str
    sender: Sender | None = None
    template: Template | None = None
    is_plain: bool = False


def create(record: CampaignRecord, words: Words, *, by: Membership) -> SmsCampaign:
    """Begin a campaign: its members are read in the background. Raises CampaignNotChanged with
    what is wrong with the text, and NeedsAttention where Salesforce is not connected."""
    connection = usable_connection()
    names = _check(words)
    with transaction.atomic():
        campaign = SmsCampaign.objects.create(
            workspace_id=current_workspace_id(),
            org_id=connection.org_id,
            campaign_record_id=record.record_id,
            campaign_name=record.name,
            membership=by,
            fields=sorted({*USUAL_FIELDS, *names}),
            members_total=record.member_count,
            **_columns(words),
        )
        audit.record(by.user, "campaign.made", record.name, after={"text": words.text})
        wake(campaign.pk)
    return campaign


def change_words(campaign: SmsCampaign, words: Words, *, by: Membership) -> None:
    """Say something else, or from another sender; the members are read again only where the new
    words need fields that were not read. Raises CampaignNotChanged."""
    names = _check(words)
    changes = _columns(words) | {"rendered_up_to": 0}
    if missing := names - set(campaign.fields):
        changes |= {"fields": sorted({*campaign.fields, *missing})} | _UNREAD
    _change(campaign, by, changes)


def read_again(campaign: SmsCampaign, *, by: Membership) -> None:
    """Take a new snapshot of the members. Raises CampaignNotChanged."""
    _change(campaign, by, _UNREAD)


def change_hours(campaign: SmsCampaign, hours: Hours, *, by: Membership) -> None:
    """When it may be sent; nothing has to be worked out again. Raises CampaignNotChanged."""
    if hours.opens >= hours.closes:
        raise CampaignNotChanged(_("The hours must end after they begin."))
    values = {name: getattr(hours, name) for name in Hours.__dataclass_fields__}
    with transaction.atomic():
        if not SmsCampaign.objects.filter(pk=campaign.pk, state__in=CHANGEABLE).update(**values):
            raise CampaignNotChanged(_under_way())
        audit.record(
            by.user,
            "campaign.hours_changed",
            campaign.campaign_name,
            after={name: str(value) for name, value in values.items()},
        )


_UNREAD: dict[str, Any] = {
    "members_read": 0,
    "last_member_id": "",
    "read_at": None,
    "rendered_up_to": 0,
}


def _change(campaign: SmsCampaign, by: Membership, changes: dict[str, Any]) -> None:
    """Begin the preparation once more; a worker that is at it loses its claim."""
    preparing = {
        "state": SmsCampaign.State.PREPARING,
        "waits_for": "",
        "claim_token": None,
        "lease_expires_at": None,
        "next_attempt_at": Now(),
    }
    with transaction.atomic():
        open_rows = SmsCampaign.objects.filter(pk=campaign.pk, state__in=CHANGEABLE)
        if not open_rows.update(**changes, **preparing):
            raise CampaignNotChanged(_under_way())
        audit.record(
            by.user,
            "campaign.changed",
            campaign.campaign_name,
            before={"text": campaign.text, "sender": str(campaign.sender or "")},
            after={"text": changes.get("text", campaign.text)},
        )
        wake(campaign.pk)


def wake(campaign_id: int) -> None:
    """Ask a worker to go on with a campaign once the transaction commits."""
    enqueue("background", "sms.jobs.work_on_campaign", campaign_id)


def _check(words: Words) -> set[str]:
    """The fields of a text that can be sent to leads and contacts alike."""
    template = read_template(words.text)
    if not words.text.strip():
        raise CampaignNotChanged(_("There is no text to send."))
    if faults := faults_of(template, _KIND, known_fields()):
        raise CampaignNotChanged(" ".join(faults))
    return set(template.names)


def _columns(words: Words) -> dict[str, Any]:
    template = words.template if words.template and words.template.text == words.text else None
    return {
        "text": words.text,
        "template": template,
        "template_version": template.version if template else None,
        "sender": words.sender,
        "is_plain": words.is_plain,
    }


def _under_way() -> str:
    return _("This campaign was launched or ended meanwhile. It cannot be changed any more.")


def starts_later(campaign: SmsCampaign) -> bool:
    """Whether its time is still to come."""
    return campaign.starts_at is not None and campaign.starts_at > timezone.now()
