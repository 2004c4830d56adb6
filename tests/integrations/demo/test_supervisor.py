"""The supervisor, in a process of its own: a test must not fork itself."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PRELUDE = """
import os, signal, sys, time
from pathlib import Path
from integrations.demo.environment import DemoError
from integrations.demo.supervisor import Interrupted, Process, Stage, Supervisor

here = Path(sys.argv[1])

def note(line):
    with (here / "notes").open("a") as notes:
        notes.write(line + "\\n")

def until_terminated(name):
    def run():
        def leave(*_):
            note(f"stopped {name}")
            sys.exit(0)
        signal.signal(signal.SIGTERM, leave)
        note(f"{name} {os.getpid()}")
        signal.pause()
    return run
"""


def run_script(body: str, here: Path) -> "subprocess.Popen[str]":
    script = PRELUDE + textwrap.dedent(body)
    return subprocess.Popen(
        [sys.executable, "-c", script, str(here)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: "subprocess.Popen[str]") -> str:
    output, _ = process.communicate(timeout=15)
    return output


def notes(here: Path) -> list[str]:
    path = here / "notes"
    return path.read_text().splitlines() if path.exists() else []


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 10 s"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Nobody but the system's first process may be left to bury it.
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def pids(here: Path) -> list[int]:
    started = (line.split() for line in notes(here) if not line.startswith("stopped"))
    return [int(pid) for _, pid in started]


THREE_STAGES = """
with Supervisor(here / "logs").running() as supervisor:
    supervisor.start(Process("broker", until_terminated("broker"), Stage.BROKER))
    supervisor.start(Process("work", until_terminated("work")))
    supervisor.start(Process("web", until_terminated("web"), Stage.WEB))
    while (here / "notes").exists() is False or len((here / "notes").read_text().split()) < 6:
        time.sleep(0.01)
    {then}
"""


def test_new_work_is_stopped_first_and_the_broker_last(tmp_path: Path) -> None:
    finish(run_script(THREE_STAGES.format(then="pass"), tmp_path))
    assert notes(tmp_path)[3:] == ["stopped web", "stopped work", "stopped broker"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_within_five_seconds(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = run_script(THREE_STAGES.format(then="supervisor.watch()"), tmp_path)
    wait_for(lambda: len(pids(tmp_path)) == 3)
    started = time.monotonic()
    process.send_signal(number)
    finish(process)
    assert time.monotonic() - started < 5
    assert not any(map(is_alive, pids(tmp_path)))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_do_not_outlive_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    process = run_script(THREE_STAGES.format(then="supervisor.watch()"), tmp_path)
    wait_for(lambda: len(pids(tmp_path)) == 3)
    process.kill()
    finish(process)
    wait_for(lambda: not any(map(is_alive, pids(tmp_path))))


def test_a_child_that_will_not_stop_is_killed_with_its_own_children(tmp_path: Path) -> None:
    body = """
    def stubborn():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if not os.fork():
            note(f"grandchild {os.getpid()}")
            time.sleep(60)
        note(f"child {os.getpid()}")
        time.sleep(60)

    with Supervisor(here / "logs").running() as supervisor:
        supervisor.start(Process("stubborn", stubborn, Stage.WEB))
        while not (here / "notes").exists() or len((here / "notes").read_text().split()) < 4:
            time.sleep(0.01)
    """
    finish(run_script(body, tmp_path))
    assert len(pids(tmp_path)) == 2
    wait_for(lambda: not any(map(is_alive, pids(tmp_path))))


def test_the_real_error_of_a_dead_child_is_shown(tmp_path: Path) -> None:
    body = """
    def fail():
        raise RuntimeError("no such table: calls_call")

    try:
        with Supervisor(here / "logs").running() as supervisor:
            supervisor.start(Process("sound", until_terminated("sound")))
            supervisor.start(Process("worker calls", fail))
            supervisor.watch()
    except DemoError as error:
        print(error)
    """
    output = finish(run_script(body, tmp_path))
    assert "worker calls ended with exit code 1" in output
    assert "RuntimeError: no such table: calls_call" in output
    assert not any(map(is_alive, pids(tmp_path)))


def test_a_child_that_ends_quietly_is_noticed_too(tmp_path: Path) -> None:
    body = """
    try:
        with Supervisor(here / "logs").running() as supervisor:
            supervisor.start(Process("short", lambda: None))
            supervisor.wait_until_ready(seconds=1)
            supervisor.watch()
    except DemoError as error:
        print(error)
    """
    assert "short ended with exit code 0" in finish(run_script(body, tmp_path))


def test_who_never_gets_ready_is_named(tmp_path: Path) -> None:
    body = """
    try:
        with Supervisor(here / "logs").running() as supervisor:
            supervisor.start(
                Process("web", until_terminated("web"), Stage.WEB, "http://127.0.0.1:9/readyz")
            )
            supervisor.wait_until_ready(seconds=0.2)
    except DemoError as error:
        print(error)
    """
    assert "web was not ready within 0 s" in finish(run_script(body, tmp_path))


def test_a_process_that_does_not_last_is_waited_for_and_has_the_last_word(tmp_path: Path) -> None:
    body = """
    with Supervisor(here / "logs").running() as supervisor:
        once = Process("once", lambda: note("once was here"), lasts=False, when_done="It is done.")
        supervisor.start(once)
        supervisor.finish("once", seconds=5)
        print((here / "notes").read_text(), flush=True)
        supervisor.check()
    """
    assert finish(run_script(body, tmp_path)).splitlines()[:2] == ["It is done.", "once was here"]


def test_one_that_is_not_vital_may_fail_and_its_error_is_told_once(tmp_path: Path) -> None:
    body = """
    def fail():
        raise RuntimeError("the past is lost")

    with Supervisor(here / "logs").running() as supervisor:
        supervisor.start(Process("past", fail, lasts=False, is_vital=False))
        supervisor.finish("past", seconds=5)
        supervisor.check()
        print("It goes on.")
    """
    output = finish(run_script(body, tmp_path))
    assert output.count("RuntimeError: the past is lost") == 1
    assert output.rstrip().endswith("It goes on.")
