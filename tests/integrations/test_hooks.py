"""Deliveries take the short way: no cookie, no page's policy, and the row at hand is soon fresh."""

import time
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from integrations import inbox, known_connections
from integrations.group_commit import NotWrittenInTime
from integrations.models import Connection, InboundEvent, IntakeCount
from integrations.phone_systems import disable, rotate_secret, signing_secrets
from integrations.tenancy import workspace_scope
from tests.deliveries import PhoneCall, post_event
from tests.factories import make_phone_system, make_user, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone_system() -> Connection:
    return make_phone_system(make_workspace())


@pytest.fixture
def event(phone_system: Connection) -> dict[str, Any]:
    return PhoneCall(phone_system).payload("ringing", 0)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A monotonic clock that the test turns."""
    clock = [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    return clock


def test_the_second_delivery_costs_one_statement(
    phone_system: Connection,
    event: dict[str, Any],
    now: list[float],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    post_event(phone_system, event)
    with django_assert_num_queries(1) as captured:
        assert post_event(phone_system, event).status_code == 202
    assert "INSERT INTO" in captured[0]["sql"]


def test_an_answer_sets_no_cookie_and_is_not_guessed_at(
    phone_system: Connection, event: dict[str, Any]
) -> None:
    answer = post_event(phone_system, event)

    assert not answer.cookies
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(len(answer.content))


def test_a_sender_has_no_form_token_and_needs_none(event: dict[str, Any]) -> None:
    answer = Client(enforce_csrf_checks=True).post("/hooks/calls/no-such-key/", event)

    assert answer.status_code == 404
    assert "copy the address" in answer.json()["error"]
    assert Client().get("/hooks/").status_code == 404


def test_a_new_secret_works_at_once_and_the_old_one_beside_it(
    phone_system: Connection, event: dict[str, Any], now: list[float]
) -> None:
    old = signing_secrets(phone_system)[0]
    assert post_event(phone_system, event, secret=old).status_code == 202
    with workspace_scope(phone_system.workspace_id):
        new = rotate_secret(
            Connection.objects.get(pk=phone_system.pk), actor=make_user("ada@acme.test")
        )

    assert post_event(phone_system, event, secret=new).status_code == 202
    assert post_event(phone_system, event, secret=old).status_code == 202
    assert not IntakeCount.unscoped.exists()


@pytest.mark.parametrize("state", [Connection.State.DISABLED, Connection.State.ARCHIVED])
def test_a_connection_that_was_ended_is_refused_within_a_second(
    phone_system: Connection, event: dict[str, Any], now: list[float], state: str
) -> None:
    assert post_event(phone_system, event).status_code == 202
    Connection.unscoped.filter(pk=phone_system.pk).update(state=state)
    now[0] += known_connections.TRUSTED_SECONDS

    assert post_event(phone_system, event).status_code in (403, 404)
    assert InboundEvent.unscoped.count() == 1


def test_one_that_was_enabled_again_is_taken_at_once(
    phone_system: Connection, event: dict[str, Any], now: list[float]
) -> None:
    with workspace_scope(phone_system.workspace_id):
        disable(phone_system, actor=make_user("ada@acme.test"))
    assert post_event(phone_system, event).status_code == 403
    Connection.unscoped.filter(pk=phone_system.pk).update(state=Connection.State.ACTIVE)

    assert post_event(phone_system, event).status_code == 202


def test_a_database_that_is_too_slow_is_said_to_be_so(
    phone_system: Connection, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(*_: object, **__: object) -> None:
        raise NotWrittenInTime

    monkeypatch.setattr(inbox, "receive", too_slow)
    answer = post_event(phone_system, event)

    assert answer.status_code == 503
    assert "send it again" in answer.json()["error"]
