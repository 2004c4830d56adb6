"""Wake-ups: after commit, coalesced, and never in the way when Redis is gone (RULES F4, F5)."""

import time
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings as django_settings
from django.db import transaction
from pytest_django.fixtures import Settings
from rq import Queue
from rq.serializers import JSONSerializer

from integrations import queueing
from integrations.queueing import enqueue
from integrations.workers import run_worker

JOB = "tests.integrations.test_queueing.remember"
performed: list[int] = []


def remember(number: int) -> None:
    """The job of these tests."""
    performed.append(number)


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    performed.clear()
    yield
    queueing._away_until = 0.0
    queueing.redis_client.cache_clear()


def waiting(redis_client: redis.Redis) -> int:
    return Queue("background", connection=redis_client, serializer=JSONSerializer).count


@pytest.mark.django_db(transaction=True)
def test_a_wake_up_leaves_when_the_transaction_commits(redis_client: redis.Redis) -> None:
    with transaction.atomic():
        enqueue("background", JOB, 1)
        assert waiting(redis_client) == 0
    assert waiting(redis_client) == 1


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_is_rolled_back_wakes_nobody(redis_client: redis.Redis) -> None:
    with transaction.atomic():
        enqueue("background", JOB, 1)
        transaction.set_rollback(True)
    assert waiting(redis_client) == 0


@pytest.mark.django_db(transaction=True)
def test_many_wake_ups_for_one_thing_are_one_until_it_is_taken(redis_client: redis.Redis) -> None:
    for _ in range(5):
        enqueue("background", JOB, 1)
    enqueue("background", JOB, 2)
    assert waiting(redis_client) == 2

    run_worker("background", burst=True)
    assert performed == [1, 2]
    enqueue("background", JOB, 1)
    assert waiting(redis_client) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_leaves_nothing_behind_in_redis(redis_client: redis.Redis) -> None:
    enqueue("background", JOB, 1)
    run_worker("background", burst=True)

    assert performed == [1]
    assert not list(redis_client.keys("rq:job:*"))


@pytest.mark.django_db(transaction=True)
def test_without_redis_an_enqueue_fails_fast_and_then_not_at_all(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    queueing.redis_client.cache_clear()
    began = time.monotonic()
    for number in range(100):
        enqueue("background", JOB, number)

    assert queueing._away_until > time.monotonic()
    assert time.monotonic() - began < 1.0
    assert django_settings.REDIS_CLIENT_OPTIONS["socket_timeout"] == 0.25
