"""Runs the demo's processes: forks them from the set-up parent, watches them, stops all of them.

The children share one process group of their own, so that Ctrl-C reaches only the supervisor (which
stops them in order) and a last signal to the group leaves nobody behind, grandchildren included.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import FrameType

from integrations.demo.environment import DemoError

_PR_SET_PDEATHSIG = 1
_SHOWN_LOG_LINES = 30
_POLL_SECONDS = 0.05
#: Ctrl-C, a polite kill, a closed terminal.
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stage(IntEnum):
    """When a process is stopped: new work first, what everybody needs last."""

    WEB = 1
    WORK = 2
    BROKER = 3


#: How long each stage may take to end by itself, seconds; together well under five.
_PATIENCE = {Stage.WEB: 1.5, Stage.WORK: 2.0, Stage.BROKER: 0.8}


@dataclass(frozen=True)
class Process:
    """Something to run in a child: ``run`` blocks until SIGTERM. ``ready_url`` answers 200 then.

    One that does not last ends by itself, with a word to the person when it is done. One that is
    not vital may fail: that is told, and the rest goes on.
    """

    name: str
    run: Callable[[], None]
    stage: Stage = Stage.WORK
    ready_url: str | None = None
    lasts: bool = True
    is_vital: bool = True
    when_done: str = ""


class ChildDied(DemoError):  # noqa: N818 - reads as what happened
    """A process that should run ended; the message has its last words."""


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM: not an error, so no ``except Exception`` may swallow it."""


@dataclass
class _Child:
    process: Process
    pid: int
    log: Path
    status: int | None = None
    is_told: bool = False

    def poll(self) -> bool:
        """Whether it still runs; afterwards ``status`` is its exit code or minus the signal."""
        if self.status is not None:
            return False
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self.status = os.waitstatus_to_exitcode(status)
        return not pid

    def signal(self, number: int) -> None:
        if self.status is None:
            os.kill(self.pid, number)


class Supervisor:
    """Starts processes whose output goes to ``<logs>/<name>.log``. Main thread only.

    ``say`` takes what a person should know of processes that are not vital.
    """

    def __init__(self, logs: Path, say: Callable[[str], object] = print) -> None:
        self._logs = logs
        self._say = say
        self._children: list[_Child] = []
        self._group = 0

    @contextlib.contextmanager
    def running(self) -> Iterator["Supervisor"]:
        """Watch over what is started in this block; stops all of it at the end, whatever happens.

        Inside, Ctrl-C, SIGTERM and a closed terminal raise ``Interrupted``.
        """
        self._logs.mkdir(mode=0o700, exist_ok=True)
        previous = {number: signal.signal(number, _interrupt) for number in _STOPPING}
        try:
            yield self
        finally:
            for number in previous:
                signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave orphans
            self.stop()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def start(self, process: Process) -> None:
        """Fork a child that runs the process."""
        log = self._logs / f"{process.name.replace(' ', '-')}.log"
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            _run_child(process, log, parent=parent, group=self._group)
        self._group = self._group or pid
        with contextlib.suppress(OSError):  # the child does the same; whoever is first
            os.setpgid(pid, self._group)
        self._children.append(_Child(process, pid, log))

    def check(self) -> None:
        """Raise ChildDied if a process ended that should run."""
        for child in self._children:
            if not child.poll() and not child.is_told:
                self._tell_end(child)

    def _tell_end(self, child: _Child) -> None:
        has_failed = child.process.lasts or child.status != 0
        if has_failed and child.process.is_vital:
            raise ChildDied(_explain_death(child))
        child.is_told = True
        if words := _explain_death(child) if has_failed else child.process.when_done:
            self._say(words)

    def finish(self, name: str, *, seconds: float) -> None:
        """Return once a process has done its work that does not last."""
        deadline = time.monotonic() + seconds
        while any(child.process.name == name and child.poll() for child in self._children):
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{name} was not done within {seconds:.0f} s.")
            time.sleep(_POLL_SECONDS / 5)
        self.check()

    def wait_until_ready(self, *, seconds: float) -> None:
        """Return once every process with a ``ready_url`` answers there."""
        deadline = time.monotonic() + seconds
        waiting = [child.process for child in self._children if child.process.ready_url]
        while waiting := [process for process in waiting if not _answers(str(process.ready_url))]:
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{waiting[0].name} was not ready within {seconds:.0f} s.")
            time.sleep(_POLL_SECONDS)

    def watch(self) -> None:
        """Block until a process dies or somebody interrupts."""
        while True:
            self.check()
            time.sleep(0.2)

    def stop(self) -> None:
        """End every process, stage by stage, within five seconds.

        What does not last can be done again at the next start: nobody waits for that.
        """
        for child in self._children:
            if not child.process.lasts:
                child.signal(signal.SIGKILL)
        for stage in Stage:
            members = [child for child in self._children if child.process.stage is stage]
            for child in members:
                child.signal(signal.SIGTERM)
            _wait_for(members, _PATIENCE[stage])
            for child in members:
                child.signal(signal.SIGKILL)
        if self._group:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._group, signal.SIGKILL)
        _wait_for(self._children, 0.5)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted


def _wait_for(children: list[_Child], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(child.poll() for child in children) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _run_child(process: Process, log: Path, *, parent: int, group: int) -> None:
    """Become the process; never returns."""
    code = 1
    try:
        os.setpgid(0, group)
        _die_with(parent, process.stage)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _redirect_output(log)
        process.run()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:  # noqa: BLE001 - a child's last words go to its log, whatever they are
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _die_with(parent: int, stage: Stage) -> None:
    """Have Linux end this child when its parent is killed outright; elsewhere nothing does."""
    if sys.platform == "linux":
        # Workers may be killed at any time, and may refuse to stop while Redis is going too; the
        # others have children to stop or files to write.
        last_signal = signal.SIGKILL if stage is Stage.WORK else signal.SIGTERM
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, last_signal)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def _redirect_output(log: Path) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, output), (2, output)):
        os.dup2(source, target)


def _explain_death(child: _Child) -> str:
    status = child.status or 0
    how = f"by signal {-status}" if status < 0 else f"with exit code {status}"
    lines = child.log.read_text(errors="replace").splitlines()[-_SHOWN_LOG_LINES:]
    return "\n".join([f"{child.process.name} ended {how}. The last lines of {child.log}:", *lines])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
