"""The cache: Redis, and the database while Redis is away (RULES F5).

Rate limits live here, so they must keep counting whatever happens to Redis.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

#: After a failure Redis is left alone for this long, seconds.
_PAUSE_SECONDS = 2.0


class FallbackCache(BaseCache):
    """Asks Redis first; on an error, the cache that ``OPTIONS["fallback"]`` names."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._redis = RedisCache(location, {"OPTIONS": dict(settings.REDIS_CLIENT_OPTIONS)})
        self._fallback_alias = params.get("OPTIONS", {}).get("fallback", "database")
        self._away_until = 0.0

    def _call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._away_until:
            try:
                return getattr(self._redis, method)(*args, **kwargs)
            except (RedisError, OSError):
                self._away_until = time.monotonic() + _PAUSE_SECONDS
        return getattr(caches[self._fallback_alias], method)(*args, **kwargs)


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
