"""RULES A1: the event contract, at the door and in depth."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from calls.events import (
    EnvelopeInvalid,
    Transfer,
    check_envelope,
    load_schema,
    parse_call_event,
)
from integrations.errors import EventNotUnderstood

RINGING: dict[str, Any] = {
    "type": "call.ringing",
    "occurred_at": "2026-11-21T18:29:00.746+01:00",
    "call_key": "t9",
    "leg_key": "1795.54",
    "data": {
        "direction": "inbound",
        "external": "+14155552671",
        "external_raw": "4155552671",
        "did": "+18005550100",
        "extension": "201",
        "started_at": "2026-11-21T17:28:59Z",
        "answered_at": None,
        "caller_name": "",
    },
}


def with_data(**data: Any) -> dict[str, Any]:
    return {**RINGING, "data": {**RINGING["data"], **data}}


@pytest.mark.parametrize("payload", [None, [], "event", 7, True])
def test_the_door_refuses_what_is_no_object(payload: object) -> None:
    with pytest.raises(EnvelopeInvalid, match=r"^The body must be a JSON object\.$"):
        check_envelope(payload)


@pytest.mark.parametrize("key", ["type", "occurred_at", "call_key", "leg_key"])
def test_the_door_names_the_missing_key(key: str) -> None:
    payload = {name: value for name, value in RINGING.items() if name != key}

    with pytest.raises(EnvelopeInvalid, match=f"^Missing: {key}\\.$"):
        check_envelope(payload)


def test_the_door_asks_for_nothing_more() -> None:
    check_envelope({"type": "call.exploded", "occurred_at": 5, "call_key": None, "leg_key": []})


def test_an_event_is_read_into_typed_utc() -> None:
    event = parse_call_event(RINGING, event_id="msg_1")

    assert (event.event_id, event.type, event.leg_key) == ("msg_1", "call.ringing", "1795.54")
    assert event.occurred_at == datetime(2026, 11, 21, 17, 29, 0, 746000, tzinfo=UTC)
    assert event.occurred_at.tzinfo is UTC
    assert event.snapshot.started_at == datetime(2026, 11, 21, 17, 28, 59, tzinfo=UTC)
    assert event.snapshot.external_raw == "4155552671"
    assert event.unknown_fields == ()


def test_null_and_empty_both_mean_not_known() -> None:
    snapshot = parse_call_event(RINGING, event_id="e").snapshot

    assert snapshot.answered_at is None
    assert snapshot.caller_name is None
    assert parse_call_event({**RINGING, "data": None}, event_id="e").snapshot.direction is None


def test_a_transfer_is_read_with_its_target() -> None:
    payload = with_data(transfer={"kind": "attended", "to_leg_key": "B", "to_extension": "202"})

    event = parse_call_event({**payload, "type": "call.transferred"}, event_id="e")

    assert event.snapshot.transfer == Transfer("attended", "B", "202")


def test_unknown_fields_are_listed_and_tenant_and_source_are_not() -> None:
    payload = with_data(mood="good", transfer={"kind": "blind", "speed": 3})
    payload |= {"tenant": "acme", "source": 7, "sequence": 3, "b\x00d\ud800": 1}

    event = parse_call_event(payload, event_id="e")

    assert event.unknown_fields == (
        "b\ufffdd\ufffd",
        "data.mood",
        "data.transfer.speed",
        "sequence",
    )


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({**RINGING, "type": "call.exploded"}, "type: 'call.exploded' is not one of"),
        ({**RINGING, "call_key": 7}, "call_key: 7 is not of type 'string'"),
        ({**RINGING, "leg_key": ""}, "leg_key: '' should be non-empty"),
        ({**RINGING, "leg_key": "a\x00"}, "leg_key: contains characters that cannot be stored"),
        ({**RINGING, "occurred_at": 5}, "occurred_at: 5 is not of type 'string'"),
        ({**RINGING, "occurred_at": "soon"}, "occurred_at: is not an ISO 8601 time"),
        ({**RINGING, "occurred_at": "2026-11-21T17:29:00"}, "occurred_at: is not an ISO 8601"),
        ({**RINGING, "occurred_at": "0001-01-01T00:00:00+23:59"}, "in this century"),
        ({**RINGING, "data": []}, "data: [] is not of type 'object', 'null'"),
        (with_data(direction="sideways"), "data.direction: 'sideways' is not one of"),
        (with_data(extension=201), "data.extension: 201 is not of type 'string', 'null'"),
        (with_data(started_at="x"), "data.started_at: is not an ISO 8601 time"),
        (with_data(caller_name="\ud800"), "data.caller_name: contains characters"),
        (with_data(transfer={"kind": "warm"}), "data.transfer.kind: 'warm' is not one of"),
        ({**RINGING, "type": "call.transferred"}, "data: 'transfer' is a required property"),
        ({**RINGING, "type": "call.transferred", "data": None}, "data: None is not of type"),
        ([], "event: [] is not of type 'object'"),
    ],
)
def test_what_cannot_be_understood_names_the_field_and_the_reason(
    payload: object, reason: str
) -> None:
    with pytest.raises(EventNotUnderstood) as caught:
        parse_call_event(payload, event_id="e")

    assert reason in str(caught.value)


def test_a_reason_stays_short() -> None:
    with pytest.raises(EventNotUnderstood) as caught:
        parse_call_event(with_data(caller_name="x" * 100_000), event_id="e")

    assert len(str(caught.value)) < 400


def test_the_published_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(load_schema())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(
    key=st.sampled_from((*RINGING, "tenant")),
    name=st.sampled_from((*RINGING["data"], "transfer", "queue")),
    value=json_values,
)
def test_any_json_is_either_read_or_refused(key: str, name: str, value: object) -> None:
    for payload in ({**RINGING, key: value}, with_data(**{name: value}), value):
        try:
            event = parse_call_event(payload, event_id="e")
        except EventNotUnderstood:
            continue
        json.dumps(event.unknown_fields).encode()
        assert event.occurred_at.tzinfo is UTC
