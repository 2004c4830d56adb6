"""What became of a campaign's texts: by state, country and sender, and why some failed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from integrations.tenancy import workspace_scope
from sms.models import CampaignRecipient, SmsCampaign
from sms.statuses import MessageStatus

#: Reports still come in this long after the last text.
_REPORTS_COME = timedelta(days=3)
_COUNT_EVERY = timedelta(minutes=1)
_COUNTED_AT_ONCE = 50
FAILED = (
    MessageStatus.EXPIRED,
    MessageStatus.FAILED,
    MessageStatus.REJECTED,
    MessageStatus.UNDELIVERED,
)
#: Waiting to leave, or leaving.
WAITING = (MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.SUBMITTING)
NOT_SENT = (MessageStatus.CANCELLED, MessageStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class Result:
    """The texts of one state to one country from one sender."""

    country: str
    sender: str
    state: str
    texts: int
    segments: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why some texts were not delivered, in the gateway's words where it has some."""

    code: str
    reason: str
    state: str
    texts: int


def list_results(campaign: SmsCampaign) -> list[Result]:
    """One row a country, sender and state; the sums of the page are sums of these."""
    rows = (
        CampaignRecipient.objects.filter(campaign=campaign, message__isnull=False)
        .order_by()
        .values("country", of=F("message__our_number"), now=F("message__state"))
        .annotate(texts=Count("pk"), parts=Sum("message__segments"))
        .order_by("country", "of", "now")
    )
    return [
        Result(row["country"], row["of"], row["now"], row["texts"], row["parts"]) for row in rows
    ]


def list_causes(campaign: SmsCampaign) -> list[Cause]:
    """Failures and what was skipped on the way, the most frequent first."""
    rows = (
        CampaignRecipient.objects.filter(
            campaign=campaign, message__state__in=(*FAILED, *NOT_SENT, MessageStatus.UNCONFIRMED)
        )
        .order_by()
        .values(code=F("message__error_code"), why=F("message__reason"), now=F("message__state"))
        .annotate(texts=Count("pk"))
        .order_by("-texts", "why")[:50]
    )
    return [Cause(row["code"], row["why"], row["now"], row["texts"]) for row in rows]


def count_results(campaign: SmsCampaign) -> None:
    """Keep the figures that lists show, in scope."""
    messages = CampaignRecipient.objects.filter(campaign=campaign, message__isnull=False)
    counts = messages.aggregate(
        sent=Count("pk", filter=Q(message__accepted_at__isnull=False)),
        delivered=_with_state([MessageStatus.DELIVERED]),
        failed=_with_state(FAILED),
    )
    SmsCampaign.objects.filter(pk=campaign.pk).update(
        sent_count=counts["sent"],
        delivered_count=counts["delivered"],
        failed_count=counts["failed"],
        counted_at=timezone.now(),
    )


def _with_state(states: Collection[MessageStatus]) -> Count:
    return Count("pk", filter=Q(message__state__in=states))


def count_recent_results() -> int:
    """Count again where reports may have come since, for the repairs of every minute."""
    now = timezone.now()
    stale = SmsCampaign.unscoped.filter(
        Q(finished_at=None) | Q(finished_at__gt=now - _REPORTS_COME),
        Q(counted_at=None) | Q(counted_at__lt=now - _COUNT_EVERY),
        launched_at__isnull=False,
    )
    for campaign in stale.order_by("counted_at")[:_COUNTED_AT_ONCE]:
        with workspace_scope(campaign.workspace_id):
            count_results(campaign)
    return 0
