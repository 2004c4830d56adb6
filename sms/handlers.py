"""Understanding what gateways called back, from the inbox."""

import json
from collections.abc import Mapping, Sequence

from integrations.errors import EventNotUnderstood
from integrations.models import Connection, InboundEvent
from sms.backends import gateway_of
from sms.backends.base import Callback
from sms.inbound import record_inbound
from sms.reports import Arrived, apply_reports

#: The names under which the inbox knows the two handlers.
REPORTS, TEXTS = "sms_reports", "sms_inbound"


def process_reports(
    connection: Connection, events: Sequence[InboundEvent]
) -> Mapping[int, Exception]:
    """Apply the delivery reports in these events; those that no field map fits, by primary key."""
    failures: dict[int, Exception] = {}
    arrived: list[Arrived] = []
    with gateway_of(connection) as gateway:
        for event in events:
            try:
                callback = read_callback(event)
                arrived += [Arrived(one, event) for one in gateway.parse_reports(callback)]
            except EventNotUnderstood as error:
                failures[event.pk] = error
        apply_reports(connection, arrived, reports_each_part=gateway.reports_each_part)
    return failures


def process_inbound(
    connection: Connection, events: Sequence[InboundEvent]
) -> Mapping[int, Exception]:
    """Keep the texts in these events, and do what they ask for; those that failed, by primary key.

    One at a time, so that one bad text holds up no stop behind it.
    """
    failures: dict[int, Exception] = {}
    with gateway_of(connection) as gateway:
        for event in events:
            try:
                record_inbound(connection, gateway.parse_inbound(read_callback(event)), event)
            except Exception as error:  # noqa: BLE001 - kept on the event, tried again, shown
                failures[event.pk] = error
    return failures


def check_callback(event: InboundEvent) -> str:
    """Why no field map fits this report or text; empty where one does."""
    try:
        with gateway_of(event.connection) as gateway:
            parse = gateway.parse_inbound if event.handler == TEXTS else gateway.parse_reports
            parse(read_callback(event))
    except EventNotUnderstood as error:
        return error.message
    return ""


def read_callback(event: InboundEvent) -> Callback:
    """The callback that an event holds; raises EventNotUnderstood."""
    try:
        return Callback(**json.loads(event.body))
    except (ValueError, TypeError) as error:
        raise EventNotUnderstood("The event holds no callback.") from error
