"""Today's figures in words and as bars: what Home shows of ``integrations.tallies``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from integrations.clock import workspace_zone
from integrations.models import Workspace
from integrations.tallies import Figure
from integrations.usual_day import DayTotal


@dataclass(frozen=True)
class ShownFigure:
    """One figure: the number, what it is compared with, and its chart in a sentence."""

    figure: Figure
    usual: str
    chart: str


@dataclass(frozen=True)
class ShownFigures:
    """All figures of the page, and the days that their charts share.

    ``definition`` says what a usual day is; ``bars`` is what the charts are drawn from, ``table``
    the same for reading: a day's name, then its totals in the order of ``figures``. Before there
    is any past, charts would say nothing.
    """

    figures: Sequence[ShownFigure]
    today: str
    definition: str
    bars: dict[str, Any]
    table: Sequence[tuple[str, Sequence[int]]]
    has_past: bool


def show_figures(figures: Sequence[Figure], workspace: Workspace) -> ShownFigures:
    """The figures as the page shows them; days and times are the workspace's."""
    today = timezone.now().astimezone(workspace_zone(workspace))
    labels = [_short(day) for day in figures[0].days] if figures else []
    totals = [[day.total for day in figure.days] for figure in figures]
    return ShownFigures(
        figures=[ShownFigure(one, _describe_usual(one), _describe_chart(one)) for one in figures],
        today=f"{date_format(today, 'l j F')}, {workspace.time_zone}",
        definition=_(
            "Usual is the median of the last four weeks on this weekday, from midnight to the "
            "last quarter of an hour, in the workspace's time zone (%(zone)s)."
        )
        % {"zone": workspace.time_zone},
        bars={
            "labels": labels,
            "totals": {one.key: own for one, own in zip(figures, totals, strict=True)},
        },
        # The newest first, as in every other list.
        table=list(zip(labels, zip(*totals, strict=True), strict=True))[::-1],
        has_past=any(any(own[:-1]) for own in totals),
    )


def _describe_usual(figure: Figure) -> str:
    if figure.usual is None:
        return _("not enough history yet")
    return _("usually %(amount)s by %(time)s") % {
        "amount": f"{figure.usual:,}",
        "time": time_format(figure.usual_by, "H:i"),
    }


def _describe_chart(figure: Figure) -> str:
    past = figure.days[:-1]
    most = max(past, key=lambda day: day.total)
    return _(
        "%(label)s on each of the 13 days before today: from %(least)s to %(most)s, most on "
        "%(day)s. Today so far: %(today)s."
    ) % {
        "label": figure.label,
        "least": f"{min(day.total for day in past):,}",
        "most": f"{most.total:,}",
        "day": _short(most),
        "today": f"{figure.value:,}",
    }


def _short(day: DayTotal) -> str:
    return date_format(day.day, "D j M")
