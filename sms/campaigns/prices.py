"""What texts cost: the workspace's own table, by country and day. Without a price nothing is
guessed: the country is named instead."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sms.models import SmsPrice


@dataclass(frozen=True, slots=True)
class Cost:
    """What segments come to. ``amounts`` is by currency; ``unpriced`` are countries with segments
    and no price, and how many segments those are."""

    amounts: Mapping[str, Decimal]
    unpriced: Mapping[str, int]


def prices_on(day: date, countries: Collection[str]) -> dict[str, SmsPrice]:
    """The price in force on a day, by country; those without one are left out."""
    rows = SmsPrice.objects.filter(country__in=set(countries), valid_from__lte=day)
    # The latest comes last and stays.
    return {price.country: price for price in rows.order_by("valid_from")}


def cost_of(segments: Iterable[tuple[str, int]], prices: Mapping[str, SmsPrice]) -> Cost:
    """Pairs of a country and how many segments go there. Pure."""
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    unpriced: dict[str, int] = defaultdict(int)
    for country, count in segments:
        if price := prices.get(country):
            amounts[price.currency] += price.price * count
        elif count:
            unpriced[country] += count
    return Cost(dict(amounts), dict(unpriced))


def describe(cost: Cost) -> str:
    """The amounts in one line, as ``12.50 EUR + 3.00 USD``; empty where nothing has a price."""
    return " + ".join(f"{amount:,.2f} {name}" for name, amount in sorted(cost.amounts.items()))
