"""Each benchmark runs, at a size that says nothing, and yields the figures that have budgets."""

from pathlib import Path

import pytest
from django.db import connection

from integrations import delivery
from integrations.admin.filters import allowed_parameters
from integrations.admin.site import console_site
from tests.bench import __main__ as bench
from tests.bench import bench_lists, bench_requests, bench_understanding, bench_writes
from tests.bench.budgets import read_budgets
from tests.bench.questions import FILTERS, Question
from tests.bench.registry import Figure, all_benchmarks
from tests.bench.stage import Stage


@pytest.fixture
def stage(tmp_path: Path, process_environment: dict[str, str]) -> Stage:
    return Stage(
        directory=tmp_path,
        seconds=0.2,
        rounds=1,
        threads=4,
        connections=4,
        rows=2_000,
        environment=process_environment,
    )


def run(name: str, stage: Stage) -> dict[str, Figure]:
    """The figures by name, after seeing that every budget of the benchmark finds its own."""
    benchmark = all_benchmarks()[name]
    if connection.vendor not in benchmark.databases:
        pytest.skip(f"{name} is not measured on {connection.vendor}")
    figures = {figure.name: figure for figure in benchmark.run(stage)}
    limited = {each.figure for each in read_budgets() if each.figure.startswith(f"{name}:")}
    assert limited <= figures.keys()
    return figures


def test_the_command_knows_every_benchmark() -> None:
    assert sorted(bench.NAMES) == sorted(all_benchmarks())


def test_understanding(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_understanding, "_CALLS", 3)
    assert run("understanding", stage)["understanding: events"].subject > 0


def test_requests(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_requests, "_CALLS", 3)
    monkeypatch.setattr(bench_requests, "_PER_THOUSAND", 1000 / 3)
    figures = run("requests", stage)
    assert round(figures["requests: searches per 1,000 calls, cold"].measure) == 1000
    assert figures["requests: searches per 1,000 calls, warm"].measure == 0


def test_writes(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "BATCH", 20)
    monkeypatch.setattr(bench_writes, "_WRITES", 40)
    assert run("writes", stage)["writes: requests per 200 records"].measure == 1


@pytest.mark.postgres
def test_lists(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    few = (Question("names", "q=smith"), Question("pages", ""))
    monkeypatch.setattr(bench_lists, "questions_about", lambda model: few)
    figures = run("lists", stage)
    assert all(figure.subject > 0 for figure in figures.values())


@pytest.mark.parametrize("model", FILTERS, ids=lambda model: model.__name__)
def test_every_named_filter_of_a_large_list_is_asked(model: type) -> None:
    admin = console_site.get_model_admin(model)
    for each in admin.list_filter:
        assert allowed_parameters([each]) & FILTERS[model].keys(), each
