"""``manage.py work QUEUE``: a worker for one queue."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from integrations.workers import run_worker


class Command(BaseCommand):
    help = "Work off one queue: " + ", ".join(settings.QUEUES)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("queue", choices=settings.QUEUES)
        parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            try:
                run_worker(options["queue"], burst=options["burst"])
            except (RedisConnectionError, RedisTimeoutError) as error:
                # Redis may restart at any time; the rows wait.
                self.stderr.write(f"Redis is away ({error}); trying again in a second.")
                time.sleep(1)
            else:
                return
