"""Runs benchmarks on the database of ``DATABASE_URL`` and writes their figures as JSON.

``python -m tests.bench`` starts this with a fresh database and Redis.
"""

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import django

from tests.bench.registry import Figure, all_benchmarks
from tests.bench.stage import Stage


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the tables, run what is named, print each figure as soon as it is known."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--rows", type=int, required=True)
    options = parser.parse_args(arguments)
    django.setup()
    vendor = _make_tables()
    stage = Stage(
        directory=options.output.parent,
        seconds=options.seconds,
        rounds=options.rounds,
        threads=options.threads,
        connections=options.connections,
        rows=options.rows,
    )
    results: dict[str, list[Mapping[str, object]]] = {}
    for name, each in all_benchmarks().items():
        if vendor not in each.databases or (options.names and name not in options.names):
            continue
        started = time.monotonic()
        print(f"\n{name} on {vendor}: {each.describes}", flush=True)
        figures = list(each.run(stage))
        for figure in figures:
            print(f"  {describe(figure)}", flush=True)
        print(f"  ({time.monotonic() - started:.0f} s)", flush=True)
        results[name] = [figure.to_json() for figure in figures]
    options.output.write_text(json.dumps({"database": vendor, "results": results}))


def describe(figure: Figure) -> str:
    """One line for people."""
    what = figure.name.partition(": ")[2]
    line = f"{what:<44} {figure.subject:>12,.4g} {figure.unit}"
    if figure.baseline is None:
        return line
    return f"{line:<76} baseline {figure.baseline:>10,.4g}, ratio {figure.measure:.3g}"


def _make_tables() -> str:
    from django.core.management import call_command
    from django.db import connection

    from tests.bench.plain.models import PlainDelivery

    call_command("migrate", interactive=False, verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(PlainDelivery)
    return connection.vendor


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
    main()
