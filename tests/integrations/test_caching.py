"""The cache answers whatever happens to Redis."""

import time

import pytest
import redis
from django.core.cache import cache, caches

from integrations.caching import CountingRedisCache

pytestmark = pytest.mark.django_db


def test_values_live_in_redis_as_json(redis_client: redis.Redis) -> None:
    cache.set("colours", ["red", 1.5, None, True])
    (key,) = redis_client.keys("*colours")
    assert redis_client.get(key) == b'["red", 1.5, null, true]'
    assert cache.get("colours") == ["red", 1.5, None, True]
    assert caches["database"].get("colours") is None


def test_whole_numbers_can_be_counted_up() -> None:
    cache.set("number", 41)
    assert cache.incr("number") == 42
    assert cache.get("number") == 42


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(TypeError):
        cache.set("object", object())


@pytest.mark.usefixtures("redis_away")
def test_the_database_answers_while_redis_is_away() -> None:
    assert cache.add("lock", True)
    assert not cache.add("lock", True)
    cache.set_many({"a": 1, "b": [2]})
    assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": [2]}
    assert cache.incr("a") == 2
    assert cache.get_or_set("d", 4) == 4
    assert "d" in cache
    assert cache.delete("d")
    assert caches["database"].get("b") == [2]


@pytest.mark.usefixtures("redis_away")
def test_after_a_failure_redis_is_left_alone_by_every_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def get(self: CountingRedisCache, key: str, *arguments: object, **options: object) -> None:
        asked.append(key)
        raise redis.TimeoutError

    monkeypatch.setattr(CountingRedisCache, "get", get)
    cache.get("first")
    cache.get("second")
    assert asked == ["first"]
    now = time.monotonic()
    monkeypatch.setattr("integrations.caching.time.monotonic", lambda: now + 2.1)
    cache.get("third")
    assert asked == ["first", "third"]


@pytest.mark.usefixtures("redis_away")
def test_a_redis_that_is_away_costs_little_time() -> None:
    started = time.monotonic()
    for number in range(3):
        cache.get(f"key {number}".replace(" ", "-"))
    assert time.monotonic() - started < 1
