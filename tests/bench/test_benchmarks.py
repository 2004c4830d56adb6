"""Each benchmark runs, at a size that says nothing, and yields the figures that have budgets."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from integrations import delivery
from integrations.admin.filters import allowed_parameters
from integrations.admin.site import console_site
from tests.bench import __main__ as bench
from tests.bench import (
    bench_callbacks,
    bench_counter,
    bench_lists,
    bench_memory,
    bench_requests,
    bench_understanding,
    bench_writes,
)
from tests.bench.budgets import read_budgets
from tests.bench.plain.models import PlainDelivery
from tests.bench.questions import FILTERS, Question
from tests.bench.registry import Figure, all_benchmarks
from tests.bench.stage import ROOT, Stage

#: A test must not fork itself: what works in forks gets a process of its own.
_SENDING = """
import json, pathlib, sys
import django
django.setup()
from tests.bench import bench_sending
from tests.bench.stage import Stage
bench_sending.WORKERS, bench_sending._TEXTS, bench_sending._PACED_SECONDS = 2, 12, 0.5
stage = Stage(pathlib.Path(sys.argv[1]), seconds=0, rounds=1, threads=1, connections=1, rows=0)
print(json.dumps([vars(figure) for figure in bench_sending.measure(stage)]))
"""


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
    return having_budgets(name, benchmark.run(stage))


def having_budgets(name: str, measured: Iterable[Figure]) -> dict[str, Figure]:
    figures = {figure.name: figure for figure in measured}
    limited = {each.figure for each in read_budgets() if each.figure.startswith(f"{name}:")}
    assert limited <= figures.keys()
    return figures


def test_the_command_knows_every_benchmark() -> None:
    assert sorted(bench.NAMES) == sorted(all_benchmarks())


def test_counter(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_counter, "_TEXTS", 20)
    assert run("counter", stage)["counter: texts to smsutil"].subject > 0


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


@pytest.fixture
def plain_table(transactional_db: None) -> Iterator[None]:
    """The table of the baseline, which no migration makes."""
    with connection.schema_editor() as editor:
        editor.create_model(PlainDelivery)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(PlainDelivery)


def test_intake(stage: Stage, plain_table: None) -> None:
    environment = stage.environment | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    figures = run("intake", replace(stage, environment=environment))
    assert all(figure.subject > 0 for figure in figures.values())
    assert PlainDelivery._default_manager.exists()


def test_callbacks(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_callbacks, "_REPORTS", 5)
    monkeypatch.setattr(bench_callbacks, "_BACKLOG", 50)
    assert run("callbacks", stage)["callbacks: reports to messages"].measure > 0


def test_sending(stage: Stage) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SENDING, str(stage.directory)],
        cwd=ROOT,
        env=stage.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    figures = having_budgets("sending", (Figure(**each) for each in json.loads(ran.stdout)))
    assert figures["sending: texts by 4 workers"].measure > 0


def test_memory(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_memory, "_DEMO", ("manage.py", "demo", "--past-days", "0"))
    figures = run("memory", stage)
    assert {"memory: web", "memory: sweeper", "memory: all processes"} <= figures.keys()
    assert figures["memory: web"].measure > 0.2


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
