"""What people ask of the large lists: pages, named filters, beginnings of numbers and names.

Values are those of ``large_data``: frequent ones, rare ones, and one that nothing has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Model

from calls.admin.call_cells import OUTCOMES
from calls.models import Call
from calls.models.calls import Direction
from integrations.activity import STATUSES
from integrations.activity_words import LOG_WORDS
from integrations.models import AuditEntry, CrmWrite, WriteState
from sms.models import Message
from tests.bench.large_data import RARE_NAME

#: Stands for whoever asks.
ME = "me"
PERIODS = ("today", "week", "month")
#: Begins a tenth of all names, a name in fifty, a first name and a last name, one person, nobody.
_NAMES = ("ba", "carla", "smith", "ana bar", RARE_NAME, "quix", "nobody")
#: All numbers of a country, an area, ten of them, one number, none.
_NUMBERS = ("+1", "(415)", "+141500001", "+14150000100", "+4930999")
_PAGES: Sequence[Mapping[str, str]] = ({}, {"p": "2"}, {"p": "20"}, {"p": "40"})

FILTERS: Mapping[type[Model], Mapping[str, Sequence[str]]] = {
    Call: {
        "direction__exact": Direction.values,
        "outcome": OUTCOMES,
        "needs_review__exact": ("1", "0"),
        "period": PERIODS,
    },
    CrmWrite: {
        "status": STATUSES,
        "activity": tuple(LOG_WORDS),
        "type": ("Task", "Event"),
        "member": (ME,),
        "error": ("REQUIRED_FIELD_MISSING", "NO_SUCH_ERROR"),
        "state__exact": WriteState.values,
    },
    Message: {
        "direction__exact": Message.Direction.values,
        "status": (
            "waiting", "under_way", "not_delivered", "delivered", "unconfirmed", "skipped",
            "cancelled", "received", "optout",
        ),
        "purpose__exact": Message.Purpose.values,
        "period": PERIODS,
    },
    AuditEntry: {"period": PERIODS},
}  # fmt: skip
#: Lists that are not searched by number.
_BY_NAME_ALONE = (AuditEntry,)


@dataclass(frozen=True)
class Question:
    """One address of a list; questions of one ``kind`` share a figure."""

    kind: str
    query: str


def questions_about(model: type[Model]) -> Iterator[Question]:
    """Everything that is measured of a model's list."""
    for page in _PAGES:
        yield Question("pages", urlencode(page))
    for name, values in FILTERS[model].items():
        for value in values:
            yield Question("filters", urlencode({name: value}))
    yield from (Question("names", urlencode({"q": name})) for name in _NAMES)
    if model not in _BY_NAME_ALONE:
        yield from (Question("numbers", urlencode({"q": number})) for number in _NUMBERS)
