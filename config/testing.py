"""``manage.py test``: the checks once, then pytest on SQLite and on PostgreSQL.

Each part runs in a process of its own with the environment of a fresh start; one closing line a
part says how it went. A database that this machine does not have is skipped with the reason, or
fails the run where ``PATCHBAY_REQUIRE`` names it (RULES F12).
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from config.throwaway_postgres import PostgresUnavailable, throwaway_postgres

ROOT = Path(__file__).resolve().parent.parent
_PYTHON = sys.executable
#: What a test run must not take over from the process that starts it.
_NOT_INHERITED = ("DATABASE_URL", "REDIS_URL", "PATCHBAY_TEST_RUN_DIRECTORY")
CHECKS: Mapping[str, Sequence[str]] = {
    "ruff check": ("-m", "ruff", "check", "--quiet", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "--quiet", "."),
    "mypy": ("-m", "mypy"),
    "manage.py check": ("manage.py", "check", "--fail-level", "WARNING"),
    "migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
}
#: The whole suite is shared among as many processes as there are cores, each with a database and a
#: Redis of its own; a part of it runs in one, where a debugger and ``-s`` work.
WHOLE_SUITE = ("-n", "auto", "--dist", "worksteal")
_GRACE_SECONDS = 3.0
#: pytest's exit code when a selection holds no test.
_NOTHING_SELECTED = 5


@dataclass(frozen=True)
class Outcome:
    """How one part of the run went."""

    part: str
    passed: bool
    remark: str

    def __str__(self) -> str:
        return f"{self.part}: {self.remark}"


class PytestTestRunner:
    """Django's test runner, in name: it hands over to pytest (``settings.TEST_RUNNER``)."""

    def run_tests(self, arguments: Sequence[str]) -> int:
        """Run with the arguments of ``manage.py test``; returns the exit code.

        ``--db sqlite|postgres|both`` chooses the databases. Everything else goes to pytest; where
        anything does, the checks are left out, because a part of the suite was asked for.
        """
        parser = argparse.ArgumentParser(
            prog="manage.py test",
            description="The checks, then pytest on each database.",
            epilog="Everything else goes to pytest, and leaves out the checks.",
            allow_abbrev=False,
        )
        parser.add_argument("--db", choices=("sqlite", "postgres", "both"), default="both")
        options, pytest_arguments = parser.parse_known_args(arguments)
        # Ended from outside is like Ctrl-C: the cluster is stopped and removed.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        outcomes: list[Outcome] = []
        try:
            if not pytest_arguments:
                outcomes.extend(_run_checks())
            if options.db != "postgres":
                outcomes.append(_run_pytest("SQLite", pytest_arguments, database_url=None))
            if options.db != "sqlite":
                outcomes.append(_run_on_postgres(pytest_arguments))
        except KeyboardInterrupt:
            outcomes.append(Outcome("the rest", False, "interrupted"))
        print("\n" + "\n".join(map(str, outcomes)))
        return 0 if all(outcome.passed for outcome in outcomes) else 1


def _run_checks() -> Iterator[Outcome]:
    for name, command in CHECKS.items():
        yield _run_part(name, command, _fresh_environment(database_url=None))


def _run_on_postgres(pytest_arguments: Sequence[str]) -> Outcome:
    with ExitStack() as until_done:
        try:
            url = os.environ.get("TEST_POSTGRES_URL") or until_done.enter_context(
                throwaway_postgres()
            )
        except PostgresUnavailable as reason:
            required = "postgres" in os.environ.get("PATCHBAY_REQUIRE", "").split(",")
            verdict = "FAILED, it is required, but" if required else "skipped,"
            return Outcome("PostgreSQL", not required, f"{verdict} {reason}")
        return _run_pytest("PostgreSQL", pytest_arguments, url)


def _run_pytest(part: str, arguments: Sequence[str], database_url: str | None) -> Outcome:
    command = ("-m", "pytest", *(arguments or WHOLE_SUITE))
    return _run_part(f"tests on {part}", command, _fresh_environment(database_url))


def _fresh_environment(database_url: str | None) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings_test"
    if database_url is not None:
        environment["DATABASE_URL"] = database_url
    return environment


def _run_part(part: str, command: Sequence[str], environment: Mapping[str, str]) -> Outcome:
    print(f"\n==> {part}", flush=True)
    started_at = time.monotonic()
    exit_code = run_program([_PYTHON, *command], environment)
    took = f"{time.monotonic() - started_at:.0f} s"
    if exit_code == _NOTHING_SELECTED and "pytest" in command:
        return Outcome(part, False, f"FAILED, no test was selected ({took})")
    if exit_code:
        return Outcome(part, False, f"FAILED with exit code {exit_code} ({took})")
    return Outcome(part, True, f"passed ({took})")


def run_program(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run to the end and return the exit code; when interrupted, let it clean up first."""
    program = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        return program.wait()
    except KeyboardInterrupt:
        # Ctrl-C reached the program too; a signal to this process alone did not.
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(timeout=_GRACE_SECONDS)
        if program.poll() is None:
            program.send_signal(signal.SIGINT)
            program.wait()
        raise
