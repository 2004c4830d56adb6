"""How often something may be asked: hooks, invitations, sign-in to the panel (RULES F6).

Sign-in itself is limited by allauth, which counts in the same cache.
"""

import hashlib
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from django.core.cache import caches
from limits import RateLimitItem, parse

from integrations.caching import FallbackCache

_parse = lru_cache(maxsize=64)(parse)
#: A process asks the shared counter for this part of a limit at a time: 600 a second, by twelves.
_SHARE = 50


@dataclass
class _Grant:
    """Hits of one window that were counted already and not used yet."""

    window: int
    left: int


_grants: dict[str, _Grant] = {}
_grants_lock = threading.Lock()
_asking = tuple(threading.Lock() for _ in range(16))
#: So that addresses of the past do not gather.
_MOST_GRANTS = 10_000


def allow(scope: str, key: str, rate: str) -> bool:
    """Count one request and say whether it is within the limit.

    ``scope`` names what is limited, ``key`` whom (an address, a connection key; it is stored as a
    digest), ``rate`` reads like ``"600/second"`` or ``"5 per 10 minutes"``. Windows are fixed by
    the clock, so across the edge of a window up to twice the rate may pass; in exchange a check
    costs at most one round trip to Redis, and it keeps counting in the database while Redis is
    away. Of limits of 100 and more a process takes a fiftieth at once, so that busy hooks seldom
    ask; the limit is never exceeded, and missed by at most what other processes hold unused.
    """
    limit: RateLimitItem = _parse(rate)
    window_seconds = limit.get_expiry()
    window = int(time.time()) // window_seconds
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    counter = f"rate:{scope}:{digest}:{window_seconds}"
    if _take_granted(counter, window):
        return True
    wanted = max(1, limit.amount // _SHARE)
    if wanted == 1:
        return _ask(counter, window, limit, wanted)
    # One thread asks for all: if each asked for a share of its own, sixty threads that come
    # together would hold the whole limit unused and refuse the sixty-first.
    with _asking[hash(counter) % len(_asking)]:
        return _take_granted(counter, window) or _ask(counter, window, limit, wanted)


def _ask(counter: str, window: int, limit: RateLimitItem, wanted: int) -> bool:
    cache = cast(FallbackCache, caches["default"])
    hits = cache.count_hits(f"{counter}:{window}", wanted, limit.get_expiry())
    granted = wanted - max(0, hits - limit.amount)
    if granted > 1:
        _keep(counter, _Grant(window, granted - 1))
    return granted > 0


def _take_granted(counter: str, window: int) -> bool:
    with _grants_lock:
        grant = _grants.get(counter)
        if grant is None or grant.window != window or not grant.left:
            return False
        grant.left -= 1
        return True


def _keep(counter: str, grant: _Grant) -> None:
    with _grants_lock:
        known = _grants.get(counter)
        if known is not None and known.window == grant.window:
            known.left += grant.left
            return
        if len(_grants) >= _MOST_GRANTS:
            _grants.clear()
        _grants[counter] = grant


def forget_grants() -> None:
    """Ask the shared counters again for everything (tests, which empty them)."""
    with _grants_lock:
        _grants.clear()


def seconds_left(rate: str) -> int:
    """How long the running window of a rate lasts yet: when to come again after a refusal."""
    window_seconds: int = _parse(rate).get_expiry()
    return window_seconds - int(time.time()) % window_seconds
