"""From an empty folder to a running demo, and back to nothing."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connections

from integrations import redis_server
from integrations.demo.core import CORE_PART, build_worker
from integrations.demo.database import prepare_database
from integrations.demo.environment import DemoPlace, write_private
from integrations.demo.parts import Demo, DemoPart, list_parts
from integrations.demo.past import (
    forget_past,
    has_weeks_to_play,
    play_beginning_and_end,
    play_weeks,
)
from integrations.demo.report import write_facts
from integrations.demo.supervisor import Process, Stage, Supervisor

READY_SECONDS = 60.0

_WEEKS_ARE_HOME = "The last weeks at the office are in: calls, texts, records, charts."

Say = Callable[[str], None]


class Stopwatch:
    """Where the time of a start goes."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def lap(self, name: str) -> Iterator[None]:
        """Count the block's time under this name."""
        started = time.monotonic()
        yield
        self._seconds[name] = time.monotonic() - started

    def __str__(self) -> str:
        return ", ".join(f"{name} {seconds:.1f}" for name, seconds in self._seconds.items())


def start_demo(demo: Demo, supervisor: Supervisor, *, say: Say) -> Stopwatch:
    """Set up what is missing, start every process, and return once the demo is usable."""
    place, parts, watch = demo.place, _all_parts(), Stopwatch()
    is_new = not (place.data / "demo.json").exists()
    if is_new:
        forget_past(place)  # of a start that was interrupted
        say("Setting up …")
    supervisor.start(_build_redis(place))
    with watch.lap("database"):
        _prepare_files(supervisor)
    if is_new:
        say("Remembering the last weeks at the office …")
        with watch.lap("past"):
            _run_to_its_end(supervisor, "past", partial(play_beginning_and_end, demo, parts))
    with watch.lap("processes"):
        for part in parts:
            part.set_up(demo)
        _start_processes(demo, parts, supervisor)
    write_facts(demo)
    for part in parts:
        part.enliven(demo)
    if has_weeks_to_play(place):
        weeks = partial(play_weeks, demo, parts)
        supervisor.start(
            Process("weeks", weeks, lasts=False, is_vital=False, when_done=_WEEKS_ARE_HOME)
        )
    return watch


def run_smoke(demo: Demo) -> list[dict[str, Any]]:
    """Prove every part's main job; what the outside world now holds. Raises SmokeFailed."""
    return [record for part in _all_parts() for record in part.smoke(demo)]


def _all_parts() -> Sequence[DemoPart]:
    return (CORE_PART, *list_parts())


def _prepare_files(supervisor: Supervisor) -> None:
    """The database here, style sheets and scripts in a child meanwhile."""
    name = "static files"
    supervisor.start(Process(name, _collect_static_files, lasts=False))
    prepare_database()
    supervisor.finish(name, seconds=READY_SECONDS)


def _run_to_its_end(supervisor: Supervisor, name: str, run: Callable[[], None]) -> None:
    supervisor.start(Process(name, run, lasts=False))
    supervisor.finish(name, seconds=READY_SECONDS)


def _start_processes(demo: Demo, parts: Sequence[DemoPart], supervisor: Supervisor) -> None:
    processes = [process for part in parts for process in part.processes(demo)]
    workers = [build_worker(queue) for part in parts for queue in part.queues]
    for process in (*workers, *processes):
        connections.close_all()  # a forked child must not share them
        supervisor.start(process)
    redis_server.wait_until_it_answers(demo.place.redis_socket, check=supervisor.check)
    supervisor.wait_until_ready(seconds=READY_SECONDS)


def _build_redis(place: DemoPlace) -> Process:
    command = redis_server.build_command(place.redis_socket, place.data, keep=True)

    def become_redis() -> None:
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted

    return Process("redis", become_redis, Stage.BROKER)


def _collect_static_files() -> None:
    """Collect again only where a file has changed: compressing them takes a while."""
    stamp = Path(settings.STATIC_ROOT).with_suffix(".json")
    digest = _digest_static_files()
    if stamp.exists() and json.loads(stamp.read_text()) == digest:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    write_private(stamp, json.dumps(digest))


def _digest_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = os.stat(storage.path(name))
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
