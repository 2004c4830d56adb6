"""Numbers that grow through the day: today so far, what is usual by now, the last 14 days.

A part of Patchbay says *what* is counted (``Tally``: rows, and the column that holds the moment),
and everything else is worked out here, so today and its past can never be counted differently.

Nothing is rolled up into a table of its own. Today is counted each time, over the rows of one day
by an index. The 28 days before it are counted in one query and kept in the cache for a quarter of
an hour: an hour of Home being open costs four of them, and late news about a past day shows up by
itself, where a rollup would have to be told of it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.core.cache import cache
from django.db.models import (
    Aggregate,
    Case,
    Count,
    IntegerField,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import ExtractHour, ExtractMinute, TruncDate

from integrations import usual_day
from integrations.clock import workspace_zone
from integrations.models import Membership, Workspace
from integrations.usual_day import Curve, DayTotal

_KEEP_SECONDS = 900

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
    """The figures at ``now``: a query for each, and one more where the cache knows no past."""
    zone = workspace_zone(workspace)
    local = now.astimezone(zone)
    midnight = usual_day.start_of_day(local.date(), zone)
    past = _past_of(tallies, workspace, zone, local.date())
    figures = []
    for tally in tallies:
        so_far = _count_since(tally, midnight)
        curves = past[tally.key]
        figures.append(
            Figure(
                key=tally.key,
                label=tally.label,
                value=so_far,
                usual=usual_day.usual_by(curves, local.date(), local.time()),
                usual_by=usual_day.start_of_quarter(local.time()),
                days=usual_day.daily_totals(curves, local.date(), so_far),
                detail=tally.detail,
                link=tally.link,
            )
        )
    return figures


def _count_since(tally: Tally, since: datetime) -> int:
    rows = tally.rows.order_by().filter(**{f"{tally.at}__gte": since})
    return rows.aggregate(amount=tally.amount)["amount"] or 0


def _past_of(
    tallies: Sequence[Tally], workspace: Workspace, zone: tzinfo, today: date
) -> dict[str, Curves]:
    """The curves of each tally, by its key; what the cache lacks is counted and put there."""
    # The zone too: another one makes other days of the same rows.
    names = {
        tally.key: f"tally:{workspace.pk}:{tally.key}:{tally.audience}:{zone}:{today}"
        for tally in tallies
    }
    kept = cache.get_many(names.values())
    past = {key: _from_cache(kept[name]) for key, name in names.items() if name in kept}
    for tally in tallies:
        if tally.key not in past:
            past[tally.key] = _count_past(tally, zone, today)
            cache.set(names[tally.key], _to_cache(past[tally.key]), _KEEP_SECONDS)
    return past


def _count_past(tally: Tally, zone: tzinfo, today: date) -> Curves:
    first = today - timedelta(days=usual_day.DAYS_BACK)
    between = {
        f"{tally.at}__gte": usual_day.start_of_day(first, zone),
        f"{tally.at}__lt": usual_day.start_of_day(today, zone),
    }
    counted = (
        tally.rows.order_by()
        .filter(**between)
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


def _to_cache(curves: Curves) -> list[list[Any]]:
    """As JSON keeps it: ``[day, [[quarter, amount], …]]``."""
    return [[day.isoformat(), sorted(curve.items())] for day, curve in curves.items()]


def _from_cache(kept: list[list[Any]]) -> Curves:
    return {date.fromisoformat(day): dict(curve) for day, curve in kept}
