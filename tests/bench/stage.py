"""Where benchmarks run: a database, a Redis, and servers that are started for one of them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_START_SECONDS = 120.0
_STOP_SECONDS = 15.0


@dataclass
class Stage:
    """One database with the product's tables, for all benchmarks of a run."""

    directory: Path
    #: How long one round of a load lasts, and how many rounds are interleaved.
    seconds: float
    rounds: int
    #: Threads of every web server, and connections that ask it at the same time.
    threads: int
    connections: int
    #: Of each large table, where a benchmark fills them.
    rows: int
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    @contextmanager
    def serve(self, application: str, **environment: str) -> Iterator[int]:
        """Run the production server (granian, one worker) on a WSGI application; gives its port.

        ``environment`` is added to that of this process.
        """
        port = find_free_port()
        command = [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)),
            *("--workers", "1", "--blocking-threads", str(self.threads)),
            *("--no-ws", "--log-level", "error", application),
        ]
        log_path = self.directory / f"server-{port}.log"
        with log_path.open("wb") as log:
            server = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment | environment,
                stdout=log,
                stderr=log,
            )
        try:
            _wait_until_it_listens(port, server, log_path)
            yield port
        finally:
            server.terminate()
            try:
                server.wait(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def find_free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_it_listens(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start: {log.read_text()[-3000:]}") from None
            time.sleep(0.1)
        else:
            return
