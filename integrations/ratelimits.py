"""How often something may be asked: hooks, invitations, sign-in to the panel (RULES F6).

Sign-in itself is limited by allauth, which counts in the same cache.
"""

import hashlib
import time
from functools import lru_cache
from typing import cast

from django.core.cache import caches
from limits import RateLimitItem, parse

from integrations.caching import FallbackCache

_parse = lru_cache(maxsize=64)(parse)


def allow(scope: str, key: str, rate: str) -> bool:
    """Count one request and say whether it is within the limit.

    ``scope`` names what is limited, ``key`` whom (an address, a connection key; it is stored as a
    digest), ``rate`` reads like ``"600/second"`` or ``"5 per 10 minutes"``. Windows are fixed by
    the clock, so across the edge of a window up to twice the rate may pass; in exchange a check
    costs one round trip to Redis, and it keeps counting in the database while Redis is away.
    """
    limit: RateLimitItem = _parse(rate)
    window_seconds = limit.get_expiry()
    window = int(time.time()) // window_seconds
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    cache = cast(FallbackCache, caches["default"])
    hits = cache.count_hit(f"rate:{scope}:{digest}:{window_seconds}:{window}", window_seconds)
    return hits <= limit.amount
