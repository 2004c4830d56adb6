"""Launching, pausing and ending a campaign: each is one conditional update, so of two people who
press at the same moment one acts and the other is told.

Callers have asked the policy.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations import audit
from integrations.models import Membership
from integrations.tenancy import WorkspaceQuerySet
from sms.campaigns.drafts import CampaignNotChanged, starts_later, wake
from sms.messaging import wake as wake_sending
from sms.models import CampaignRecipient, Message, SmsCampaign
from sms.statuses import RANK, MessageStatus

State = SmsCampaign.State
#: What may be paused or cancelled.
RUNNING = (State.SCHEDULED, State.SENDING)
ENDABLE = (State.DRAFT, State.PREPARING, State.READY, *RUNNING, State.PAUSED)
#: What has certainly not left yet. Whose claim is taken away is not handed over any more.
_STILL_HERE = (MessageStatus.QUEUED, MessageStatus.CLAIMED)
#: A paused text is due then; nobody waits so long.
NEVER = datetime(2200, 1, 1, tzinfo=UTC)
_FREED: dict[str, Any] = {"claim_token": None, "lease_expires_at": None}


@dataclass(frozen=True, slots=True)
class Agreed:
    """What somebody read on the confirmation: nothing else is launched."""

    recipients: int
    segments: int


def launch(campaign: SmsCampaign, agreed: Agreed, *, by: Membership) -> None:
    """Send, or schedule, what was agreed to. Raises CampaignNotChanged with what came before."""
    if not agreed.recipients:
        raise CampaignNotChanged(_("Nobody would get this text. Nothing was launched."))
    starts_at = campaign.starts_at if starts_later(campaign) else None
    agreed_rows = SmsCampaign.objects.filter(
        pk=campaign.pk,
        state=State.READY,
        recipient_count=agreed.recipients,
        segment_count=agreed.segments,
        starts_at=campaign.starts_at,
    )
    try:
        with transaction.atomic():
            launched = agreed_rows.update(
                state=State.SCHEDULED if starts_at else State.SENDING,
                launched_by=by,
                launched_at=Now(),
                checked_at=None,
                last_member_id="",
                waits_for="",
                next_attempt_at=starts_at or Now(),
            )
            if launched:
                _audit(campaign, by, "launched", agreed)
                wake(campaign.pk)
    except IntegrityError as error:
        raise CampaignNotChanged(
            _("Another text to the members of this campaign is under way. Nothing was launched.")
        ) from error
    if not launched:
        raise CampaignNotChanged(_why_not_launched(campaign.pk))


def _why_not_launched(campaign_id: int) -> str:
    now = SmsCampaign.objects.select_related("launched_by__user").get(pk=campaign_id)
    if now.launched_at is not None:
        who = str(now.launched_by) if now.launched_by else _("Somebody")
        at = f"{timezone.localtime(now.launched_at):%H:%M}"
        return _("%(who)s launched it at %(time)s already. It goes out once.") % {
            "who": who,
            "time": at,
        }
    return _("The numbers have changed since you saw them. Nothing was launched: read them again.")


def pause(campaign: SmsCampaign, *, by: Membership) -> None:
    """Hand over nothing more until somebody resumes it. Raises CampaignNotChanged.

    What a worker is handing over at this moment still goes: at most eight texts of each worker.
    """
    with transaction.atomic():
        _move(campaign, RUNNING, state=State.PAUSED)
        open_messages(campaign, _STILL_HERE).update(
            state=MessageStatus.QUEUED, reason=_("Paused."), next_attempt_at=NEVER, **_FREED
        )
        _audit(campaign, by, "paused")


def resume(campaign: SmsCampaign, *, by: Membership) -> None:
    """Go on; the hours and the opt-outs are looked at again. Raises CampaignNotChanged."""
    with transaction.atomic():
        later = State.SCHEDULED if starts_later(campaign) else State.SENDING
        due = campaign.starts_at if later == State.SCHEDULED else Now()
        _move(campaign, (State.PAUSED,), state=later, next_attempt_at=due)
        waiting = open_messages(campaign, (MessageStatus.QUEUED,))
        gateways = list(waiting.order_by().values_list("connection_id", flat=True).distinct())
        waiting.update(reason="", next_attempt_at=Now())
        _audit(campaign, by, "resumed")
        wake(campaign.pk)
        for connection_id in gateways:
            wake_sending(connection_id)


def cancel(campaign: SmsCampaign, *, by: Membership) -> None:
    """End it for good: what was not handed over never is. Raises CampaignNotChanged."""
    with transaction.atomic():
        _move(campaign, ENDABLE, state=State.CANCELLED, finished_at=Now())
        open_messages(campaign, _STILL_HERE).update(
            state=MessageStatus.CANCELLED,
            rank=RANK[MessageStatus.CANCELLED],
            reason=_("The campaign was cancelled."),
            final_at=Now(),
            **_FREED,
        )
        _audit(campaign, by, "cancelled")


def open_messages(
    campaign: SmsCampaign, states: Collection[MessageStatus]
) -> WorkspaceQuerySet[Message]:
    """The messages of a campaign that are in one of these states."""
    own: QuerySet[CampaignRecipient] = CampaignRecipient.objects.filter(
        campaign=campaign, message__isnull=False
    )
    return Message.objects.filter(pk__in=own.values("message"), state__in=states)


def _move(campaign: SmsCampaign, before: Collection[State], **changes: Any) -> None:
    """Take the campaign from whoever works on it, and change it, if it still stands so."""
    rows = SmsCampaign.objects.filter(pk=campaign.pk, state__in=before)
    if not rows.update(**changes, waits_for="", **_FREED):
        now = SmsCampaign.objects.get(pk=campaign.pk)
        raise CampaignNotChanged(
            _("Nothing has changed: the campaign stands at “%(state)s” by now.")
            % {"state": now.get_state_display()}
        )


def _audit(campaign: SmsCampaign, by: Membership, what: str, agreed: Agreed | None = None) -> None:
    after = {"recipients": agreed.recipients, "messages": agreed.segments} if agreed else {}
    audit.record(by.user, f"campaign.{what}", campaign.campaign_name, after=after)
