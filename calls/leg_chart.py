"""Legs drawn on a common time line: where each rang, talked and was on hold. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

#: The chart's width; bars are whole parts of it.
WIDTH = 1000
#: So that a moment of ringing before a long talk can still be seen.
_NARROWEST = 6

Hold = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a leg, in parts of ``WIDTH``."""

    kind: Literal["ring", "talk", "hold"]
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class LegTimes:
    """When a leg rang, was answered and ended; what has not happened is None."""

    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    holds: Sequence[Hold] = ()


def draw_legs(legs: Sequence[LegTimes], *, now: datetime) -> list[tuple[Bar, ...]]:
    """The bars of each leg, between the first ring and the last end; open ends reach to ``now``."""
    if not legs:
        return []
    starts_at = min(leg.rang_at for leg in legs)
    ends_at = max(leg.ended_at or now for leg in legs)
    scale = _Scale(starts_at, max(ends_at - starts_at, timedelta(seconds=1)))
    return [tuple(_draw(leg, scale, now)) for leg in legs]


@dataclass(frozen=True, slots=True)
class _Scale:
    starts_at: datetime
    length: timedelta

    def bar(self, kind: Literal["ring", "talk", "hold"], since: datetime, until: datetime) -> Bar:
        start = self._place(since)
        width = max(self._place(until) - start, _NARROWEST)
        return Bar(kind, min(start, WIDTH - _NARROWEST), min(width, WIDTH))

    def _place(self, moment: datetime) -> int:
        return max(0, min(WIDTH, round(WIDTH * ((moment - self.starts_at) / self.length))))


def _draw(leg: LegTimes, scale: _Scale, now: datetime) -> Iterator[Bar]:
    ended_at = leg.ended_at or now
    yield scale.bar("ring", leg.rang_at, leg.answered_at or ended_at)
    if leg.answered_at is None:
        return
    yield scale.bar("talk", leg.answered_at, ended_at)
    yield from _draw_holds(leg.holds, scale, ended_at)


def _draw_holds(holds: Iterable[Hold], scale: _Scale, ended_at: datetime) -> Iterator[Bar]:
    for held_at, resumed_at in holds:
        yield scale.bar("hold", held_at, min(resumed_at or ended_at, ended_at))
