"""From an empty folder to a running demo, and back to nothing."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connections

from integrations import redis_server
from integrations.demo.core import CORE_PART, build_worker
from integrations.demo.environment import DemoPlace, write_private
from integrations.demo.parts import Demo, DemoPart, list_parts
from integrations.demo.report import write_facts
from integrations.demo.supervisor import Process, Stage, Supervisor

READY_SECONDS = 60.0

Say = Callable[[str], None]


def start_demo(place: DemoPlace, supervisor: Supervisor, *, say: Say) -> Demo:
    """Set up what is missing, start every process, and return once the demo is usable."""
    demo, parts = Demo(place), _all_parts()
    is_new = not (place.data / "demo.json").exists()
    supervisor.start(_build_redis(place))
    _prepare_database(say, is_new=is_new)
    _collect_static_files(place.data, say)
    for part in parts:
        part.set_up(demo)
    for process in _list_processes(demo, parts):
        connections.close_all()  # a forked child must not share them
        supervisor.start(process)
    redis_server.wait_until_it_answers(place.redis_socket, check=supervisor.check)
    supervisor.wait_until_ready(seconds=READY_SECONDS)
    if is_new:
        say("Playing a day at the office …")
        for part in parts:
            part.populate(demo)
        connections.close_all()
    supervisor.check()
    write_facts(demo)
    return demo


def run_smoke(demo: Demo) -> list[dict[str, Any]]:
    """Prove every part's main job; what the outside world now holds. Raises SmokeFailed."""
    return [record for part in _all_parts() for record in part.smoke(demo)]


def _all_parts() -> Sequence[DemoPart]:
    return (CORE_PART, *list_parts())


def _list_processes(demo: Demo, parts: Sequence[DemoPart]) -> list[Process]:
    processes = [process for part in parts for process in part.processes(demo)]
    workers = [build_worker(queue) for part in parts for queue in part.queues]
    return [*workers, *processes]


def _build_redis(place: DemoPlace) -> Process:
    command = redis_server.build_command(place.redis_socket, place.data, keep=True)

    def become_redis() -> None:
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted

    return Process("redis", become_redis, Stage.BROKER)


def _prepare_database(say: Say, *, is_new: bool) -> None:
    if is_new:
        say("Making the database …")
    call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()


def _collect_static_files(data: Path, say: Say) -> None:
    """Collect again only where a file has changed: compressing them takes a while."""
    stamp = data / "static-files.json"
    digest = _digest_static_files()
    if stamp.exists() and json.loads(stamp.read_text()) == digest:
        return
    say("Collecting style sheets and scripts …")
    call_command("collectstatic", interactive=False, verbosity=0)
    write_private(stamp, json.dumps(digest))


def _digest_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = os.stat(storage.path(name))
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
