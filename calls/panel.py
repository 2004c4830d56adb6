"""Reading a member's softphone panel: the whole of it, or what changed since (RULES F9)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Q, QuerySet
from django.utils import timezone

from calls.call_control import Control, controls_of
from calls.events import Direction
from calls.fold import State
from calls.interaction_kinds import INTERACTION_KINDS, InteractionKind
from calls.layout_settings import LayoutSettings
from calls.models import Call, CallLeg, CallState, Interaction, PanelSession
from calls.panel_feed import changed_calls, last_sequence
from calls.panel_state import (
    WRAP_UP_SECONDS,
    LookupState,
    PanelCall,
    PanelCallRow,
    PanelLeg,
    show_calls,
    shown_ids,
)
from calls.presence import Presence, PresenceFacts, judge_presence
from calls.review import offered_records
from calls.softphone_layouts import layout_for
from integrations.models import Connection, InboundEvent, Membership
from integrations.options import active_options, options_at
from integrations.salesforce.precedence import Candidate

#: So many calls of the past stand on the panel.
RECENT = 10


@dataclass(frozen=True)
class Panel:
    """A panel as of event number `sequence`.

    `calls` are all that are shown, or with `is_whole` False only those that changed; whatever is
    not among `shown` has left the panel. `controls` are the phone system's, whatever the call, and
    `salesforce` is the connection through which records are opened, if there is one.
    """

    read_at: datetime
    sequence: int
    is_whole: bool
    presence: Presence
    controls: frozenset[Control]
    calls: tuple[PanelCall, ...]
    shown: list[int]
    salesforce: Connection | None
    region: str


def read_panel(session: PanelSession, *, after: int | None = None) -> Panel:
    """The member's panel now; with ``after`` only the calls that changed since that event, where
    that can be told. Needs the workspace in scope."""
    member = session.membership
    # First the number, then the rows: what changes in between is told again, never left out.
    sequence = last_sequence(member.pk)
    changed = None if after is None else changed_calls(member.pk, after, sequence)
    phone_systems = list(Connection.objects.phone_systems())
    now = timezone.now()
    calls = calls_of(member, now=now)
    told = calls if changed is None else tuple(one for one in calls if one.call_id in changed)
    return Panel(
        read_at=now,
        sequence=sequence,
        is_whole=changed is None,
        presence=_judge(session, phone_systems),
        controls=frozenset().union(*(controls_of(one.backend) for one in phone_systems)),
        calls=told,
        shown=shown_ids(calls),
        salesforce=Connection.objects.find_sync_user() if told else None,
        region=member.workspace.default_region,
    )


def read_presence(session: PanelSession) -> Presence:
    """Whether the panel is Available now. Needs the workspace in scope."""
    return _judge(session, list(Connection.objects.phone_systems()))


def calls_of(member: Membership, *, now: datetime) -> tuple[PanelCall, ...]:
    """What a member's panel shows at ``now``; nothing but calls of their own."""
    rows = list(_rows(member, now))
    return show_calls(rows, now=now, shows_details=not active_options()["respect_record_access"])


def current_legs(member: Membership, now: datetime) -> QuerySet[CallLeg]:
    """The member's legs that last, or ended within the time of a wrap-up."""
    wrapping_up_since = now - timedelta(seconds=WRAP_UP_SECONDS)
    return CallLeg.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=wrapping_up_since), membership=member
    )


def recent_calls(member: Membership) -> list[Call]:
    """The member's own latest calls that are over, the newest first."""
    own = Call.objects.visible_to(member, team=False, everyone=False)
    return list(own.filter(state=CallState.ENDED)[:RECENT])


def _rows(member: Membership, now: datetime) -> Iterable[PanelCallRow]:
    legs = current_legs(member, now).select_related("call__connection")
    by_call: dict[int, tuple[Call, list[CallLeg]]] = {}
    for leg in legs:
        by_call.setdefault(leg.call_id, (leg.call, []))[1].append(leg)
    if not by_call:
        return
    choices, layout = _choices(by_call), layout_for(member)
    for call, own_legs in by_call.values():
        keys = {"", *(leg.leg_key for leg in own_legs)}
        about = [record for leg_key, record in choices.get(call.pk, ()) if leg_key in keys]
        yield _row(call, own_legs, about[-1] if about else None, layout)


def _choices(call_ids: Collection[int]) -> Mapping[int, list[tuple[str, Candidate | None]]]:
    """The records that people chose or had open, by call; the one that counts comes last (B3)."""
    chosen: dict[int, list[tuple[str, Candidate | None]]] = {}
    kept = Interaction.objects.filter(call_id__in=call_ids)
    for one in sorted(kept, key=_rule_of, reverse=True):  # of one rule the later stays the later
        record = Candidate.from_json(one.record) if one.record else None
        chosen.setdefault(one.call_id, []).append((one.leg_key, record))
    return chosen


def _rule_of(interaction: Interaction) -> str:
    return INTERACTION_KINDS[cast("InteractionKind", interaction.kind)].rule


def _row(
    call: Call, legs: Iterable[CallLeg], chosen: Candidate | None, layout: LayoutSettings
) -> PanelCallRow:
    return PanelCallRow(
        call_id=call.pk,
        legs=tuple(_leg(leg) for leg in legs),
        external_raw=call.external_raw,
        external_e164=call.external_e164,
        is_internal=call.is_internal,
        is_withheld=call.is_withheld,
        caller_name=call.caller_name,
        did=call.did,
        queue=call.queue,
        lookup=cast("LookupState", call.match_state),
        candidates=tuple(offered_records(call)),
        chosen=chosen,
        can_control=controls_of(call.connection.backend),
        layout=layout,
        search_dialog=options_at(call.options_revision)["search_dialog"],
    )


def _leg(leg: CallLeg) -> PanelLeg:
    return PanelLeg(
        leg_key=leg.leg_key,
        state=cast("State", leg.state),
        direction=cast("Direction", leg.direction),
        ring_started_at=leg.ring_started_at,
        answered_at=leg.answered_at,
        ended_at=leg.ended_at,
        wrapped_up_at=leg.wrapped_up_at,
        is_consult=leg.is_consult,
        external_raw=leg.external_raw,
        note=leg.note,
        disposition=leg.disposition,
    )


def _judge(session: PanelSession, phone_systems: Collection[Connection]) -> Presence:
    enabled = [one for one in phone_systems if one.state == Connection.State.ACTIVE]
    is_live = PanelSession.objects.live(timezone.now()).filter(pk=session.pk).exists()
    facts = PresenceFacts(
        script_version=session.script_version if is_live else None,
        has_phone_system=bool(phone_systems),
        is_phone_system_enabled=bool(enabled),
        last_event_failed=bool(enabled) and all(_last_event_failed(one) for one in enabled),
        extension=session.membership.extension,
        licence=session.membership.crm_licence,
    )
    return judge_presence(facts)


def _last_event_failed(phone_system: Connection) -> bool:
    """Whether the newest of its events that was read could not be understood."""
    events = InboundEvent.objects.filter(connection=phone_system)
    failed = events.filter(state=InboundEvent.State.FAILED).order_by("-received_at", "-id").first()
    if failed is None:
        return False
    return not events.filter(
        state=InboundEvent.State.PROCESSED, received_at__gt=failed.received_at
    ).exists()
