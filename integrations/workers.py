"""RQ workers: one queue a process, JSON jobs, fresh database connections."""

from typing import Any

from django.conf import settings
from django.db import close_old_connections
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer


class PatchbayWorker(SimpleWorker):
    """Runs jobs in its own process: they are short, and the rows survive its death.

    One queue each, because a worker that listens on several can lose a job between taking and
    starting it (BLPOP instead of BLMOVE).
    """

    def perform_job(self, *args: Any, **kwargs: Any) -> bool:
        close_old_connections()
        try:
            return super().perform_job(*args, **kwargs)
        finally:
            close_old_connections()


def run_worker(queue_name: str, *, burst: bool = False) -> None:
    """Work off one queue until SIGTERM, or until it is empty with ``burst``."""
    connection = Redis.from_url(settings.REDIS_URL)
    queue = Queue(queue_name, connection=connection, serializer=JSONSerializer)
    worker = PatchbayWorker([queue], connection=connection, serializer=JSONSerializer)
    worker.work(burst=burst, with_scheduler=False, logging_level=settings.LOG_LEVEL)
