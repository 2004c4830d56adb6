"""How fast one sender may send: segments a second, shared by every worker (DESIGN 9).

A token bucket in Redis that holds one second's worth: never more than the limit plus a second's
burst. Without Redis nobody is told that there is work, so nothing is granted either.
"""

import redis
import structlog

from integrations.queueing import redis_client

log = structlog.get_logger()

#: Redis' own clock, so that workers on several machines agree. Returns 0, or the seconds to wait.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local rate, cost = tonumber(ARGV[1]), tonumber(ARGV[2])
local stored = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(stored[1]) or rate
tokens = math.min(rate, tokens + (now - (tonumber(stored[2]) or now)) * rate)
-- A text that is longer than one second's worth goes when the bucket is full, and leaves a debt.
local needed = math.min(cost, rate)
if tokens + 0.000001 < needed then return tostring((needed - tokens) / rate) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - cost), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], 60000)
return '0'
"""
#: What is waited when Redis cannot be asked, seconds.
_AWAY_SECONDS = 2.0


def take(sender_id: int, *, segments: int, segments_per_second: int) -> float:
    """Take room for one text; returns 0, or how many seconds to wait before asking again."""
    try:
        client = redis_client()
        answer = client.eval(
            _TAKE, 1, f"patchbay:pace:{sender_id}", str(segments_per_second), str(segments)
        )
    except (redis.RedisError, OSError) as error:
        log.warning("pace_not_known", error=type(error).__name__)
        return _AWAY_SECONDS
    return float(answer)
