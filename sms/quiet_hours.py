"""When a marketing text may be sent: windows in the recipient's own time (sms.md 5.5).

Pure; the caller passes the time and the zones. Where several zones are possible for one person
(a number says only so much), all of them must be inside the window.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONDAY, SATURDAY, SUNDAY = 0, 5, 6
#: As far as `next_opening` looks ahead, days: every weekday once, and the day of today again.
_HORIZON_DAYS = 8


@dataclass(frozen=True, slots=True)
class Window:
    """From ``opens`` to just before ``closes``, local wall-clock time of one day."""

    opens: time
    closes: time


@dataclass(frozen=True)
class QuietHours:
    """The windows by weekday (Monday is 0); a weekday without one is quiet all day."""

    windows: Mapping[int, Window]

    def is_open(self, at: datetime, zones: Collection[ZoneInfo]) -> bool:
        """Whether every zone is inside its window at this moment (an aware datetime)."""
        return all(self._is_open_in(at.astimezone(zone)) for zone in zones)

    def next_opening(self, at: datetime, zones: Collection[ZoneInfo]) -> datetime | None:
        """The first moment from ``at`` on that is open in every zone, in UTC.

        None where there is no such moment within eight days: the windows never overlap.
        """
        if self.is_open(at, zones):
            return at
        openings = {opening for zone in zones for opening in self._openings(at, zone)}
        return next((one for one in sorted(openings) if self.is_open(one, zones)), None)

    def closes_at(self, at: datetime, zones: Collection[ZoneInfo]) -> datetime | None:
        """When the first of the zones that are open now closes, in UTC; None when one is shut."""
        if not zones or not self.is_open(at, zones):
            return None
        return min(self._closing(at.astimezone(zone)) for zone in zones)

    def _is_open_in(self, local: datetime) -> bool:
        window = self.windows.get(local.weekday())
        return window is not None and window.opens <= local.time() < window.closes

    def _openings(self, at: datetime, zone: ZoneInfo) -> list[datetime]:
        """The openings of the next days in one zone that lie after ``at``."""
        today = at.astimezone(zone).date()
        openings = []
        for ahead in range(_HORIZON_DAYS):
            day = today + timedelta(days=ahead)
            if window := self.windows.get(day.weekday()):
                openings.append(_moment(datetime.combine(day, window.opens, zone)))
        return [opening for opening in openings if opening > at]

    def _closing(self, local: datetime) -> datetime:
        window = self.windows[local.weekday()]
        return _moment(datetime.combine(local.date(), window.closes, local.tzinfo))


def _moment(local: datetime) -> datetime:
    """In UTC. A wall-clock time that a change to summer time skips moves forward (PEP 495)."""
    return local.astimezone(UTC)


def every_day(opens: time, closes: time) -> QuietHours:
    """The same window on all seven days."""
    return QuietHours(dict.fromkeys(range(7), Window(opens, closes)))


#: Where nobody chose: inside every window of the US states that we know of, but for Rhode Island's
#: evenings and Kentucky's first hour.
SAFE = QuietHours(
    dict.fromkeys(range(MONDAY, SUNDAY), Window(time(9), time(20)))
    | {SUNDAY: Window(time(12), time(20))}
)
