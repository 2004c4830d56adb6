"""Today so far and its past, counted from the same rows: zones, summer time, who sees what."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.db.models import Sum

from calls.models import Call
from integrations.models import ApiUsage, Workspace
from integrations.tallies import Figure, Tally, count_tallies
from integrations.tenancy import workspace_scope
from integrations.usual_day import days_needed
from tests.factories import (
    make_call,
    make_phone_system,
    make_salesforce_connection,
    make_workspace,
)

pytestmark = pytest.mark.django_db


def _call_at(workspace: Workspace, moments: Sequence[datetime]) -> None:
    phone_system = make_phone_system(workspace)
    for moment in moments:
        make_call(workspace, phone_system, started_at=moment)


def _count(workspace: Workspace, now: datetime, audience: str = "everyone") -> Figure:
    with workspace_scope(workspace):
        tally = Tally("calls", "Calls", Call.objects.all(), "started_at", audience)
        [figure] = count_tallies([tally], workspace, now)
    return figure


def _bar(figure: Figure, day: date) -> int:
    [total] = [bar.total for bar in figure.days if bar.day == day]
    return total


@pytest.mark.parametrize("minute", [0, 14, 15, 59])
def test_usual_compares_with_the_same_time_of_four_weekdays(minute: int) -> None:
    acme = make_workspace(time_zone="America/Los_Angeles")
    zone = ZoneInfo("America/Los_Angeles")
    at_ten = datetime(2026, 11, 20, 10, minute, tzinfo=zone)  # across the end of summer time
    for week in (1, 2, 3, 4):
        day = at_ten - timedelta(weeks=week)
        # Of each Friday: `week` calls up to the last full quarter, and one in the next.
        quarter = day.replace(minute=minute // 15 * 15)
        _call_at(acme, [quarter - timedelta(minutes=1)] * week + [quarter])
    _call_at(acme, [at_ten] * 9)
    figure = _count(acme, at_ten)
    assert (figure.value, figure.usual, figure.usual_by) == (9, 3, time(10, minute // 15 * 15))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("UTC", date(2026, 11, 20), 24),
        ("Asia/Kolkata", date(2026, 11, 20), 24),
        ("America/Los_Angeles", date(2026, 11, 1), 25),  # the clock goes back
        ("America/Los_Angeles", date(2026, 3, 8), 23),  # and forth
        ("America/Santiago", date(2026, 9, 6), 23),  # and forth at midnight
    ],
)
def test_what_a_day_shows_at_its_end_is_what_its_bar_says_after(
    zone: str, day: date, hours: int
) -> None:
    acme = make_workspace(time_zone=zone)
    midnight = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    _call_at(acme, [midnight + timedelta(hours=hour, minutes=20) for hour in range(-2, hours + 2)])
    end = midnight + timedelta(hours=hours)
    last_moment = _count(acme, end - timedelta(seconds=1))
    # Calls of the next two hours are in the database already, as no real ones are.
    assert last_moment.value == hours + 2
    assert _bar(_count(acme, end + timedelta(hours=3)), day) == hours
    assert _bar(_count(acme, end + timedelta(days=12)), day) == hours


def test_the_day_is_the_workspaces() -> None:
    acme, globex = make_workspace(time_zone="Asia/Tokyo"), make_workspace(time_zone="Nowhere/At")
    moment = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # 01:00 in Tokyo, on the 21st
    for workspace in (acme, globex):
        _call_at(workspace, [moment, moment - timedelta(hours=2)])
    assert (_count(acme, moment).value, _count(globex, moment).value) == (1, 2)


def test_without_history_nothing_is_usual() -> None:
    figure = _count(make_workspace(), datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert (figure.value, figure.usual) == (0, None)
    assert {bar.total for bar in figure.days} == {0}


def test_amounts_are_added_up_where_rows_hold_them() -> None:
    acme = make_workspace()
    connection = make_salesforce_connection(acme)
    now = datetime(2026, 11, 20, 12, 10, tzinfo=UTC)
    for back, requests in [(0, 3), (7, 10), (14, 20)]:
        for feature in ("lookup", "write"):
            ApiUsage.unscoped.create(
                workspace=acme,
                connection=connection,
                feature=feature,
                hour=now.replace(minute=0) - timedelta(days=back, hours=1),
                requests=requests,
            )
    with workspace_scope(acme):
        tally = Tally(
            "requests", "", ApiUsage.objects.all(), "hour", "everyone", amount=Sum("requests")
        )
        [figure] = count_tallies([tally], acme, now)
    assert (figure.value, figure.usual) == (6, 30)


def test_the_past_is_kept_apart_by_workspace_and_audience() -> None:
    acme, globex = make_workspace(), make_workspace()
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    yesterday = now - timedelta(days=1)
    _call_at(acme, [yesterday])
    assert _bar(_count(acme, now), yesterday.date()) == 1
    _call_at(acme, [yesterday])
    assert _bar(_count(acme, now), yesterday.date()) == 1  # as it was counted before
    assert _bar(_count(acme, now, "member-1"), yesterday.date()) == 2
    assert _bar(_count(globex, now), yesterday.date()) == 0
    cache.clear()
    assert _bar(_count(acme, now), yesterday.date()) == 2


@pytest.mark.parametrize(
    ("back", "calls", "seconds"),
    [
        (1, 1, 900),
        (1, 0, 60),
        (2, 1, 900),  # it is noon: that day ended a day and a half ago
        (3, 1, 2 * 86400 // 8 + 12 * 3600 // 8),
        (8, 1, 7 * 86400 // 8 + 12 * 3600 // 8),
    ],
)
def test_the_older_a_day_the_longer_its_count_is_kept(back: int, calls: int, seconds: int) -> None:
    acme = make_workspace()
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    day = now - timedelta(days=back)
    _call_at(acme, [day] * calls)
    _count(acme, now)
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        [name] = client.keys(f"*:tally:{acme.pk}:calls:everyone:UTC:{day:%Y-%m-%d}")
        assert client.ttl(name) == pytest.approx(seconds, abs=5)


def test_only_the_days_that_the_cache_lacks_are_counted() -> None:
    acme = make_workspace()
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    days = days_needed(now.date())
    _call_at(acme, [datetime.combine(day, time(9), UTC) for day in days])
    _count(acme, now)
    _call_at(acme, [datetime.combine(day, time(9), UTC) for day in days])
    lost = [days[0], days[5], days[6], days[-1]]
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for day in lost:
            assert client.delete(*client.keys(f"*:tally:{acme.pk}:*:{day}"))
    bars = _count(acme, now).days
    assert {bar.day for bar in bars if bar.total == 2} == set(lost[1:])
    assert {bar.total for bar in bars[:-1]} == {1, 2}
