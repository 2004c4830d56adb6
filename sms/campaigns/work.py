"""What workers do for campaigns, a few seconds at a time, each held by one claim (RULES F3).

The claim is a lease: a worker that dies leaves a campaign that the next tick finds due again, so
there is no other watchdog. Whoever pauses or changes a campaign takes the claim away.
"""

import time
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from integrations.api_budget import is_below_reserve
from integrations.claims import by_now, claim_batch, update_claimed
from integrations.errors import NeedsAttention, PatchbayError, Refused
from integrations.tenancy import WorkspaceQuerySet, workspace_scope
from sms.campaigns import audience, queueing, rendering
from sms.campaigns.drafts import wake
from sms.campaigns.launch import open_messages
from sms.campaigns.results import count_results
from sms.models import CampaignRecipient, SmsCampaign
from sms.statuses import MessageStatus

log = structlog.get_logger()

LEASE_SECONDS = 120
MAX_SECONDS = 10.0
_PAUSE_AFTER_FAILURE = timedelta(seconds=30)
_PAUSE_AT_RESERVE = timedelta(minutes=5)
_LOOK_AGAIN = timedelta(seconds=3)
_OPEN = (MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.SUBMITTING)
State = SmsCampaign.State
_AT_WORK = (State.PREPARING, State.SCHEDULED, State.SENDING)


def due() -> WorkspaceQuerySet[SmsCampaign]:
    """Campaigns with something to do that nobody is doing."""
    return SmsCampaign.unscoped.filter(
        Q(lease_expires_at=None) | Q(lease_expires_at__lt=Now()),
        state__in=_AT_WORK,
        next_attempt_at__lte=by_now(),
    )


def wake_campaigns() -> None:
    """The tick of campaigns."""
    for campaign_id in due().order_by().values_list("pk", flat=True)[:200]:
        wake(campaign_id)


def take_step(campaign_id: int) -> bool:
    """Go on with one campaign for some seconds; False where nothing was due."""
    for state in _AT_WORK:
        claim = claim_batch(
            due().filter(pk=campaign_id, state=state),
            to_state=state,
            limit=1,
            lease_seconds=LEASE_SECONDS,
        )
        for campaign in claim.rows:
            with workspace_scope(campaign.workspace_id):
                _work(campaign, claim.token)
            return True
    return False


def _work(campaign: SmsCampaign, token: UUID) -> None:
    try:
        if campaign.state == State.PREPARING:
            _prepare(campaign, token)
        else:
            _send(campaign, token)
    except PatchbayError as error:
        _stop(campaign, token, error)


def _stop(campaign: SmsCampaign, token: UUID, error: PatchbayError) -> None:
    """Salesforce did not answer: go on by itself later, or say what a person has to do."""
    log.warning("campaign_waits", campaign=campaign.pk, code=error.code)
    if campaign.state == State.PREPARING and isinstance(error, NeedsAttention | Refused):
        _release(campaign, token, None, error.message, state=State.DRAFT)
    else:
        _release(campaign, token, timezone.now() + _PAUSE_AFTER_FAILURE, error.message)


def _prepare(campaign: SmsCampaign, token: UUID) -> None:
    began = time.monotonic()
    is_beginning = campaign.read_at is None and not campaign.members_read
    if is_beginning and not audience.forget(campaign, token):
        return
    while campaign.read_at is None:
        if _is_out_of_requests(campaign, token) or not audience.read_on(campaign, token):
            return
        if time.monotonic() - began > MAX_SECONDS:
            _release(campaign, token, timezone.now())
            return
    judge = rendering.Judge(campaign)
    while rendering.render_on(campaign, token, judge):
        if time.monotonic() - began > MAX_SECONDS:
            _release(campaign, token, timezone.now())
            return
    rendering.finish(campaign, token)


def _send(campaign: SmsCampaign, token: UUID) -> None:
    began = time.monotonic()
    if campaign.state == State.SCHEDULED and not update_claimed(
        campaign, token, state=State.SENDING
    ):
        return
    while campaign.checked_at is None:
        if not queueing.check_on(campaign, token):
            return
    launcher = queueing.Launcher(campaign)
    while launcher.queue_on(token):
        if time.monotonic() - began > MAX_SECONDS:
            _release(campaign, token, timezone.now())
            return
    _finish_if_over(campaign, token)


def _finish_if_over(campaign: SmsCampaign, token: UUID) -> None:
    count_results(campaign)
    mine = CampaignRecipient.objects.filter(campaign=campaign)
    is_over = (
        not mine.filter(state=CampaignRecipient.State.ELIGIBLE).exists()
        and not open_messages(campaign, _OPEN).exists()
    )
    if is_over:
        _release(campaign, token, None, state=State.DONE, finished_at=timezone.now())
    else:
        _release(campaign, token, timezone.now() + _LOOK_AGAIN)


def _is_out_of_requests(campaign: SmsCampaign, token: UUID) -> bool:
    """Reading waits while the org is down to its reserve of requests (RULES F4, MII-12)."""
    if not is_below_reserve(audience.usable_connection()):
        return False
    words = "The org's API requests are down to the reserve. It goes on when there is room."
    _release(campaign, token, timezone.now() + _PAUSE_AT_RESERVE, words)
    return True


def _release(
    campaign: SmsCampaign,
    token: UUID,
    again_at: datetime | None,
    words: str = "",
    **changes: object,
) -> None:
    if again_at is not None:
        changes["next_attempt_at"] = again_at
    released = update_claimed(
        campaign, token, claim_token=None, lease_expires_at=None, waits_for=words[:300], **changes
    )
    if released and again_at is not None and again_at <= timezone.now():
        wake(campaign.pk)
