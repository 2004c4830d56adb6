"""The door for call events: a plain answer with a reason, nothing half done, a counter (A1, F6)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.models import Connection, InboundEvent, IntakeCount
from tests.deliveries import PhoneCall, post_event
from tests.factories import make_phone_system, make_workspace

pytestmark = pytest.mark.django_db

Result = IntakeCount.Result


@pytest.fixture
def phone_system() -> Connection:
    return make_phone_system(make_workspace())


@pytest.fixture
def event(phone_system: Connection) -> dict[str, Any]:
    return PhoneCall(phone_system).payload("ringing", 0)


def reason(answer: Any) -> str:
    return str(json.loads(answer.content)["error"])


def counted(phone_system: Connection) -> dict[str, int]:
    return dict(IntakeCount.unscoped.filter(connection=phone_system).values_list("result", "count"))


def test_a_signed_event_is_stored_before_it_is_acknowledged(
    phone_system: Connection, event: dict[str, Any]
) -> None:
    answer = post_event(phone_system, event, event_id="evt-1")

    assert answer.status_code == 202
    stored = InboundEvent.unscoped.get()
    assert (stored.dedupe_key, json.loads(stored.body)) == ("evt-1", event)
    assert stored.workspace_id == phone_system.workspace_id


def test_a_repeat_is_answered_alike_and_stored_once(
    phone_system: Connection, event: dict[str, Any]
) -> None:
    first = post_event(phone_system, event, event_id="evt-1")
    again = post_event(phone_system, event, event_id="evt-1")

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert InboundEvent.unscoped.count() == 1
    assert counted(phone_system) == {Result.REPEATED: 1}


def test_the_same_id_with_another_body_is_a_conflict(
    phone_system: Connection, event: dict[str, Any]
) -> None:
    post_event(phone_system, event, event_id="evt-1")
    answer = post_event(phone_system, event | {"leg_key": "other"}, event_id="evt-1")

    assert answer.status_code == 409
    assert "another body" in reason(answer)
    assert InboundEvent.unscoped.count() == 1
    assert counted(phone_system) == {Result.CONFLICT: 1}


def test_a_wrong_signature_is_counted_not_stored(
    phone_system: Connection, event: dict[str, Any]
) -> None:
    answer = post_event(phone_system, event, secret="whsec_d3Jvbmctc2VjcmV0LXdyb25nLXNlY3JldA==")

    assert answer.status_code == 401
    assert "signing secret" in reason(answer)
    assert not InboundEvent.unscoped.exists()
    assert counted(phone_system) == {Result.BAD_SIGNATURE: 1}


def test_a_missing_signature_is_named(phone_system: Connection, event: dict[str, Any]) -> None:
    answer = post_event(phone_system, event, headers={"webhook-signature": ""})

    assert answer.status_code == 401
    assert "webhook-signature is missing" in reason(answer)


def test_a_stale_event_is_refused_with_its_age(
    phone_system: Connection, event: dict[str, Any]
) -> None:
    answer = post_event(phone_system, event, at=timezone.now() - timedelta(minutes=10))

    assert answer.status_code == 401
    assert "seconds old" in reason(answer)
    assert counted(phone_system) == {Result.STALE: 1}


@pytest.mark.parametrize("body", ["{", "", "[]", '"text"', "[" * 100_000])
def test_what_is_not_a_json_object_is_refused(phone_system: Connection, body: str) -> None:
    answer = post_event(phone_system, body)

    assert answer.status_code == 400
    assert "JSON" in reason(answer)
    assert counted(phone_system) == {Result.NOT_JSON: 1}


@pytest.mark.parametrize("key", ["type", "occurred_at", "call_key", "leg_key"])
def test_a_missing_key_is_named(phone_system: Connection, event: dict[str, Any], key: str) -> None:
    del event[key]
    answer = post_event(phone_system, event)

    assert answer.status_code == 400
    assert key in reason(answer)
    assert counted(phone_system) == {Result.INCOMPLETE: 1}


def test_a_body_over_256_kib_is_refused(phone_system: Connection, event: dict[str, Any]) -> None:
    answer = post_event(phone_system, event | {"padding": "x" * 256 * 1024})

    assert answer.status_code == 413
    assert "256 KiB" in reason(answer)
    assert counted(phone_system) == {Result.TOO_LARGE: 1}


def test_a_chunked_body_asks_for_its_length(phone_system: Connection) -> None:
    answer = post_event(phone_system, "{}", headers={"transfer-encoding": "chunked"})

    assert answer.status_code == 411


def test_an_unknown_connection_key_says_so(event: dict[str, Any]) -> None:
    answer = Client().post("/hooks/calls/no-such-key/", event, content_type="application/json")

    assert answer.status_code == 404
    assert "copy the address" in reason(answer)


def test_a_disabled_phone_system_is_told_so(
    phone_system: Connection, event: dict[str, Any]
) -> None:
    Connection.unscoped.filter(pk=phone_system.pk).update(state=Connection.State.DISABLED)
    answer = post_event(phone_system, event)

    assert answer.status_code == 403
    assert counted(phone_system) == {Result.DISABLED: 1}


def test_anything_with_the_four_keys_is_kept_to_be_understood_later(
    phone_system: Connection,
) -> None:
    strange: dict[str, Any] = {"type": 7, "occurred_at": None, "call_key": {}, "leg_key": []}

    assert post_event(phone_system, strange).status_code == 202
    assert InboundEvent.unscoped.count() == 1


def test_more_than_the_rate_is_asked_to_come_later(
    phone_system: Connection, event: dict[str, Any], settings: Any
) -> None:
    settings.INTAKE_RATE_LIMIT = "2/hour"
    statuses = [post_event(phone_system, event).status_code for _ in range(3)]

    assert statuses == [202, 202, 429]


def test_only_post_is_understood(phone_system: Connection) -> None:
    assert Client().get(f"/hooks/calls/{phone_system.key}/").status_code == 405
