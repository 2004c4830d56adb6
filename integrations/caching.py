"""The cache: Redis, and the database while Redis is away (RULES F5).

Rate limits live here, so they must keep counting whatever happens to Redis. What is cached is
JSON: a Redis that somebody else can write to must not be able to run code in our processes.
"""

import json
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger()

#: After a failure Redis is left alone for this long, seconds.
_PAUSE_SECONDS = 2.0
#: Until when (monotonic seconds) which Redis is left alone, for all threads of the process.
_away_until: dict[str, float] = {}


class JSONSerializer:
    """Values as JSON; whole numbers stay readable for Redis' own INCR."""

    def dumps(self, value: object) -> bytes:
        return json.dumps(value).encode()

    def loads(self, stored: bytes) -> Any:
        return json.loads(stored)


class CountingRedisCache(RedisCache):
    """Django's Redis cache with a counter that costs one round trip."""

    def count_hits(self, key: str, hits: int, lifetime_seconds: int) -> int:
        """Add to a counter that is forgotten after its lifetime; returns the new count."""
        full_key = self.make_and_validate_key(key)
        client = self._cache.get_client(full_key, write=True)
        with client.pipeline(transaction=False) as pipeline:
            pipeline.incrby(full_key, hits)
            pipeline.expire(full_key, lifetime_seconds)
            count, _ = pipeline.execute()
        return int(count)


class FallbackCache(BaseCache):
    """Asks Redis first; on an error, the cache that ``OPTIONS["fallback"]`` names."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = {"serializer": JSONSerializer, **settings.REDIS_CLIENT_OPTIONS}
        self._location = location
        self._redis = CountingRedisCache(location, {**params, "OPTIONS": options})
        self._fallback_alias: str = params.get("OPTIONS", {}).get("fallback", "database")

    @property
    def _fallback(self) -> BaseCache:
        return caches[self._fallback_alias]

    def _call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return self._try_redis(
            lambda: getattr(self._redis, method)(*args, **kwargs),
            otherwise=lambda: getattr(self._fallback, method)(*args, **kwargs),
        )

    def _try_redis(self, ask: Callable[[], Any], *, otherwise: Callable[[], Any]) -> Any:
        if time.monotonic() >= _away_until.get(self._location, 0.0):
            try:
                return ask()
            except (RedisError, OSError) as error:
                _away_until[self._location] = time.monotonic() + _PAUSE_SECONDS
                log.warning("cache_falls_back", error=type(error).__name__)
        return otherwise()

    def count_hits(self, key: str, hits: int, lifetime_seconds: int) -> int:
        """Add to a counter that is forgotten after its lifetime; returns the new count.

        One round trip to Redis. In the database two processes may now and then count one hit for
        two: a limit that is a little generous for as long as Redis is away.
        """
        return int(
            self._try_redis(
                lambda: self._redis.count_hits(key, hits, lifetime_seconds),
                otherwise=lambda: self._count_in_fallback(key, hits, lifetime_seconds),
            )
        )

    def _count_in_fallback(self, key: str, hits: int, lifetime_seconds: int) -> int:
        # Not incr(): Django's database cache would set the default lifetime instead of ours.
        count = int(self._fallback.get(key, 0)) + hits
        self._fallback.set(key, count, lifetime_seconds)
        return count


def _delegated(method: str) -> Callable[..., Any]:
    def call(self: FallbackCache, *args: Any, **kwargs: Any) -> Any:
        return self._call(method, *args, **kwargs)

    call.__name__ = method
    return call


for _method in (
    "add", "get", "set", "touch", "delete", "get_many", "set_many", "delete_many",
    "has_key", "incr", "clear",
):  # fmt: skip
    setattr(FallbackCache, _method, _delegated(_method))
