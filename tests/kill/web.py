"""A web server that is started again whenever it was killed: ``python -m tests.kill.web PORT``.

Django is set up once and every server is a fork, so that a death costs milliseconds. Each prints
its process group on a line of its own: whoever reads it may kill the whole group.
"""

import contextlib
import multiprocessing
import os
import signal
import sys

import django

django.setup()

with contextlib.redirect_stdout(sys.stderr):  # the system checks say how they went
    import config.wsgi  # noqa: F401 - before the forks, not in each of them

THREADS = 8


def _serve(port: int) -> None:
    from granian.constants import Interfaces
    from granian.server import Server

    multiprocessing.set_start_method("fork", force=True)
    Server(
        "config.wsgi:application",
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        log_enabled=False,
    ).serve()


def _start(port: int) -> int:
    child = os.fork()
    if child:
        return child
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    print(os.getpid(), flush=True)
    try:
        _serve(port)
    finally:
        os._exit(1)


def main(port: int) -> None:
    """Keep a server on the port until SIGTERM."""
    running = _start(port)

    def stop(*_: object) -> None:
        os.killpg(running, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    while True:
        os.waitpid(running, 0)
        running = _start(port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
