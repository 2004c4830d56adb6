"""What is usual by a time of day: the median of the same weekday, and when there is none."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.usual_day import (
    CHART_DAYS,
    daily_totals,
    days_needed,
    quarter_of,
    start_of_day,
    start_of_quarter,
    usual_by,
)

FRIDAY = date(2026, 11, 20)
NINE, NOON, NINE_PM = quarter_of(time(9)), quarter_of(time(12)), quarter_of(time(21))

curves = st.dictionaries(
    st.sampled_from(days_needed(FRIDAY)),
    st.dictionaries(st.integers(0, 95), st.integers(1, 500), min_size=1),
)


def weeks_ago(*amounts: dict[int, int]) -> dict[date, dict[int, int]]:
    """Curves of the Fridays before, the latest first."""
    return {FRIDAY - timedelta(weeks=back): own for back, own in enumerate(amounts, start=1) if own}


@pytest.mark.parametrize(
    ("moment", "quarter", "begins"),
    [
        (time(0, 0), 0, time(0)),
        (time(0, 14, 59), 0, time(0)),
        (time(10, 37), 42, time(10, 30)),
        (time(23, 59, 59), 95, time(23, 45)),
    ],
)
def test_a_day_has_96_quarters(moment: time, quarter: int, begins: time) -> None:
    assert (quarter_of(moment), start_of_quarter(moment)) == (quarter, begins)


@pytest.mark.parametrize(
    ("past", "usual"),
    [
        ({}, None),
        (weeks_ago({NINE: 5}), None),
        (weeks_ago({NINE: 5}, {NINE: 7}), 6),
        (weeks_ago({NINE: 5}, {NINE: 8}), 7),  # half is rounded up
        (weeks_ago({NINE: 5}, {NINE: 90}, {NINE: 7}), 7),
        (weeks_ago({NINE: 1}, {NINE: 2}, {NINE: 4}, {NINE: 90}), 3),
        # A Friday on which nothing happened counts, once there is anything before it.
        (weeks_ago({}, {}, {NINE: 6}), 0),
        # Before the first day that amounts to anything nobody was counting.
        ({FRIDAY - timedelta(days=9): {NINE: 3}}, None),
        ({FRIDAY - timedelta(days=15): {NINE: 3}}, 0),
        # What came later in those days is no measure for now; what begins with the quarter neither.
        (weeks_ago({NINE: 5, NINE_PM: 50}, {NINE: 5, NOON: 1}), 5),
    ],
)
def test_usual_is_the_median_of_the_weekday_so_far(
    past: dict[date, dict[int, int]], usual: int | None
) -> None:
    assert usual_by(past, FRIDAY, time(12, 5)) == usual


def test_fourteen_days_and_four_weekdays_are_needed() -> None:
    back = [(FRIDAY - day).days for day in days_needed(FRIDAY)]
    assert back == [28, 21, *range(14, 0, -1)]


@given(curves, st.times(), st.times())
def test_later_in_the_day_more_is_usual(
    past: dict[date, dict[int, int]], one: time, other: time
) -> None:
    earlier, later = sorted([one, other])
    before, after = usual_by(past, FRIDAY, earlier), usual_by(past, FRIDAY, later)
    assert (before is None) == (after is None)
    assert (before or 0) <= (after or 0)


@given(curves, st.integers(0, 500))
def test_the_chart_is_the_last_fourteen_days(past: dict[date, dict[int, int]], so_far: int) -> None:
    bars = daily_totals(past, FRIDAY, so_far)
    assert [bar.day for bar in bars] == [
        FRIDAY - timedelta(days=back) for back in range(CHART_DAYS)
    ][::-1]
    assert bars[-1].total == so_far
    assert [bar.total for bar in bars[:-1]] == [
        sum(past.get(bar.day, {}).values()) for bar in bars[:-1]
    ]


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("UTC", date(2026, 11, 20), datetime(2026, 11, 20, 0, tzinfo=UTC)),
        ("America/Los_Angeles", date(2026, 11, 20), datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("America/Los_Angeles", date(2026, 7, 20), datetime(2026, 7, 20, 7, tzinfo=UTC)),
        ("Asia/Kolkata", date(2026, 11, 20), datetime(2026, 11, 19, 18, 30, tzinfo=UTC)),
        # Chile's clocks skip from midnight to one.
        ("America/Santiago", date(2026, 9, 6), datetime(2026, 9, 6, 4, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_its_own_midnight(zone: str, day: date, begins: datetime) -> None:
    assert start_of_day(day, ZoneInfo(zone)) == begins
