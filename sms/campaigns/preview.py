"""What a campaign comes to before it is sent: the sums, the senders, the exact text of each.

Every sum is one over the recipients' rows, the same that become messages, so preview, gateway and
result cannot disagree (PLUS-01, PLUS-15, K-17).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from sms.campaigns.prices import Cost, cost_of, prices_on
from sms.campaigns.rendering import Judge
from sms.campaigns.wording import CostlyCharacter, Wording, list_costly
from sms.counter import show_count
from sms.models import CampaignRecipient, SmsCampaign, SmsPrice
from sms.sender_choice import SenderChoice
from sms.typography import suggest_replacement

State = CampaignRecipient.State
#: Who gets a text, or got a message made of it.
_COUNTED = (State.ELIGIBLE, State.QUEUED)


@dataclass(frozen=True, slots=True)
class CountryPlan:
    """What goes to one country and from whom; ``choice.sender`` None: nothing, and why."""

    country: str
    choice: SenderChoice
    people: int
    segments: int
    left_out: int
    price: SmsPrice | None


@dataclass(frozen=True, slots=True)
class CostlyValue:
    """A character of somebody's field that makes their text Unicode, and for how many people."""

    character: str
    people: int
    replacement: str | None


@dataclass(frozen=True)
class Preview:
    """All of it. ``estimate`` is the source's counter line; ``crossing`` are those whose text takes
    more segments than the estimate, ``below`` those whose takes fewer."""

    estimate: str
    estimated_segments: int
    people: int
    segments: int
    crossing: int
    below: int
    unicode: int
    excluded: Sequence[tuple[str, str, int]]
    countries: Sequence[CountryPlan]
    cost: Cost
    costly_words: Sequence[CostlyCharacter]
    costly_values: Sequence[CostlyValue]

    @property
    def difference(self) -> int:
        """Segments above the estimate; negative where it is fewer."""
        return self.segments - self.estimated_segments


def preview(campaign: SmsCampaign) -> Preview:
    """The sums of a campaign whose recipients are worked out; a constant number of queries."""
    rows = CampaignRecipient.objects.filter(campaign=campaign)
    one = Wording.of(campaign).estimate()
    counted = Q(state__in=_COUNTED)
    sums = rows.aggregate(
        people=Count("pk", filter=counted),
        parts=Sum("segments", filter=counted, default=0),
        crossing=Count("pk", filter=counted & Q(segments__gt=one.segments)),
        below=Count("pk", filter=counted & Q(segments__lt=one.segments)),
        unicode=Count("pk", filter=counted & Q(encoding="UCS-2")),
    )
    countries = _countries(campaign)
    return Preview(
        estimate=show_count(one, sums["people"]),
        estimated_segments=one.segments * sums["people"],
        excluded=_excluded(campaign),
        countries=countries,
        cost=cost_of(
            ((one.country, one.segments) for one in countries),
            {one.country: one.price for one in countries if one.price},
        ),
        costly_words=list_costly(campaign.text) if not campaign.is_plain else [],
        costly_values=_costly_values(campaign),
        segments=sums.pop("parts"),
        **sums,
    )


def _excluded(campaign: SmsCampaign) -> list[tuple[str, str, int]]:
    """Reason, its words, and how many; the most frequent first."""
    rows = (
        CampaignRecipient.objects.filter(
            campaign=campaign, state__in=(State.EXCLUDED, State.SKIPPED)
        )
        .order_by()
        .values_list("reason")
        .annotate(people=Count("pk"))
        .order_by("-people", "reason")
    )
    return [
        (reason, str(CampaignRecipient.Reason(reason).label), people) for reason, people in rows
    ]


def _countries(campaign: SmsCampaign) -> list[CountryPlan]:
    rows = (
        CampaignRecipient.objects.filter(campaign=campaign)
        .exclude(phone_e164="")
        .order_by()
        .values("country")
        .annotate(
            people=Count("pk", filter=Q(state__in=_COUNTED)),
            parts=Sum("segments", filter=Q(state__in=_COUNTED), default=0),
            left_out=Count("pk", filter=Q(state__in=(State.EXCLUDED, State.SKIPPED))),
        )
        .order_by("-people", "country")
    )
    found: list[Any] = list(rows)
    prices = prices_on(timezone.localdate(), [row["country"] for row in found])
    judge = Judge(campaign)
    return [
        CountryPlan(
            country=row["country"],
            choice=judge.choose(row["country"]),
            people=row["people"],
            segments=row["parts"],
            left_out=row["left_out"],
            price=prices.get(row["country"]),
        )
        for row in found
    ]


def _costly_values(campaign: SmsCampaign) -> list[CostlyValue]:
    """Characters of people's own fields: what stands in the text itself is told beside it."""
    groups = (
        CampaignRecipient.objects.filter(campaign=campaign, state__in=_COUNTED)
        .exclude(costly="")
        .order_by()
        .values_list("costly")
        .annotate(people=Count("pk"))
    )
    in_words = {one.character for one in list_costly(campaign.text)}
    people: Counter[str] = Counter()
    for costly, count in groups:
        for character in set(costly) - in_words:
            people[character] += count
    return [
        CostlyValue(character, count, suggest_replacement(character))
        for character, count in people.most_common(20)
    ]


def texts_of(campaign: SmsCampaign, recipients: Sequence[CampaignRecipient]) -> Mapping[int, str]:
    """The exact text of each of these, by primary key: what was sent, or would be."""
    wording = Wording.of(campaign)
    texts: dict[int, str] = defaultdict(str)
    for one in recipients:
        texts[one.pk] = one.message.text if one.message else wording.say(one.values)
    return texts
