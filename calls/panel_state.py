"""What a member's softphone panel shows of their calls (RULES B2, B5, B6; CRC-46 to CRC-49). Pure.

The same rows give the same panel, in however many tabs it is open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from calls.call_control import Control
from calls.events import Direction
from calls.fold import State
from calls.layout_settings import LayoutSettings
from calls.screen import Badge, count_matches, narrow, show_on_screen
from integrations.frozen_json import JsonObject, to_json_object
from integrations.salesforce.precedence import Candidate, dedupe_person_accounts

#: Wrap-up ends at Done, when the next leg is answered, or after so many seconds (B5).
WRAP_UP_SECONDS = 60

Phase = Literal["ringing", "talking", "held", "wrap_up"]
LookupState = Literal["not_needed", "pending", "found", "failed"]

_PHASES: dict[State, Phase] = {"ringing": "ringing", "answered": "talking", "held": "held"}
#: Of several legs of one call the first of these is shown; of several calls it stands on top.
_ORDER: tuple[Phase, ...] = ("talking", "held", "ringing", "wrap_up")
#: Which button belongs to which phase; the phone system must offer it too.
_CONTROLS: dict[Phase, tuple[Control, ...]] = {
    "ringing": (Control.ANSWER, Control.HANG_UP),
    "talking": (Control.HOLD, Control.TRANSFER, Control.HANG_UP),
    "held": (Control.RESUME, Control.TRANSFER, Control.HANG_UP),
    "wrap_up": (),
}


@dataclass(frozen=True, slots=True)
class PanelLeg:
    """A leg of the member. Datetimes are aware UTC; `wrapped_up_at` is when they said Done."""

    leg_key: str
    state: State
    direction: Direction
    ring_started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    wrapped_up_at: datetime | None = None
    is_consult: bool = False
    external_raw: str = ""
    note: str = ""
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class PanelCallRow:
    """A call of the member with their legs, as the rows have it.

    `candidates` are the matches without those that nothing can be filed under, `chosen` the record
    that somebody chose for it. `can_control` is what its phone system can be asked to do,
    `layout` the member's, and `search_dialog` the option pinned on the call (B6).
    """

    call_id: int
    legs: tuple[PanelLeg, ...]
    external_raw: str = ""
    external_e164: str = ""
    is_internal: bool = False
    is_withheld: bool = False
    caller_name: str = ""
    did: str = ""
    queue: str = ""
    lookup: LookupState = "not_needed"
    candidates: tuple[Candidate, ...] = ()
    chosen: Candidate | None = None
    can_control: frozenset[Control] = frozenset()
    layout: LayoutSettings = field(default_factory=LayoutSettings)
    search_dialog: bool = True


@dataclass(frozen=True, slots=True)
class PanelRecord:
    """A Salesforce record as the panel names it; `account_name` only to those who may read it."""

    sobject: str
    record_id: str
    name: str
    account_name: str = ""


@dataclass(frozen=True, slots=True)
class PanelCall:
    """One call on the panel.

    `badge` is what the match allows: pop for one record, search for several, new for none, and
    never two of them; without one `no_badge` is the word for why. `new_object` is what New makes.
    `since` is when the phase began, `wrap_up_ends_at` when the call leaves the panel by itself.
    """

    call_id: int
    leg_key: str
    phase: Phase
    direction: Direction
    since: datetime
    wrap_up_ends_at: datetime | None
    caller: str
    number: str
    did: str
    queue: str
    badge: Badge | None
    no_badge: str
    new_object: str
    records: tuple[PanelRecord, ...]
    is_chosen: bool
    controls: tuple[Control, ...]
    note: str
    disposition: str

    def to_json(self) -> JsonObject:
        """The call as the panel's script reads it; times are ISO 8601 in UTC."""
        return to_json_object(self)


def show_calls(
    rows: Iterable[PanelCallRow], *, now: datetime, shows_details: bool
) -> tuple[PanelCall, ...]:
    """What the panel shows at `now`: the call that is talked on first, wrap-ups last.

    Without `shows_details` records have type and name alone (B9).
    """
    known = list(rows)
    legs = [leg for row in known for leg in row.legs]
    shown = [
        _show(row, leg, phase, shows_details=shows_details)
        for row in known
        if (found := _leg_to_show(row.legs, legs, now))
        for leg, phase in (found,)
    ]
    return tuple(sorted(shown, key=lambda one: (_ORDER.index(one.phase), one.since, one.call_id)))


def _leg_to_show(
    legs: Iterable[PanelLeg], all_legs: Sequence[PanelLeg], now: datetime
) -> tuple[PanelLeg, Phase] | None:
    """Of a member who is rung on two telephones, the leg that is furthest."""
    phases = [(leg, phase) for leg in legs if (phase := _phase(leg, all_legs, now))]
    return min(phases, key=lambda one: (_ORDER.index(one[1]), one[0].ring_started_at), default=None)


def _phase(leg: PanelLeg, all_legs: Iterable[PanelLeg], now: datetime) -> Phase | None:
    if leg.state != "ended":
        return _PHASES[leg.state]
    return "wrap_up" if _is_wrapping_up(leg, all_legs, now) else None


def _is_wrapping_up(leg: PanelLeg, all_legs: Iterable[PanelLeg], now: datetime) -> bool:
    """Only talk is wrapped up, and talk that went into an attended transfer is nobody's record."""
    if not leg.answered_at or not leg.ended_at or leg.is_consult or leg.wrapped_up_at:
        return False
    if now >= leg.ended_at + timedelta(seconds=WRAP_UP_SECONDS):
        return False
    return not any(
        other.answered_at and other.answered_at >= leg.ended_at
        for other in all_legs
        if other is not leg
    )


def _show(row: PanelCallRow, leg: PanelLeg, phase: Phase, *, shows_details: bool) -> PanelCall:
    is_internal = row.is_internal or leg.direction == "internal"
    badge, no_badge = _badge(row, leg, is_internal=is_internal)
    records = () if badge is None else _records(row, leg)
    ends_at = leg.ended_at if phase == "wrap_up" else None
    named = records[0] if len(records) == 1 else None
    return PanelCall(
        call_id=row.call_id,
        leg_key=leg.leg_key,
        phase=phase,
        direction=leg.direction,
        since=ends_at or leg.answered_at or leg.ring_started_at,
        wrap_up_ends_at=ends_at + timedelta(seconds=WRAP_UP_SECONDS) if ends_at else None,
        caller=named.label if named else row.caller_name,
        number=_number(row, leg, is_internal=is_internal),
        did=row.did,
        queue=row.queue,
        badge=badge,
        no_badge=no_badge,
        new_object=row.layout.new_object if badge == "new" else "",
        records=tuple(_record(one, shows_details=shows_details) for one in records),
        is_chosen=row.chosen is not None and not is_internal,
        controls=tuple(one for one in _CONTROLS[phase] if one in row.can_control),
        note=leg.note,
        disposition=leg.disposition,
    )


def _number(row: PanelCallRow, leg: PanelLeg, *, is_internal: bool) -> str:
    if is_internal:
        return leg.external_raw or row.external_raw
    return "" if row.is_withheld else row.external_e164 or row.external_raw


def _records(row: PanelCallRow, leg: PanelLeg) -> Sequence[Candidate]:
    if row.chosen:
        return (row.chosen,)
    return narrow(dedupe_person_accounts(row.candidates), row.layout.searched(leg.direction))


def _badge(row: PanelCallRow, leg: PanelLeg, *, is_internal: bool) -> tuple[Badge | None, str]:
    """The one badge, else the word for why there is none."""
    if is_internal:
        return None, "internal"
    if row.chosen:
        return "pop", ""
    if row.is_withheld:
        return None, "withheld"
    if not row.external_e164:
        return None, "no_number"
    if row.lookup != "found":
        return None, {"pending": "searching", "failed": "search_failed"}.get(
            row.lookup, "not_searched"
        )
    shown = show_on_screen(
        count_matches(len(_records(row, leg))),
        leg.direction,
        row.layout,
        search_dialog=row.search_dialog,
    )
    if shown.badge == "search" and shown.opens and shown.opens.kind != "dialog":
        # Salesforce's own pages open inside Salesforce, and this panel stands outside (B6).
        return None, "several_inside"
    return shown.badge, shown.no_badge or ""


def _record(record: Candidate, *, shows_details: bool) -> PanelRecord:
    return PanelRecord(
        sobject=record.sobject,
        record_id=record.record_id,
        name=record.name,
        account_name=record.account_name or "" if shows_details else "",
    )


def shown_ids(calls: Collection[PanelCall]) -> list[int]:
    """The calls on the panel in their order: whatever else a tab has, it drops."""
    return [call.call_id for call in calls]
