"""A missed budget fails ``bench --check`` and is named; what makes no sense is an error."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.throwaway_postgres import PostgresUnavailable
from tests.bench import __main__ as bench
from tests.bench import budgets
from tests.bench.budgets import find_misses, read_budgets
from tests.bench.registry import Figure

BUDGETS = """
[[budget]]
figure = "soup: spoons a second"
at_least = 2.0
databases = ["postgresql"]
reason = "nobody likes it cold"

[[budget]]
figure = "soup: flies"
at_most = 0
reason = "the cook's honour"
"""


@pytest.fixture
def budgets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "budgets.toml"
    path.write_text(BUDGETS)
    monkeypatch.setattr(bench, "read_budgets", lambda: read_budgets(path))
    return path


def misses(
    path: Path, database: str, *figures: Figure, ran: Sequence[str] = ("soup",)
) -> list[str]:
    return list(find_misses(read_budgets(path), figures, database, ran))


def test_a_ratio_below_its_budget_is_named_with_the_reason(budgets_file: Path) -> None:
    slow = Figure("soup: spoons a second", "/s", 30.0, baseline=20.0)
    clean = Figure("soup: flies", "flies", 0)

    [miss] = misses(budgets_file, "postgresql", slow, clean)

    assert miss == (
        "soup: spoons a second on postgresql: 1.5 instead of at least 2 (nobody likes it cold)"
    )


def test_a_budget_holds_on_the_databases_that_it_names(budgets_file: Path) -> None:
    slow = Figure("soup: spoons a second", "/s", 30.0, baseline=20.0)

    [miss] = misses(budgets_file, "sqlite", slow, Figure("soup: flies", "flies", 1))

    assert miss.startswith("soup: flies on sqlite: 1 instead of at most 0")


def test_a_budget_without_its_figure_is_a_miss_only_where_the_benchmark_ran(
    budgets_file: Path,
) -> None:
    assert misses(budgets_file, "sqlite") == [
        "soup: flies on sqlite: was not measured (the cook's honour)"
    ]
    assert misses(budgets_file, "sqlite", ran=["bread"]) == []


def test_what_is_at_the_limit_is_kept(budgets_file: Path) -> None:
    figures = (Figure("soup: spoons a second", "/s", 40, 20), Figure("soup: flies", "flies", 0))

    assert misses(budgets_file, "postgresql", *figures) == []


@pytest.mark.parametrize(
    "budget",
    [
        'figure = "soup: flies"\nat_most = 1\nreason = "twice"',
        'figure = "soup: salt"\nreason = "no limit"',
        'figure = "soup: salt"\nat_most = 1\nat_least = 0\nreason = "two limits"',
        'figure = "soup: salt"\nat_most = 1\ndatabases = ["oracle"]\nreason = "unknown"',
        'figure = "soup: salt"\nat_most = 1\natleast = 1\nreason = "misspelt"',
    ],
)
def test_a_budget_that_makes_no_sense_is_an_error(budgets_file: Path, budget: str) -> None:
    budgets_file.write_text(f"{BUDGETS}\n[[budget]]\n{budget}\n")

    with pytest.raises((ValueError, TypeError)):
        read_budgets(budgets_file)


@pytest.mark.parametrize(("flies", "code"), [(0, 0), (3, 1)])
def test_check_fails_a_run_that_misses_a_budget(
    budgets_file: Path,
    flies: int,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = {"soup": [Figure("soup: flies", "flies", flies).to_json()]}
    monkeypatch.setattr(
        bench, "_run_on", lambda database, options: {"database": database, "results": report}
    )

    assert bench.main(["--db", "sqlite", "--check"]) == code
    assert ("soup: flies on sqlite: 3" in capsys.readouterr().out) == bool(code)
    assert bench.main(["--db", "sqlite"]) == 0, "without --check a miss is only told"


def test_a_database_that_is_not_there_fails_the_check(
    budgets_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def without_postgres(database: str) -> Iterator[Any]:
        raise PostgresUnavailable("no server programs")
        yield

    monkeypatch.setattr(bench, "_stage_environment", without_postgres)

    assert bench.main(["--db", "postgres", "--check"]) == 1
    assert "postgresql was left out: no server programs" in capsys.readouterr().out


def test_the_committed_budgets_can_be_read() -> None:
    assert read_budgets(budgets.BUDGETS_PATH)
