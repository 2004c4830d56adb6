"""Who makes a request."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Caller:
    """A signed-in user behind an app. Date literals such as TODAY are days of their time zone.

    `is_tooling`: asks the Tooling API, which has objects of its own.
    """

    user_id: str
    consumer_key: str
    scope: frozenset[str]
    time_zone: ZoneInfo
    is_tooling: bool = False
