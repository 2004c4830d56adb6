"""Numbers that grow through the day: today so far, what is usual by now, the last 14 days.

A part of Patchbay says *what* is counted (``Tally``: rows, and the column that holds the moment),
and everything else is worked out here, so today and its past can never be counted differently.

Nothing is rolled up into a table of its own. Today is counted each time, over the rows of one day
by an index. A day that is over is counted once, all that are missing in one query, and kept in the
cache: for a quarter of an hour while late news is likely, later for an eighth of its age. So late
news shows up by itself, where a rollup would have to be told; Home reads the cache in one round
trip.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.core.cache import cache
from django.db.models import Aggregate, Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import ExtractHour, ExtractMinute, TruncDate

from integrations import usual_day
from integrations.clock import workspace_zone
from integrations.models import Membership, Workspace
from integrations.usual_day import Curve, DayTotal

#: How long late news about a day is likely after its end.
_NEWS_LIKELY = timedelta(days=2)
#: Seconds that a count is kept meanwhile; where it found nothing, because empty days are counted in
#: no time and may be waiting for their first news.
_KEPT_AT_FIRST, _KEPT_EMPTY = 900, 60

#: Of one tally: its curve on each past day that amounts to anything.
Curves = Mapping[date, Curve]


@dataclass(frozen=True)
class Tally:
    """What is counted: ``rows``, each at the moment in its column ``at``.

    ``audience`` says whose rows they are; with the workspace and ``key`` it must tell apart all
    that differs, because what was counted for one person is shown to everybody of the same
    audience. ``detail`` says more about the number, ``link`` where its rows are.
    """

    key: str
    label: str
    rows: QuerySet[Any]
    at: str
    audience: str
    amount: Aggregate = field(default_factory=lambda: Count("pk"))
    detail: str = ""
    link: str = ""
    order: int = 50


@dataclass(frozen=True)
class Figure:
    """A tally as Home shows it.

    ``usual`` is what the same weekday amounts to by the time ``usual_by``, None where there is too
    little history; ``days`` are the bars of the chart.
    """

    key: str
    label: str
    value: int
    usual: int | None
    usual_by: time
    days: Sequence[DayTotal]
    detail: str = ""
    link: str = ""


def audience_of(membership: Membership, *, team: bool, everyone: bool) -> str:
    """The name of those who see the same rows: all of them, one's team's and own, or one's own."""
    if everyone:
        return "everyone"
    if team:
        return f"member-{membership.pk}-team-{membership.team_id}"
    return f"member-{membership.pk}"


def count_tallies(tallies: Sequence[Tally], workspace: Workspace, now: datetime) -> list[Figure]:
    """The figures at ``now``: a query for each, and one more where the cache lacks past days."""
    days = _Days(workspace.pk, workspace_zone(workspace), now)
    past = days.recall(tallies)
    midnight = usual_day.start_of_day(days.today, days.zone)
    figures = []
    for tally in tallies:
        so_far = _count_since(tally, midnight)
        curves = past[tally.key]
        figures.append(
            Figure(
                key=tally.key,
                label=tally.label,
                value=so_far,
                usual=usual_day.usual_by(curves, days.today, days.time),
                usual_by=usual_day.start_of_quarter(days.time),
                days=usual_day.daily_totals(curves, days.today, so_far),
                detail=tally.detail,
                link=tally.link,
            )
        )
    return figures


def _count_since(tally: Tally, since: datetime) -> int:
    rows = tally.rows.order_by().filter(**{f"{tally.at}__gte": since})
    return rows.aggregate(amount=tally.amount)["amount"] or 0


class _Days:
    """The past days of a workspace, as they are at one moment."""

    def __init__(self, workspace_id: int, zone: tzinfo, now: datetime) -> None:
        local = now.astimezone(zone)
        self.zone, self.now = zone, now
        self.today, self.time = local.date(), local.time()
        self._workspace_id = workspace_id

    def recall(self, tallies: Sequence[Tally]) -> dict[str, Curves]:
        """The curves by a tally's key; what the cache lacks is counted and put there."""
        needed = usual_day.days_needed(self.today)
        kept = cache.get_many([self._name(tally, day) for tally in tallies for day in needed])
        past: dict[str, Curves] = {}
        to_keep: dict[int, dict[str, Any]] = defaultdict(dict)
        for tally in tallies:
            names = {day: self._name(tally, day) for day in needed}
            curves = {day: dict(kept[name]) for day, name in names.items() if name in kept}
            if missing := [day for day in needed if day not in curves]:
                counted = _count_days(tally, missing, self.zone)
                for day in missing:
                    curves[day] = counted.get(day, {})
                    # As JSON keeps it: [[quarter, amount], …].
                    stored = sorted(curves[day].items())
                    to_keep[self._seconds_kept(day, curves[day])][names[day]] = stored
            past[tally.key] = {day: curve for day, curve in curves.items() if curve}
        for seconds, entries in to_keep.items():
            cache.set_many(entries, seconds)
        return past

    def _name(self, tally: Tally, day: date) -> str:
        # The zone too: another one makes other days of the same rows.
        return f"tally:{self._workspace_id}:{tally.key}:{tally.audience}:{self.zone}:{day}"

    def _seconds_kept(self, day: date, curve: Curve) -> int:
        end = usual_day.start_of_day(day + timedelta(days=1), self.zone)
        age = self.now - end
        if not curve:
            return _KEPT_EMPTY
        return _KEPT_AT_FIRST if age < _NEWS_LIKELY else int(age.total_seconds() / 8)


def _count_days(tally: Tally, days: Sequence[date], zone: tzinfo) -> dict[date, dict[int, int]]:
    """What these days amount to, in one query; those that amount to nothing are left out."""
    counted = (
        tally.rows.order_by()
        .filter(_within(tally.at, days, zone))
        .alias(of_minute=ExtractMinute(tally.at, tzinfo=zone))
        .annotate(
            on_day=TruncDate(tally.at, tzinfo=zone),
            of_hour=ExtractHour(tally.at, tzinfo=zone),
            # Not a division: what that makes of whole numbers differs between databases.
            of_quarter=Case(
                When(of_minute__lt=15, then=Value(0)),
                When(of_minute__lt=30, then=Value(1)),
                When(of_minute__lt=45, then=Value(2)),
                default=Value(3),
                output_field=IntegerField(),
            ),
        )
        .values("on_day", "of_hour", "of_quarter")
        .annotate(amount=tally.amount)
        .values_list("on_day", "of_hour", "of_quarter", "amount")
    )
    curves: dict[date, dict[int, int]] = defaultdict(dict)
    for day, hour, quarter, amount in counted:
        curves[day][hour * 4 + quarter] = amount
    return curves


def _within(at: str, days: Sequence[date], zone: tzinfo) -> Q:
    """On one of these days, which come in order: as few ranges as they make."""
    within = Q()
    first = days[0]
    for day, following in zip(days, [*days[1:], None], strict=True):
        end = day + timedelta(days=1)
        if following != end:
            begins, ends = (usual_day.start_of_day(edge, zone) for edge in (first, end))
            within |= Q(**{f"{at}__gte": begins, f"{at}__lt": ends})
            first = following or end
    return within
