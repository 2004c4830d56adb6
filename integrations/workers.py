"""RQ workers: one queue a process, JSON jobs, fresh database connections."""

import signal
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from integrations.options import options_read_once


class PatchbayWorker(SimpleWorker):
    """Runs jobs in its own process: they are short, and the rows survive its death.

    One queue each, because a worker that listens on several can lose a job between taking and
    starting it (BLPOP instead of BLMOVE).
    """

    # Redis may restart at any time, and a worker that sleeps for a minute after that is late.
    max_connection_wait_time = 1.0

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        try:
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]
        except RedisError as error:
            # RQ asks Redis whether to wait; without Redis there is nothing to wait for.
            raise SystemExit(0) from error

    def perform_job(self, *args: Any, **kwargs: Any) -> bool:
        close_old_connections()
        try:
            with options_read_once():
                return super().perform_job(*args, **kwargs)
        finally:
            close_old_connections()


def run_worker(queue_name: str, *, burst: bool = False) -> None:
    """Work off one queue until SIGTERM, or until it is empty with ``burst``."""
    connection = Redis.from_url(settings.REDIS_URL)
    queue = Queue(queue_name, connection=connection, serializer=JSONSerializer)
    worker = PatchbayWorker([queue], connection=connection, serializer=JSONSerializer)
    try:
        worker.work(burst=burst, with_scheduler=False, logging_level=settings.LOG_LEVEL)
    finally:
        # RQ leaves its handlers behind; they would talk to a worker that is gone.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
