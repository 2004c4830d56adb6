"""From recipients to messages: each recipient becomes one, once, whoever dies on the way.

Before, the members are read again: who was taken out of the campaign meanwhile gets nothing. Then
messages are made in bulk, a part of the recipients at a time, each part with its marks in one
transaction; the recipient's key on the message is unique, so a part can never be made twice.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from integrations import failpoints
from integrations.claims import update_claimed
from integrations.clock import workspace_zone
from integrations.options import active_options
from sms.campaigns.audience import PAGE, read_member_ids
from sms.campaigns.hours import first_moment
from sms.campaigns.rendering import Judge, Outcome
from sms.messaging import NewText, Person, build_message, wake
from sms.models import CampaignRecipient, Message, Sender, SmsCampaign

AT_ONCE = 1_000
_KEY = "campaign:"
Reason = CampaignRecipient.Reason
State = CampaignRecipient.State


def check_on(campaign: SmsCampaign, token: UUID) -> bool:
    """Look which of the next members are members still; False if the claim was lost.

    Raises what the client raises: nobody is written to on a guess.
    """
    ids = read_member_ids(campaign)
    is_last = len(ids) < PAGE
    mine = CampaignRecipient.objects.filter(campaign=campaign)
    with transaction.atomic():
        owned = update_claimed(
            campaign,
            token,
            last_member_id=ids[-1] if ids else campaign.last_member_id,
            checked_at=timezone.now() if is_last else None,
            waits_for="",
        )
        if owned:
            mine.filter(member_id__in=ids).update(is_confirmed=True)
        if owned and is_last:
            mine.filter(state=State.ELIGIBLE, is_confirmed=False).update(
                state=State.SKIPPED, reason=Reason.REMOVED
            )
    return owned


class Launcher:
    """Makes the messages of one campaign; what all of them share is looked up once."""

    def __init__(self, campaign: SmsCampaign) -> None:
        self.campaign = campaign
        self.judge = Judge(campaign)
        self.senders = {sender.pk: sender for sender in Sender.objects.all()}
        self.zone: ZoneInfo = workspace_zone(campaign.workspace)
        self.options_revision = active_options().number

    def queue_on(self, token: UUID) -> int:
        """Make the next messages; how many recipients were left to look at, 0 at the end."""
        with transaction.atomic():
            # First the claim, which locks the campaign: a pause comes before all of it or after.
            if not update_claimed(self.campaign, token, waits_for=""):
                return 0
            rows = list(
                CampaignRecipient.objects.filter(campaign=self.campaign, state=State.ELIGIBLE)
                .order_by("pk")
                .values()[:AT_ONCE]
            )
            outcomes = self.judge.judge(rows)
            skipped: dict[str, list[int]] = defaultdict(list)
            made = []
            for row, outcome in zip(rows, outcomes, strict=True):
                at = self._moment(row)
                if reason := outcome.reason or ("" if at else Reason.NO_HOURS):
                    skipped[reason].append(row["id"])
                elif at:
                    made.append((row, self._to_message(row, outcome, at)))
            self._store(made, skipped)
            failpoints.hit("campaign.before_commit")
        failpoints.hit("campaign.after_commit")
        return len(rows)

    def _moment(self, row: Mapping[str, Any]) -> datetime | None:
        return first_moment(self.campaign, row["zones"], timezone.now(), self.zone)

    def _to_message(self, row: Mapping[str, Any], outcome: Outcome, at: datetime) -> Message:
        campaign = self.campaign
        message = build_message(
            NewText(
                to=row["phone_e164"],
                text="",
                purpose=Message.Purpose.MARKETING,
                origin=Message.Origin.CAMPAIGN,
                person=Person(row["sobject"], row["record_id"], row["name"]),
                campaign_record_id=campaign.campaign_record_id,
                campaign_name=campaign.campaign_name,
                template=campaign.template,
                membership=campaign.launched_by,
                idempotency_key=f"{_KEY}{row['id']}",
            ),
            row["phone_e164"],
            self.judge.wording.say(row["values"]),
            self.senders[outcome.sender_id or 0],
            self.options_revision,
        )
        message.template_version = campaign.template_version
        message.next_attempt_at = at
        return message

    def _store(
        self,
        made: Sequence[tuple[Mapping[str, Any], Message]],
        skipped: Mapping[str, Sequence[int]],
    ) -> None:
        for reason, keys in skipped.items():
            CampaignRecipient.objects.filter(pk__in=keys).update(state=State.SKIPPED, reason=reason)
        messages = Message.objects.bulk_create([message for _row, message in made], batch_size=500)
        by_key = Message.objects.filter(
            idempotency_key=Concat(Value(_KEY), Cast(OuterRef("pk"), CharField()))
        )
        CampaignRecipient.objects.filter(pk__in=[row["id"] for row, _message in made]).update(
            state=State.QUEUED, message_id=Subquery(by_key.values("pk")[:1])
        )
        for connection_id in {message.connection_id for message in messages}:
            wake(connection_id)
