"""Date literals of SOQL as ranges of time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FIXED = {"TODAY": (0, 1), "YESTERDAY": (-1, 0), "TOMORROW": (1, 2)}


def literal_days(name: str, count: int, today: date) -> tuple[date, date] | None:
    """First day and the day after the last one; None for a literal that is not known here.

    LAST_N_DAYS:n begins n days ago and includes today.
    """
    if name in _FIXED:
        first, after = _FIXED[name]
        return today + timedelta(days=first), today + timedelta(days=after)
    if name == "LAST_N_DAYS":
        return today - timedelta(days=count), today + timedelta(days=1)
    if name == "NEXT_N_DAYS":
        return today + timedelta(days=1), today + timedelta(days=count + 1)
    return None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a zone."""
    return datetime.combine(day, time(), tzinfo=zone)
