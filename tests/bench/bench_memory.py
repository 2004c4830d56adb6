"""What each process of the demo keeps in memory, against a bare Django process.

Proportional set size: pages that forked processes share are counted once, split among them.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from integrations.demo.environment import find_free_port
from tests.bench.registry import Figure, benchmark
from tests.bench.stage import ROOT, Stage

_READY = "Patchbay is ready:"
_DEMO = ("manage.py", "demo")
_MEGABYTE = 1024.0
#: Loads what a request needs, then waits for its standard input to close.
_BARE = """
import sys, django
django.setup()
import tests.bench.plain.wsgi
print("up", flush=True)
sys.stdin.read()
"""


@benchmark(
    "memory", "each process of the demo, against a bare Django process", databases=("sqlite",)
)
def measure(stage: Stage) -> Iterable[Figure]:
    """Starts a demo of its own, with its day at the office, and looks at it once it is ready."""
    bare = _measure_bare(stage)
    with _demo(stage) as logs:
        used = _measure_processes(logs)
    for name, megabytes in sorted(used.items()):
        yield Figure(f"memory: {name}", "MB", megabytes, bare)
    yield Figure("memory: all processes", "MB", sum(used.values()), bare)


def _measure_bare(stage: Stage) -> float:
    environment = stage.environment | {"DJANGO_SETTINGS_MODULE": "tests.bench.plain.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", _BARE],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return _megabytes(process.pid)


@contextmanager
def _demo(stage: Stage) -> Iterator[Path]:
    """The folder of its logs: each process writes to the one that has its name."""
    data = stage.directory / "demo"
    command = [*_DEMO, "--data", str(data), "--port", str(find_free_port())]
    kept = {
        name: value
        for name, value in stage.environment.items()
        if name not in ("DJANGO_SETTINGS_MODULE", "INTAKE_RATE_LIMIT")
    }
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as demo:
        try:
            assert demo.stdout is not None
            if not any(line.startswith(_READY) for line in demo.stdout):
                raise RuntimeError("The demo did not start.")
            yield data / "logs"
        finally:
            demo.terminate()
            demo.wait(timeout=20)


def _measure_processes(logs: Path) -> Mapping[str, float]:
    used: dict[str, float] = {}
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                output = Path(os.readlink(process / "fd" / "1"))
                if output.parent == logs:
                    used[output.stem] = used.get(output.stem, 0) + _megabytes(int(process.name))
            except OSError:  # it ended meanwhile, or is somebody else's
                continue
    return used


def _megabytes(process_id: int) -> float:
    rollup = Path(f"/proc/{process_id}/smaps_rollup").read_text()
    [line] = [line for line in rollup.splitlines() if line.startswith("Pss:")]
    return int(line.split()[1]) / _MEGABYTE
