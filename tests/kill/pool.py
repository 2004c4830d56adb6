"""A pool of Patchbay's processes that are killed on purpose, and started again each time.

Run as ``python -m tests.kill.pool QUEUE … [sweep]`` with the environment of the test: Django is set
up once, then every worker is a fork, so that a death costs milliseconds and not a start-up. Leases
and repairs are short, because after every kill somebody must wait for them.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import django

from tests.kill.tokenlog import log_stored_tokens

django.setup()

from django.conf import settings  # noqa: E402

from integrations import delivery, drains, error_mails, inbox, lookups, sweeper  # noqa: E402
from integrations.models import Connection  # noqa: E402
from integrations.salesforce import tokens  # noqa: E402
from integrations.workers import run_worker  # noqa: E402
from sms import submitting  # noqa: E402
from sms.campaigns import queueing, work  # noqa: E402

inbox.LEASE_SECONDS = 2
# So small that a fast machine with a long backlog still comes past every failpoint often enough.
inbox.BATCH = 10
lookups.LEASE_SECONDS = 4
error_mails.LEASE_SECONDS = 1
sweeper.REPAIR_SECONDS = 0.5
tokens._LEASE_MARGIN_SECONDS = 0.5
submitting.LEASE_SECONDS = work.LEASE_SECONDS = 2
if claim := os.environ.get("POOL_CLAIM"):
    submitting.CLAIM = int(claim)
if part := os.environ.get("POOL_RECIPIENTS"):
    queueing.AT_ONCE = int(part)
if batch := os.environ.get("POOL_BATCH"):
    delivery.BATCH = int(batch)
if flush := os.environ.get("POOL_FLUSH_SECONDS"):
    drains.FLUSH_SECONDS = float(flush)
if tick := os.environ.get("POOL_TICK_SECONDS"):
    sweeper.TICK_SECONDS = sweeper.REPAIR_SECONDS = float(tick)
if mails := os.environ.get("POOL_MAIL_DIRECTORY"):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = mails
if token_log := os.environ.get("POOL_TOKEN_LOG"):
    log_stored_tokens(Connection, Path(token_log))


def _job(name: str) -> Callable[[], None]:
    if name == "sweep":
        return sweeper.run_loop
    return lambda: run_worker(name)


def _start(name: str) -> int:
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        _job(name)()
    finally:
        os._exit(1)


def main(names: list[str]) -> None:
    """Keep one process for each name until SIGTERM; then kill them all."""
    running = {_start(name): name for name in names}

    def stop(*_: object) -> None:
        for child in running:
            os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    while True:
        child, _ = os.wait()
        name = running.pop(child)
        running[_start(name)] = name


if __name__ == "__main__":
    main(sys.argv[1:])
