"""What kill tests share: a Redis that is restarted, a pool of processes that die."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from integrations.redis_server import build_command, wait_until_it_answers


class ProcessPool:
    """Patchbay's processes under fire, and the log of their deaths."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self.deaths_log = directory / "deaths"
        self._output = directory / "output"
        self._environment = dict(environment) | {
            "PATCHBAY_FAILPOINT_LOG": str(self.deaths_log),
            "LOG_LEVEL": "ERROR",
        }

    @contextmanager
    def run(self, names: list[str], **environment: str) -> Iterator[None]:
        """Keep these processes running until the block ends."""
        with self._output.open("ab") as output:
            pool = subprocess.Popen(
                [sys.executable, "-m", "tests.kill.pool", *names],
                env=self._environment | environment,
                cwd=settings.BASE_DIR,
                stdout=output,
                stderr=output,
            )
        try:
            yield
            assert pool.poll() is None, self._output.read_text()[-5000:]
        finally:
            pool.send_signal(signal.SIGTERM)
            pool.wait(timeout=10)

    def deaths(self) -> Counter[str]:
        """How often a process died at each failpoint."""
        if not self.deaths_log.exists():
            return Counter()
        return Counter(self.deaths_log.read_text().split())


@pytest.fixture
def process_pool(process_environment: dict[str, str], tmp_path: Path) -> ProcessPool:
    return ProcessPool(process_environment, tmp_path)


@pytest.fixture
def restarted_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], int]]:
    """A Redis that is killed and started empty every few seconds; tells how often so far."""
    directory = Path(os.environ.get("TMPDIR", "/tmp")) / f"pb-kill-{os.getpid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    socket_path = directory / "redis.sock"
    original = settings.REDIS_URL
    settings.REDIS_URL = f"unix://{socket_path}"
    stop = threading.Event()
    restarts: list[float] = []

    def start() -> "subprocess.Popen[bytes]":
        server = subprocess.Popen(
            build_command(socket_path, directory, keep=False), stdout=subprocess.DEVNULL
        )
        wait_until_it_answers(socket_path)
        return server

    server = start()

    def restart_now_and_then() -> None:
        nonlocal server
        while not stop.wait(7.0):
            server.kill()
            server.wait()
            time.sleep(0.5)
            server = start()
            restarts.append(time.monotonic())

    restarter = threading.Thread(target=restart_now_and_then)
    restarter.start()
    try:
        yield lambda: len(restarts)
    finally:
        stop.set()
        restarter.join()
        server.kill()
        server.wait()
        settings.REDIS_URL = original
        socket_path.unlink(missing_ok=True)
        directory.rmdir()
