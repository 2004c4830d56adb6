"""Quiet hours: open or shut, the next opening, and the days on which clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.quiet_hours import SAFE, QuietHours, Window, every_day

LONDON, NEW_YORK, LOS_ANGELES = map(
    ZoneInfo, ("Europe/London", "America/New_York", "America/Los_Angeles")
)
TOKYO = ZoneInfo("Asia/Tokyo")
DAYTIME = every_day(time(9), time(20))


def at(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("local", "is_open"),
    [
        (at(LONDON, 2026, 11, 20, 8, 59), False),
        (at(LONDON, 2026, 11, 20, 9, 0), True),
        (at(LONDON, 2026, 11, 20, 19, 59), True),
        (at(LONDON, 2026, 11, 20, 20, 0), False),
        (at(LONDON, 2026, 11, 22, 11, 0), False),  # a Sunday
        (at(LONDON, 2026, 11, 22, 12, 0), True),
    ],
)
def test_the_window_is_that_of_the_recipients_weekday(local: datetime, is_open: bool) -> None:
    assert SAFE.is_open(local, [LONDON]) is is_open


def test_with_several_possible_zones_all_must_be_inside() -> None:
    noon_in_new_york = at(NEW_YORK, 2026, 11, 20, 10, 0)
    assert DAYTIME.is_open(noon_in_new_york, [NEW_YORK])
    assert not DAYTIME.is_open(noon_in_new_york, [NEW_YORK, LOS_ANGELES])
    opening = DAYTIME.next_opening(noon_in_new_york, [NEW_YORK, LOS_ANGELES])
    assert opening == at(LOS_ANGELES, 2026, 11, 20, 9, 0)


def test_the_next_opening_skips_quiet_days() -> None:
    weekdays = QuietHours(dict.fromkeys(range(5), Window(time(9), time(18))))
    friday_night = at(LONDON, 2026, 11, 20, 18, 0)
    assert weekdays.next_opening(friday_night, [LONDON]) == at(LONDON, 2026, 11, 23, 9, 0)


def test_windows_that_never_overlap_have_no_opening() -> None:
    noon_hour = every_day(time(12), time(13))
    assert noon_hour.next_opening(at(LONDON, 2026, 11, 20, 9, 0), [LONDON, TOKYO]) is None


def test_an_opening_in_the_gap_of_spring_moves_forward() -> None:
    early = every_day(time(1, 30), time(20))
    night = at(LONDON, 2026, 3, 29, 0, 30)
    assert early.next_opening(night, [LONDON]) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_the_first_zone_to_close_ends_the_window() -> None:
    evening = at(NEW_YORK, 2026, 11, 20, 15, 0)
    assert DAYTIME.closes_at(evening, [NEW_YORK, LOS_ANGELES]) == at(NEW_YORK, 2026, 11, 20, 20, 0)
    assert DAYTIME.closes_at(at(NEW_YORK, 2026, 11, 20, 21, 0), [NEW_YORK]) is None


@given(
    st.integers(0, 2 * 365 * 24 * 60),
    st.sets(st.sampled_from((LONDON, NEW_YORK, LOS_ANGELES, TOKYO)), min_size=1),
)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    minutes: int, zones: set[ZoneInfo]
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opening = SAFE.next_opening(now, zones)
    if opening is None:
        return
    assert opening >= now
    assert SAFE.is_open(opening, zones)
    if opening > now:
        between = [now + (opening - now) * share / 7 for share in range(7)]
        assert not any(SAFE.is_open(moment, zones) for moment in between)
        assert not SAFE.is_open(opening - timedelta(seconds=1), zones)
