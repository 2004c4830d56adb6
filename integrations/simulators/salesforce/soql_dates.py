"""Date literals of SOQL as ranges of time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Days = tuple[date, date]
"""The first day, and the day after the last one."""

_FIXED = {
    "TODAY": (0, 1),
    "YESTERDAY": (-1, 0),
    "TOMORROW": (1, 2),
    "LAST_90_DAYS": (-90, 1),
    "NEXT_90_DAYS": (1, 91),
}
_PLACES = {"LAST": -1, "THIS": 0, "NEXT": 1}


def literal_days(name: str, count: int, today: date) -> Days | None:
    """The days of a literal; None for one that is not known here.

    LAST_N_DAYS:n begins n days ago and includes today. Weeks begin on Sunday, as for en_US.
    """
    if name in _FIXED:
        first, after = _FIXED[name]
        return today + timedelta(days=first), today + timedelta(days=after)
    if name == "LAST_N_DAYS":
        return today - timedelta(days=count), today + timedelta(days=1)
    if name == "NEXT_N_DAYS":
        return today + timedelta(days=1), today + timedelta(days=count + 1)
    if name == "N_DAYS_AGO":
        return today - timedelta(days=count), today - timedelta(days=count - 1)
    place, _, unit = name.partition("_")
    if place not in _PLACES:
        return None
    return _unit(unit, _PLACES[place], today)


def _unit(unit: str, distance: int, today: date) -> Days | None:
    """The week, month or year that lies so many units from today's."""
    if unit == "WEEK":
        sunday = today - timedelta(days=today.isoweekday() % 7) + timedelta(weeks=distance)
        return sunday, sunday + timedelta(weeks=1)
    if unit == "MONTH":
        return _month(today, distance), _month(today, distance + 1)
    if unit == "YEAR":
        return date(today.year + distance, 1, 1), date(today.year + distance + 1, 1, 1)
    return None


def _month(today: date, distance: int) -> date:
    years, month = divmod(today.year * 12 + today.month - 1 + distance, 12)
    return date(years, month + 1, 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a zone."""
    return datetime.combine(day, time(), tzinfo=zone)
