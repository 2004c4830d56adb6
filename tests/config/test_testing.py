"""``manage.py test``: which parts run, and what its closing lines and exit code say."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from config import testing
from config.testing import PytestTestRunner
from config.throwaway_postgres import PostgresUnavailable, throwaway_postgres
from tests.harness.requirements import unavailable


class Started:
    """Stands in for the processes: notes them, and gives the exit codes that a test asks for."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, ...]] = []
        self.databases: list[str | None] = []
        self.exit_codes: dict[str, int] = {}

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        self.commands.append(tuple(command[1:]))
        self.databases.append(environment.get("DATABASE_URL"))
        return self.exit_codes.get(command[2], 0)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    started = Started()
    monkeypatch.setattr(testing, "run_program", started.run)
    monkeypatch.delenv("TEST_POSTGRES_URL", raising=False)
    monkeypatch.delenv("PATCHBAY_REQUIRE", raising=False)
    return started


@contextmanager
def _postgres() -> Iterator[str]:
    yield "postgres://throw@/away"


@contextmanager
def _no_postgres() -> Iterator[str]:
    raise PostgresUnavailable("nothing is installed")
    yield


def test_without_arguments_the_checks_and_both_databases_run(
    started: Started, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(testing, "throwaway_postgres", _postgres)
    assert PytestTestRunner().run_tests([]) == 0
    assert [command[1] for command in started.commands[-2:]] == ["pytest", "pytest"]
    assert started.databases[-2:] == [None, "postgres://throw@/away"]
    assert len(started.commands) == len(testing.CHECKS) + 2
    closing_lines = capsys.readouterr().out.splitlines()[-2:]
    assert closing_lines == ["tests on SQLite: passed (0 s)", "tests on PostgreSQL: passed (0 s)"]


def test_arguments_reach_pytest_and_leave_out_the_checks(started: Started) -> None:
    arguments = ["--db", "sqlite", "tests/calls", "-k", "late", "-x"]
    assert PytestTestRunner().run_tests(arguments) == 0
    assert started.commands == [("-m", "pytest", "tests/calls", "-k", "late", "-x")]


def test_a_failed_part_fails_the_run_after_all_parts_ran(
    started: Started, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(testing, "throwaway_postgres", _postgres)
    started.exit_codes["mypy"] = 2
    assert PytestTestRunner().run_tests([]) == 1
    assert len(started.commands) == len(testing.CHECKS) + 2
    assert "mypy: FAILED with exit code 2" in capsys.readouterr().out


def test_a_missing_postgres_is_skipped_with_its_reason(
    started: Started, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(testing, "throwaway_postgres", _no_postgres)
    assert PytestTestRunner().run_tests(["-x"]) == 0
    assert "PostgreSQL: skipped, nothing is installed" in capsys.readouterr().out


def test_a_missing_postgres_that_is_required_fails_the_run(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(testing, "throwaway_postgres", _no_postgres)
    monkeypatch.setenv("PATCHBAY_REQUIRE", "browser,postgres")
    assert PytestTestRunner().run_tests(["-x"]) == 1


def test_a_given_postgres_is_used(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_POSTGRES_URL", "postgres://given@localhost/postgres")
    assert PytestTestRunner().run_tests(["--db", "postgres", "-x"]) == 0
    assert started.databases == ["postgres://given@localhost/postgres"]


def test_a_run_inherits_no_database_of_the_person_who_starts_it(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://production/data")
    PytestTestRunner().run_tests(["--db", "sqlite", "-x"])
    assert started.databases == [None]


def test_an_interrupted_run_has_failed(
    started: Started, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(command: Sequence[str], environment: Mapping[str, str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(testing, "run_program", interrupted)
    assert PytestTestRunner().run_tests(["-x"]) == 1
    assert "the rest: interrupted" in capsys.readouterr().out


def test_a_throwaway_cluster_answers_and_leaves_nothing_behind() -> None:
    try:
        with throwaway_postgres() as url:
            directory = Path(url.removeprefix("postgres://patchbay@/").removesuffix("/postgres"))
            with psycopg.connect(host=str(directory), user="patchbay", dbname="postgres") as open_:
                assert open_.execute("select 1").fetchone() == (1,)
    except PostgresUnavailable as reason:
        unavailable("postgres", str(reason))
    assert not directory.exists()
