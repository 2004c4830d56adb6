"""A Redis of the test run's own, on a Unix socket in its run directory."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integrations.redis_server import build_command, wait_until_it_answers

_STOP_SECONDS = 10.0


@contextmanager
def private_redis(socket_path: Path) -> Iterator[None]:
    """Run a server that keeps nothing on disk until the block ends."""
    server = subprocess.Popen(
        build_command(socket_path, socket_path.parent, keep=False), stdout=subprocess.DEVNULL
    )
    try:
        wait_until_it_answers(socket_path)
        yield
    finally:
        server.terminate()
        server.wait(timeout=_STOP_SECONDS)
