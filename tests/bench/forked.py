"""Work in several processes at once, as workers do it: forks of this one, each on its own."""

import os
import time
import traceback
from collections.abc import Callable

from django.db import connections


def run_forked(count: int, work: Callable[[], None]) -> float:
    """Let ``count`` processes do the same; the seconds until the last has ended."""
    connections.close_all()  # a fork must not share them
    started = time.perf_counter()
    children = [_fork(work) for _ in range(count)]
    failed = [child for child in children if os.waitpid(child, 0)[1]]
    seconds = time.perf_counter() - started
    if failed:
        raise RuntimeError(f"{len(failed)} of {count} processes failed; their error is above.")
    return seconds


def _fork(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    except Exception:  # noqa: BLE001 - said here, and counted by the parent
        traceback.print_exc()
    finally:
        os._exit(status)
