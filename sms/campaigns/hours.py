"""When each recipient of a campaign may be written to (sms.md 5.5).

The hours are the campaign's, the clock is the recipient's: every time zone in which the number or
the address may be must be inside them. All of it goes by zone names, so a change to or from summer
time on the day of sending is heeded.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrations.phones import region_of, zones_of
from sms.campaigns.address_zones import zone_of_address
from sms.models import SmsCampaign
from sms.quiet_hours import SUNDAY, QuietHours, Window


def hours_of(campaign: SmsCampaign) -> QuietHours:
    """The windows in which a campaign may be sent."""
    window = Window(campaign.opens, campaign.closes)
    days = range(7) if campaign.on_sundays else range(SUNDAY)
    return QuietHours(dict.fromkeys(days, window))


def zones_of_person(e164: str, region: str | None, state: str) -> tuple[str, ...]:
    """The zones in which a person may be, by the number and by the address; none if unknown.

    An address in another country than the number's is believed as well: people move and keep their
    number.
    """
    by_address = zone_of_address(region or region_of(e164) or "", state)
    by_number = zones_of(e164)
    if by_address and by_address in by_number:
        return (by_address,)
    return tuple(dict.fromkeys((*by_number, *([by_address] if by_address else []))))


def first_moment(
    campaign: SmsCampaign, zones: Collection[str], at: datetime, fallback: ZoneInfo
) -> datetime | None:
    """The first moment from ``at`` on that every zone allows; None where there is none."""
    return hours_of(campaign).next_opening(at, to_zones(zones, fallback))


def is_over(
    campaign: SmsCampaign,
    zones: Collection[str],
    since: datetime,
    at: datetime,
    fallback: ZoneInfo,
) -> bool:
    """Whether the hours of the first day since ``since`` have passed at ``at``."""
    hours, own = hours_of(campaign), to_zones(zones, fallback)
    opening = hours.next_opening(since, own)
    closing = hours.closes_at(opening, own) if opening else None
    return closing is not None and at >= closing


def to_zones(names: Iterable[str], fallback: ZoneInfo) -> tuple[ZoneInfo, ...]:
    """The zones by name; the workspace's own where nothing is known."""
    return tuple(zone for name in names if (zone := _zone(name))) or (fallback,)


@lru_cache(maxsize=1_000)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError):
        return None
