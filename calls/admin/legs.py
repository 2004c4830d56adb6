"""The legs of a call for its page: bars of a time line, and the same in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from calls.admin.call_cells import leg_name
from calls.events import CallEventData, parse_call_event
from calls.leg_chart import Bar, Hold, LegTimes, draw_legs
from calls.leg_history import draft_leg, order_events
from calls.models import Call, CallLeg
from integrations.admin.cells import duration, seconds_between
from integrations.errors import EventNotUnderstood


@dataclass(frozen=True)
class LegLine:
    """One leg of the page's time line. ``words`` say what the bars show, for every reader."""

    leg: CallLeg
    name: str
    bars: Sequence[Bar]
    words: str
    transfer: str


def describe_legs(call: Call) -> list[LegLine]:
    """The legs in the order in which they rang."""
    legs = list(call.legs.all())
    names = {leg.leg_key: leg_name(leg) for leg in legs}
    holds = _holds_by_leg(call)
    times = [
        LegTimes(leg.ring_started_at, leg.answered_at, leg.ended_at, holds.get(leg.leg_key, ()))
        for leg in legs
    ]
    return [
        LegLine(leg, names[leg.leg_key], bars, " · ".join(_words(leg)), _transfer(leg, names))
        for leg, bars in zip(legs, draw_legs(times, now=timezone.now()), strict=True)
    ]


def _holds_by_leg(call: Call) -> Mapping[str, Sequence[Hold]]:
    """A leg's row keeps the sum of its holds only; when they were is in the events."""
    by_leg: dict[str, list[CallEventData]] = {}
    for event_id, payload in call.events.values_list("event_id", "payload"):
        try:
            event = parse_call_event(payload, event_id=event_id)
        except EventNotUnderstood:
            continue  # of an older release; the time line does without it
        by_leg.setdefault(event.leg_key, []).append(event)
    return {key: draft_leg(key, order_events(events)).holds for key, events in by_leg.items()}


def _words(leg: CallLeg) -> Iterator[str]:
    yield _("rang %(length)s") % {
        "length": duration(seconds_between(leg.ring_started_at, leg.answered_at or leg.ended_at))
    }
    if leg.answered_at is None:
        yield _("was not answered") if leg.ended_at else _("is ringing")
    elif leg.ended_at is None:
        yield _("is talking")
    else:
        yield _("talked %(length)s") % {
            "length": duration(seconds_between(leg.answered_at, leg.ended_at))
        }
    if leg.held_seconds:
        yield _("of that on hold %(length)s") % {"length": duration(leg.held_seconds)}
    if leg.is_consult:
        yield _("talk among colleagues before a transfer")
    if leg.end_cause:
        yield _("ended: %(cause)s") % {"cause": leg.end_cause.replace("_", " ")}


def _transfer(leg: CallLeg, names: Mapping[str, str]) -> str:
    if not (leg.transferred_to_leg_key or leg.transferred_to_extension):
        return ""
    target = names.get(leg.transferred_to_leg_key) or leg.transferred_to_extension
    return _("transferred to %(target)s") % {"target": target or _("a colleague")}
