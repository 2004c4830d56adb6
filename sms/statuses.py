"""Where a message stands, on one scale for every gateway (RULES D1).

A report counts only when its rank is higher than the rank reached so far: order and repetition
then make no difference, and a late "sent" cannot undo "delivered".
"""

from collections.abc import Collection
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageStatus(models.TextChoices):
    """Our words; a gateway's own word is kept beside them on its report."""

    QUEUED = "queued", _("Queued")
    CLAIMED = "claimed", _("Picked up")
    SUBMITTING = "submitting", _("Being handed over")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    ACCEPTED = "accepted", _("Accepted")
    SENT = "sent", _("Sent")
    BUFFERED = "buffered", _("Carrier keeps trying")
    EXPIRED = "expired", _("Expired")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    REJECTED = "rejected", _("Rejected")
    UNDELIVERED = "undelivered", _("Undelivered")
    DELIVERED = "delivered", _("Delivered")
    #: Not sent by us; the reason stands beside it.
    SKIPPED = "skipped", _("Skipped")
    #: Inbound messages take part in no ranking.
    RECEIVED = "received", _("Received")
    OPTOUT = "optout", _("OPTOUT")


RANK: dict[MessageStatus, int] = {
    MessageStatus.RECEIVED: 0,
    MessageStatus.OPTOUT: 0,
    MessageStatus.QUEUED: 10,
    MessageStatus.CLAIMED: 12,
    MessageStatus.SUBMITTING: 15,
    MessageStatus.UNCONFIRMED: 18,
    MessageStatus.ACCEPTED: 20,
    MessageStatus.SENT: 30,
    MessageStatus.BUFFERED: 35,
    MessageStatus.EXPIRED: 81,
    MessageStatus.FAILED: 82,
    MessageStatus.CANCELLED: 83,
    MessageStatus.REJECTED: 84,
    MessageStatus.UNDELIVERED: 85,
    MessageStatus.SKIPPED: 86,
    MessageStatus.DELIVERED: 90,
}
#: From here on a message is final, though a higher final state may still correct it.
FIRST_FINAL_RANK = 81
#: While a text has no final state its record in Salesforce is written after this time (D1).
REPORTED_WITHIN = timedelta(hours=24)
#: With the gateway, and nothing final heard.
OPEN_AT_GATEWAY = (MessageStatus.ACCEPTED, MessageStatus.SENT, MessageStatus.BUFFERED)
#: What a gateway's report may say; the others are ours alone.
REPORTED = (
    MessageStatus.ACCEPTED,
    MessageStatus.SENT,
    MessageStatus.BUFFERED,
    MessageStatus.EXPIRED,
    MessageStatus.FAILED,
    MessageStatus.CANCELLED,
    MessageStatus.REJECTED,
    MessageStatus.UNDELIVERED,
    MessageStatus.DELIVERED,
)


def is_final(status: MessageStatus) -> bool:
    """Whether nothing more has to happen."""
    return RANK[status] >= FIRST_FINAL_RANK or status in (
        MessageStatus.RECEIVED,
        MessageStatus.OPTOUT,
    )


def latest(statuses: Collection[MessageStatus]) -> MessageStatus:
    """What the reports of one part come to, in whatever order and however often they came."""
    return max(statuses, key=RANK.__getitem__)


def of_parts(parts: Collection[MessageStatus]) -> MessageStatus:
    """What the parts of one message come to: the least.

    Open states rank below all final ones, so that is the least of them while any is open, and the
    worst when all are final.
    """
    return min(parts, key=RANK.__getitem__)
