"""Working out what each recipient gets: state, sender, segments; again after every change.

Most recipients share one of a few outcomes, so a part of them is stored by one update an outcome,
and who comes to the same as before is not touched: another text for 50,000 people takes seconds.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, Sum

from integrations.claims import update_claimed
from integrations.models import Connection
from sms.campaigns.wording import Wording, costly_characters
from sms.messaging import MOST_SEGMENTS, sender_facts, undecided_among
from sms.models import CampaignRecipient, Sender, SmsCampaign
from sms.segments import Encoding, count_segments
from sms.selectors import opted_out_since
from sms.sender_choice import SenderChoice, choose_sender

AT_ONCE = 2_000
Reason = CampaignRecipient.Reason
State = CampaignRecipient.State
#: What is wrong with the record: another text or sender changes nothing about it.
OF_THE_RECORD = (Reason.NO_PERSON, Reason.NO_MOBILE, Reason.INVALID, Reason.DUPLICATE)
_READ = (
    "pk", "phone_e164", "country", "values",
    "state", "reason", "sender_id", "encoding", "segments", "costly",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the campaign comes to for one recipient; the names are the columns'."""

    reason: str = ""
    sender_id: int | None = None
    encoding: str = ""
    segments: int = 0
    costly: str = ""

    @property
    def state(self) -> str:
        """Left out where there is a reason."""
        return State.EXCLUDED if self.reason else State.ELIGIBLE


class Judge:
    """Decides about recipients of one campaign; senders are looked up once."""

    def __init__(self, campaign: SmsCampaign) -> None:
        self.wording = Wording.of(campaign)
        facts = sender_facts()
        usable = usable_senders()
        self.choose = cache(
            lambda country: _usable(
                choose_sender(facts, country or None, named=campaign.sender_id), usable
            )
        )

    def judge(self, recipients: Sequence[Mapping[str, Any]]) -> list[Outcome]:
        """One outcome each, in order; three queries for all. Rows are as ``values()`` gives."""
        phones = {one["phone_e164"] for one in recipients}
        closed = opted_out_since(phones)
        undecided = undecided_among(phones)
        return [self._one(recipient, closed, undecided) for recipient in recipients]

    def _one(
        self, one: Mapping[str, Any], closed: Collection[str], undecided: Collection[str]
    ) -> Outcome:
        if one["phone_e164"] in closed:
            return Outcome(Reason.OPTED_OUT)
        if one["phone_e164"] in undecided:
            return Outcome(Reason.UNDECIDED)
        choice = self.choose(one["country"])
        if choice.sender is None:
            return Outcome(Reason.NO_SENDER)
        values = one["values"]
        if self.wording.has_hole(values):
            return Outcome(Reason.EMPTY_FIELD)
        text = self.wording.say(values)
        counted = count_segments(text)
        if not 0 < counted.segments <= MOST_SEGMENTS:
            return Outcome(Reason.TOO_LONG if counted.segments else Reason.EMPTY_FIELD)
        costly = costly_characters(text) if counted.encoding is Encoding.UCS_2 else ""
        return Outcome("", choice.sender.pk, counted.encoding, counted.segments, costly)


def usable_senders() -> frozenset[int]:
    """The senders whose gateway is there: one that is switched off sends nothing."""
    away = (Connection.State.ARCHIVED, Connection.State.DISABLED)
    rows = Sender.objects.filter(is_archived=False).exclude(connection__state__in=away)
    return frozenset(rows.values_list("pk", flat=True))


def _usable(choice: SenderChoice, usable: Collection[int]) -> SenderChoice:
    if choice.sender is None or choice.sender.pk in usable:
        return choice
    return SenderChoice(None, f"The gateway of {choice.sender.shown_as} is switched off.")


def render_on(campaign: SmsCampaign, token: UUID, judge: Judge) -> bool:
    """Work out the next recipients; False once all are done, or the claim was lost."""
    rows = list(
        CampaignRecipient.objects.filter(campaign=campaign, pk__gt=campaign.rendered_up_to)
        .exclude(reason__in=OF_THE_RECORD)
        .order_by("pk")
        .values(*_READ)[:AT_ONCE]
    )
    if not rows:
        return False
    changes: dict[Outcome, list[int]] = defaultdict(list)
    for row, outcome in zip(rows, judge.judge(rows), strict=True):
        if any(row[name] != getattr(outcome, name) for name in _READ[4:]):
            changes[outcome].append(row["pk"])
    with transaction.atomic():
        if not update_claimed(campaign, token, rendered_up_to=rows[-1]["pk"]):
            return False
        for outcome, keys in changes.items():
            CampaignRecipient.objects.filter(pk__in=keys).update(
                **{name: getattr(outcome, name) for name in _READ[4:]}
            )
    return True


def finish(campaign: SmsCampaign, token: UUID) -> bool:
    """All are worked out: keep the sums, which the launch has to agree with."""
    mine = CampaignRecipient.objects.filter(campaign=campaign)
    sums = mine.aggregate(
        recipients=Count("pk", filter=Q(state=State.ELIGIBLE)),
        excluded=Count("pk", filter=Q(state=State.EXCLUDED)),
        segments=Sum("segments", filter=Q(state=State.ELIGIBLE), default=0),
    )
    return update_claimed(
        campaign,
        token,
        state=SmsCampaign.State.READY,
        recipient_count=sums["recipients"],
        excluded_count=sums["excluded"],
        segment_count=sums["segments"],
        estimated_segments=Wording.of(campaign).estimate().segments,
        waits_for="",
        claim_token=None,
        lease_expires_at=None,
    )
