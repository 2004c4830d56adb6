"""/healthz, /readyz and /metrics."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.deliveries import post_event
from tests.factories import make_phone_system, make_workspace


def test_healthz_needs_nothing(client: Client) -> None:
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_readyz_says_that_database_and_schema_are_there(client: Client) -> None:
    assert client.get("/readyz").json() == {"ready": True}


@pytest.mark.django_db
def test_readyz_does_not_ask_for_redis(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "Bearer wrong"])
def test_metrics_are_for_bearers_of_the_token(
    client: Client, settings: Settings, given: str
) -> None:
    settings.METRICS_TOKEN = "right"
    assert client.get("/metrics", headers={"authorization": given}).status_code == 401
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 401


@pytest.mark.django_db
def test_metrics_tell_what_waits_and_what_was_refused(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "right"
    post_event(make_phone_system(make_workspace()), "{")
    text = client.get("/metrics", headers={"authorization": "Bearer right"}).content.decode()

    assert 'patchbay_intake_last_hour{result="not_json"} 1.0' in text
    assert 'patchbay_oldest_seconds{lane="outbox"} 0.0' in text
    assert "patchbay_redis_up 1.0" in text


@pytest.mark.django_db
def test_metrics_say_that_redis_is_away(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "right"
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    text = client.get("/metrics", headers={"authorization": "Bearer right"}).content.decode()

    assert "patchbay_redis_up 0.0" in text
