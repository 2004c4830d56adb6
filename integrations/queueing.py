"""Wake-ups: telling a worker that there is work. The rows hold the truth (DESIGN 1, RULES F4, F5).

A wake-up may be lost at any time; the tick of ``sweep --loop`` finds what is due. So a Redis that
is away costs nobody more than a quarter of a second, and then nothing for two seconds.
"""

import time
from functools import lru_cache, partial

import redis
import structlog
from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import import_string
from rq import Queue
from rq.serializers import JSONSerializer

log = structlog.get_logger()

_PAUSE_SECONDS = 2.0
#: A wake-up that was not taken within this time may be repeated, milliseconds.
_COALESCE_MILLISECONDS = 5_000
JOB_TIMEOUT_SECONDS = 300

_away_until = 0.0


@lru_cache(maxsize=1)
def redis_client() -> redis.Redis:
    """The client of wake-ups and of shared limits: 0.25 s at most, no retry (RULES F5)."""
    return redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_CLIENT_OPTIONS)


def _wake_key(job: str, arguments: tuple[int | str, ...]) -> str:
    return ":".join(["patchbay:wake", job, *map(str, arguments)])


def enqueue(
    queue: str, job: str, *arguments: int | str, database: BaseDatabaseWrapper | None = None
) -> None:
    """Ask for ``job`` (a dotted path) with these arguments once the transaction commits.

    Asking again before a worker has taken the first request adds nothing. ``database`` is whose
    transaction it is, where that is not the thread's own connection.
    """
    database = database or transaction.get_connection()
    database.on_commit(partial(_send, queue, job, arguments), robust=True)


def tell(channel: str, message: str) -> None:
    """Tell the processes that listen on a channel once the transaction commits; it may be lost."""
    transaction.on_commit(partial(_publish, channel, message), robust=True)


def _publish(channel: str, message: str) -> None:
    global _away_until
    if time.monotonic() < _away_until:
        return
    try:
        redis_client().publish(channel, message)
    except (redis.RedisError, OSError) as error:
        _away_until = time.monotonic() + _PAUSE_SECONDS
        log.warning("nudge_lost", channel=channel, error=type(error).__name__)


def _send(queue: str, job: str, arguments: tuple[int | str, ...]) -> None:
    global _away_until
    if time.monotonic() < _away_until:
        return
    try:
        connection = redis_client()
        if not connection.set(_wake_key(job, arguments), 1, nx=True, px=_COALESCE_MILLISECONDS):
            return
        Queue(queue, connection=connection, serializer=JSONSerializer).enqueue(
            "integrations.queueing.perform",
            args=(job, *arguments),
            job_timeout=JOB_TIMEOUT_SECONDS,
            result_ttl=0,
            failure_ttl=86_400,
        )
    except (redis.RedisError, OSError) as error:
        _away_until = time.monotonic() + _PAUSE_SECONDS
        log.warning("wake_up_lost", queue=queue, job=job, error=type(error).__name__)


def perform(job: str, *arguments: int | str) -> None:
    """What a worker runs: forget the wake-up first, so that newer work asks again, then do it."""
    try:
        redis_client().delete(_wake_key(job, arguments))
    except (redis.RedisError, OSError):
        log.warning("wake_up_not_cleared", job=job)
    with structlog.contextvars.bound_contextvars(job=job, job_arguments=arguments):
        import_string(job)(*arguments)
