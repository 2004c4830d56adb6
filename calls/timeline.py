"""From understood events to the call as it stands: one fold, one transaction (RULES A1).

The transaction first raises ``Call.version``, which on PostgreSQL also locks the row and on SQLite
holds the one writer's lock, so folds of one call never interleave. The call is recomputed from all
of its events; a repeated event changes nothing, a late one may.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from calls.dialling import claim_dial
from calls.event_words import without_person
from calls.events import CallEventData, parse_call_event
from calls.fold import FoldedCall, FoldedLeg, fold_call
from calls.identity import CallIdentity, find_members, identify
from calls.matching import forget_match, request_match
from calls.models import Call, CallLeg, LegEvent
from calls.panel_feed import announce_call
from calls.panel_sessions import note_panels
from calls.unended import closing_events
from integrations.erasing import blank_events
from integrations.models import Connection, InboundEvent, Membership
from integrations.options import active_options, options_at

#: A call is planned this long after its last change, so that a transfer's other half is in (A4).
SETTLE_SECONDS = 2.0

Understood = tuple[InboundEvent, CallEventData, Mapping[str, Any]]


def apply_call_events(connection: Connection, understood: Sequence[Understood]) -> None:
    """Fold new events into their calls; each call in a transaction of its own.

    ``understood`` holds the stored event, what it says, and its payload as JSON. Call inside the
    workspace's scope.
    """
    by_call: dict[str, list[Understood]] = {}
    for item in understood:
        by_call.setdefault(item[1].call_key, []).append(item)
    for call_key, items in by_call.items():
        _apply_to_call(connection, call_key, items)


def _apply_to_call(connection: Connection, call_key: str, items: Sequence[Understood]) -> None:
    with transaction.atomic():
        call = _lock_call(connection, call_key, items)
        if call.erased_at is not None:
            items = _without_person(items)
        LegEvent.objects.bulk_create(
            [_leg_event(connection, call, *item) for item in items], ignore_conflicts=True
        )
        events = read_events(call)
        new_names = {name for _, data, _ in items for name in data.unknown_fields}
        call.unknown_fields = sorted(new_names.union(call.unknown_fields))
        refold(call, events)


def _without_person(items: Sequence[Understood]) -> list[Understood]:
    """Late events of a call whose person was erased: they count, without telling who it was."""
    blank_events([inbound.pk for inbound, _, _ in items])
    return [(inbound, data, without_person(payload)) for inbound, data, payload in items]


def read_events(call: Call) -> list[CallEventData]:
    """All that was understood about a call."""
    return [
        parse_call_event(payload, event_id=event_id)
        for event_id, payload in call.events.values_list("event_id", "payload")
    ]


def _lock_call(connection: Connection, call_key: str, items: Sequence[Understood]) -> Call:
    """The call of this key with its version raised, made on its first event."""
    same_call = Call.objects.filter(connection=connection, call_key=call_key)
    if not same_call.update(version=F("version") + 1):
        first = fold_call(data for _, data, _ in items)
        try:
            with transaction.atomic():
                return Call.objects.create(
                    workspace_id=connection.workspace_id,
                    connection=connection,
                    call_key=call_key,
                    version=1,
                    direction=first.direction,
                    started_at=first.started_at,
                    options_revision=active_options().number,
                )
        except IntegrityError:
            same_call.update(version=F("version") + 1)
    return same_call.select_related("connection", "workspace").get()


def _leg_event(
    connection: Connection,
    call: Call,
    inbound: InboundEvent,
    data: CallEventData,
    payload: Mapping[str, Any],
) -> LegEvent:
    return LegEvent(
        workspace_id=call.workspace_id,
        connection=connection,
        call=call,
        inbound_event=inbound,
        event_id=data.event_id,
        leg_key=data.leg_key,
        type=data.type,
        occurred_at=data.occurred_at,
        payload=payload,
    )


def refold(call: Call, events: Sequence[CallEventData]) -> None:
    """Recompute call and legs from all events, and say when to plan next."""
    folded = fold_call([*events, *closing_events(events, call.given_up_legs or ())])
    options = options_at(call.options_revision)
    members = find_members(folded)
    identity = identify(folded, members, options, region=call.workspace.default_region)
    before = _standing(call)
    before_members = set(
        call.legs.filter(membership__isnull=False).values_list("membership_id", flat=True)
    )
    fill_call(call, folded, identity)
    _store_legs(call, folded, members)
    if before[0] != call.external_e164:
        forget_match(call)
    claim_dial(call, folded, members)
    if before != _standing(call):
        request_match(call, options)
    # Legacy mode writes at the answer and changes that later (C7); otherwise legs are written.
    writes_at_answer = options["activity_history"] and options["legacy"] and folded.answered_at
    if call.erased_at is not None:
        call.plan_due_at = None
    elif writes_at_answer or any(leg.state == "ended" for leg in folded.legs):
        call.plan_due_at = timezone.now() + timedelta(seconds=SETTLE_SECONDS)
    call.save()
    announce_call(call.pk, before_members | {member.pk for member in members.values()})


def _standing(call: Call) -> tuple[str, str, datetime | None]:
    """What decides whether the number must be looked up again."""
    return call.external_e164, call.state, call.ended_at


def fill_call(call: Call, folded: FoldedCall, identity: CallIdentity) -> None:
    """Take over what a fold says about the whole call; nothing is saved."""
    call.direction = folded.direction
    call.state = folded.state
    call.outcome = folded.outcome or ""
    call.external_raw = identity.external_raw
    call.external_e164 = identity.external_e164
    call.is_internal = identity.is_internal
    call.is_withheld = identity.is_withheld
    call.did = folded.did or ""
    call.queue = folded.queue or ""
    call.caller_name = folded.caller_name or ""
    call.name_hints = [{"name": one.name, "source": one.source} for one in folded.name_hints]
    call.started_at = folded.started_at
    call.answered_at = folded.answered_at
    call.ended_at = folded.ended_at


def _store_legs(call: Call, folded: FoldedCall, members: Mapping[str, Membership]) -> None:
    for leg in folded.legs:
        CallLeg.objects.update_or_create(
            call=call,
            leg_key=leg.leg_key,
            defaults={"workspace_id": call.workspace_id} | leg_columns(leg, members),
        )
    note_panels(call)


def leg_columns(leg: FoldedLeg, members: Mapping[str, Membership]) -> dict[str, Any]:
    """A folded leg as columns of `CallLeg`."""
    return {
        "membership": members.get(leg.leg_key),
        "extension": leg.extension or "",
        "user_email": leg.user_email or "",
        "state": leg.state,
        "direction": leg.direction,
        "is_consult": leg.is_consult,
        "ring_started_at": leg.ring_started_at,
        "answered_at": leg.answered_at,
        "ended_at": leg.ended_at,
        "held_seconds": leg.held_seconds,
        "talk_seconds": leg.talk_seconds,
        "end_cause": leg.end_cause or "",
        "external_raw": leg.external_raw or "",
        "transferred_to_leg_key": leg.transferred_to_leg_key or "",
        "transferred_to_extension": leg.transferred_to_extension or "",
        "recording_url": leg.recording_url or "",
        "voicemail_url": leg.voicemail_url or "",
        "transferred_from_leg_key": leg.transferred_from_leg_key or "",
    }
