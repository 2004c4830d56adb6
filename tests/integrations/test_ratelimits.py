"""Limits count by scope and key, and go on counting while Redis is away."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
import time_machine
from django.core.cache import caches
from pytest_django import DjangoAssertNumQueries

from integrations.ratelimits import allow, forget_grants

pytestmark = pytest.mark.django_db
NOON = "2026-11-16T12:00:00Z"


def test_requests_beyond_the_rate_are_refused_until_the_next_window() -> None:
    with time_machine.travel(NOON, tick=False):
        assert [allow("hook", "a", "2/minute") for _ in range(3)] == [True, True, False]
    with time_machine.travel("2026-11-16T12:01:00Z", tick=False):
        assert allow("hook", "a", "2/minute")


@time_machine.travel(NOON, tick=False)
def test_keys_and_scopes_are_counted_apart() -> None:
    assert allow("hook", "a", "1/day")
    assert allow("hook", "b", "1/day")
    assert allow("invitation", "a", "1/day")
    assert not allow("hook", "a", "1/day")


@time_machine.travel(NOON, tick=False)
def test_any_text_can_be_a_key() -> None:
    assert allow("hook", "ümlaut and spaces\n" * 40, "1/day")
    assert not allow("hook", "ümlaut and spaces\n" * 40, "1/day")


def test_a_check_is_one_round_trip(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow("hook", "opens the connection", "1/day")
    sent: list[object] = []
    send: Callable[..., None] = redis.connection.AbstractConnection.send_packed_command

    def counting_send(connection: object, *arguments: object, **options: object) -> None:
        sent.append(arguments)
        send(connection, *arguments, **options)

    monkeypatch.setattr(redis.connection.AbstractConnection, "send_packed_command", counting_send)
    with django_assert_num_queries(0):
        allow("hook", "a", "5/day")
    assert len(sent) == 1


def test_a_counter_is_forgotten_after_its_window(redis_client: redis.Redis) -> None:
    allow("hook", "a", "5/hour")
    (key,) = redis_client.keys("*rate:hook:*")
    assert 0 < redis_client.ttl(key) <= 3600


@pytest.mark.usefixtures("redis_away")
@time_machine.travel(NOON, tick=False)
def test_limits_count_in_the_database_while_redis_is_away() -> None:
    assert [allow("hook", "a", "2/day") for _ in range(3)] == [True, True, False]


@pytest.mark.usefixtures("redis_away")
def test_a_long_window_outlives_the_caches_default_lifetime_in_the_database() -> None:
    with time_machine.travel(NOON, tick=False):
        assert [allow("hook", "a", "2/day") for _ in range(2)] == [True, True]
    with time_machine.travel("2026-11-16T20:00:00Z", tick=False):
        assert not allow("hook", "a", "2/day")
        assert caches["database"].default_timeout == 300


@time_machine.travel(NOON, tick=False)
def test_a_busy_key_asks_the_shared_counter_once_in_a_while(redis_client: redis.Redis) -> None:
    assert all(allow("hook", "a", "600/second") for _ in range(13))
    (key,) = redis_client.keys("*rate:hook:*")

    assert redis_client.get(key) == b"24"  # two shares of twelve
    assert sum(allow("hook", "a", "600/second") for _ in range(1_000)) == 587


@time_machine.travel(NOON, tick=False)
def test_processes_share_one_limit(redis_client: redis.Redis) -> None:
    taken = 0
    for _ in range(80):
        taken += sum(allow("hook", "a", "600/second") for _ in range(9))
        forget_grants()  # another process, or this one in another window

    assert 400 < taken <= 600


@time_machine.travel(NOON, tick=False)
def test_threads_that_come_together_do_not_hold_the_limit_from_each_other() -> None:
    together = threading.Barrier(64)

    def ask(_: int) -> bool:
        together.wait(10)
        return allow("hook", "a", "600/day")

    with ThreadPoolExecutor(64) as threads:
        assert all(threads.map(ask, range(64)))
    assert [allow("hook", "a", "600/day") for _ in range(600)].count(True) == 600 - 64
