"""What a day amounts to by a time of day, and what is usual for it: arithmetic on dates alone.

A day is the workspace's, from midnight to midnight on its clock. A curve holds the amounts of one
day by quarter of an hour on that clock, so every day has 96 quarters: the hour that summer time
skips stays empty, and the hour that autumn repeats falls twice into the same four.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from statistics import median

#: How often the same weekday is looked at.
WEEKS = 4
#: Fewer days than this say nothing about what is usual.
ENOUGH_DAYS = 2
#: Days that a small chart shows, today among them.
CHART_DAYS = 14
MINUTES = 15

#: Amounts by quarter of an hour; quarters without any are left out.
Curve = Mapping[int, int]


@dataclass(frozen=True)
class DayTotal:
    """One bar of a chart; today's is what there is so far."""

    day: date
    total: int


def quarter_of(moment: time) -> int:
    """Which quarter of an hour of the day a time is in: 0 to 95."""
    return (moment.hour * 60 + moment.minute) // MINUTES


def start_of_quarter(moment: time) -> time:
    """The last full quarter of an hour."""
    return time(moment.hour, moment.minute // MINUTES * MINUTES)


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """The moment at which a day begins there, in UTC.

    Where the clock skips midnight, that is the moment of the skip.
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days_needed(today: date) -> Sequence[date]:
    """The days before today that a chart and the weekdays are made of, the oldest first."""
    back = {7 * week for week in range(1, WEEKS + 1)} | set(range(1, CHART_DAYS))
    return [today - timedelta(days=days) for days in sorted(back, reverse=True)]


def usual_by(curves: Mapping[date, Curve], today: date, moment: time) -> int | None:
    """The median of the same weekday's amounts up to the last full quarter before ``moment``.

    ``curves`` are those of the days needed; a day without one amounts to nothing. Days before
    the first that amounts to anything are no history: then nobody was counting yet. None where
    fewer than two weekdays are left.
    """
    began = min((day for day, curve in curves.items() if curve), default=today)
    weekdays = [today - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    amounts = [_up_to(curves.get(day, {}), moment) for day in weekdays if day >= began]
    if len(amounts) < ENOUGH_DAYS:
        return None
    # Half a call is rounded up, whatever stands before it: Python's round() would not.
    return int(median(amounts) + 0.5)


def _up_to(curve: Curve, moment: time) -> int:
    end = quarter_of(moment)
    return sum(amount for quarter, amount in curve.items() if quarter < end)


def daily_totals(curves: Mapping[date, Curve], today: date, so_far: int) -> Sequence[DayTotal]:
    """The bars of the chart, the oldest first; days without a curve are zero."""
    past = [today - timedelta(days=back) for back in range(CHART_DAYS - 1, 0, -1)]
    totals = [DayTotal(day, sum(curves.get(day, {}).values())) for day in past]
    return (*totals, DayTotal(today, so_far))
