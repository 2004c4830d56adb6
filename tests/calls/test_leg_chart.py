"""Bars of a call's time line."""

from datetime import UTC, datetime, timedelta

from calls.leg_chart import Bar, LegTimes, draw_legs

START = datetime(2026, 11, 16, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_leg_rings_then_talks_with_its_holds_on_top() -> None:
    (bars,) = draw_legs([LegTimes(at(0), at(10), at(100), [(at(50), at(60))])], now=at(500))
    assert bars == (Bar("ring", 0, 100), Bar("talk", 100, 900), Bar("hold", 500, 100))


def test_legs_share_one_time_line() -> None:
    first, second = draw_legs(
        [LegTimes(at(0), at(10), at(50)), LegTimes(at(50), at(60), at(100))], now=at(500)
    )
    assert first == (Bar("ring", 0, 100), Bar("talk", 100, 400))
    assert second == (Bar("ring", 500, 100), Bar("talk", 600, 400))


def test_a_leg_that_is_still_open_reaches_to_now() -> None:
    (bars,) = draw_legs([LegTimes(at(0), at(50), None, [(at(75), None)])], now=at(100))
    assert bars == (Bar("ring", 0, 500), Bar("talk", 500, 500), Bar("hold", 750, 250))


def test_a_leg_that_nobody_answered_only_rings() -> None:
    assert draw_legs([LegTimes(at(0), None, at(20))], now=at(90)) == [(Bar("ring", 0, 1000),)]


def test_moments_stay_visible_and_inside_the_chart() -> None:
    (bars,) = draw_legs([LegTimes(at(0), at(0), at(0))], now=at(0))
    assert all(bar.width >= 6 and bar.start + bar.width <= 1000 for bar in bars)
    (long,) = draw_legs([LegTimes(at(0), at(1), at(7200))], now=at(0))
    assert long[0] == Bar("ring", 0, 6)


def test_a_call_without_legs_has_no_chart() -> None:
    assert draw_legs([], now=START) == []
