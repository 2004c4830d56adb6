"""Understanding call events from the inbox."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from calls.events import known_payload, parse_call_event
from calls.timeline import Understood, apply_call_events
from integrations.errors import EventNotUnderstood
from integrations.models import Connection, InboundEvent


def process_call_events(
    connection: Connection, events: Sequence[InboundEvent]
) -> Mapping[int, Exception]:
    """Fold events into their calls; returns those that failed, with the reason, by primary key."""
    failures: dict[int, Exception] = {}
    by_call: dict[str, list[Understood]] = {}
    for event in events:
        try:
            understood_event = _understand(event)
        except EventNotUnderstood as error:
            failures[event.pk] = error
        else:
            _, data, _ = understood_event
            by_call.setdefault(data.call_key, []).append(understood_event)
    for understood in by_call.values():
        try:
            apply_call_events(connection, understood)
        except Exception as error:  # noqa: BLE001 - kept on the event, tried again, shown to people
            failures |= {event.pk: error for event, _, _ in understood}
    return failures


def check_call_event(event: InboundEvent) -> str:
    """Why an event would not be understood; empty if it would."""
    try:
        _understand(event)
    except EventNotUnderstood as error:
        return error.message
    return ""


def _understand(event: InboundEvent) -> Understood:
    try:
        payload: dict[str, Any] = json.loads(event.body)
        data = parse_call_event(payload, event_id=event.dedupe_key)
    except ValueError as error:
        raise EventNotUnderstood(f"The body is not JSON: {error}") from error
    return event, data, known_payload(payload)
