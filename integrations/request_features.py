"""What a request that carries records is counted under in the API budget (PLUS-07). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from integrations.activity_kinds import ActivityKind

CALL_RECORDS = "call records"
MEETINGS = "meetings"
#: Writes of calls name the option that asks for them.
_COUNTED_AS = {"activity_history": CALL_RECORDS}


class _Write(Protocol):
    feature: str
    activity: str


def feature_of(writes: Iterable[_Write]) -> str:
    """A request that carries records of several kinds counts as what most of them are."""
    return Counter(map(_feature, writes)).most_common(1)[0][0]


def _feature(write: _Write) -> str:
    if write.activity == ActivityKind.MEETING_CONFIRMED:
        return MEETINGS
    return _COUNTED_AS.get(write.feature, write.feature)
