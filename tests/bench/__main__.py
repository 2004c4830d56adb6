"""``manage.py bench``: figures of each database, and whether they keep their budgets.

Each database gets a process of its own and a fresh Redis. PostgreSQL is a throwaway cluster that
commits to the disk like a real one; ``BENCH_POSTGRES_URL`` names an empty database instead.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.throwaway_postgres import PostgresUnavailable, throwaway_postgres
from tests.bench.budgets import find_misses, read_budgets
from tests.bench.registry import Figure
from tests.bench.stage import ROOT
from tests.harness.redis import private_redis

NAMES = (
    "callbacks",
    "counter",
    "intake",
    "lists",
    "memory",
    "requests",
    "sending",
    "understanding",
    "writes",
)
_DATABASES: Mapping[str, Sequence[str]] = {
    "sqlite": ["sqlite"],
    "postgres": ["postgresql"],
    "both": ["sqlite", "postgresql"],
}
_PASSED_ON = ("seconds", "rounds", "threads", "connections", "rows")
#: What a run must not take over from the shell that starts it.
_NOT_INHERITED = ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "DJANGO_SETTINGS_MODULE")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with the arguments of ``manage.py bench``; returns the exit code."""
    options = _parse(arguments)
    budgets = read_budgets()
    reports, misses = [], []
    for database in _DATABASES[options.db]:
        try:
            report = _run_on(database, options)
        except PostgresUnavailable as reason:
            misses.append(f"{database} was left out: {reason}")
            continue
        reports.append(report)
        figures = [_to_figure(row) for rows in report["results"].values() for row in rows]
        misses.extend(find_misses(budgets, figures, database, report["results"]))
    if options.json:
        options.json.write_text(json.dumps(_describe_run(options, reports, misses), indent=2))
    print("\n" + "\n".join(misses or ["Every budget is kept."]))
    return 1 if misses and options.check else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--db", choices=tuple(_DATABASES), default="both")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--check", action="store_true", help="fail where a budget is missed")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round of a load")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved, the median counts")
    parser.add_argument("--threads", type=int, default=64, help="of each web server")
    parser.add_argument("--connections", type=int, default=64, help="that ask at the same time")
    parser.add_argument("--rows", type=int, default=5_000_000, help="of each large table")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    return options


def _run_on(database: str, options: argparse.Namespace) -> dict[str, Any]:
    with _stage_environment(database) as (directory, environment):
        output = directory / "figures.json"
        command = [sys.executable, "-m", "tests.bench.run", *options.names, "--output", str(output)]
        for name in _PASSED_ON:
            command += [f"--{name}", str(getattr(options, name))]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        report: dict[str, Any] = json.loads(output.read_text())
        return report


@contextmanager
def _stage_environment(database: str) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """A directory, a Redis and a database that are thrown away, and the environment for them."""
    with ExitStack() as until_done:
        # Short, because the path of a Unix socket may have about 107 bytes.
        directory = Path(tempfile.mkdtemp(prefix="patchbay-bench-"))
        until_done.callback(shutil.rmtree, directory, ignore_errors=True)
        redis_socket = directory / "redis.sock"
        until_done.enter_context(private_redis(redis_socket))
        if database == "sqlite":
            url = f"sqlite:///{directory}/bench.sqlite3"
        else:
            url = os.environ.get("BENCH_POSTGRES_URL") or until_done.enter_context(
                throwaway_postgres(durable=True)
            )
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        yield (
            directory,
            {
                **kept,
                "DATABASE_URL": url,
                "REDIS_URL": f"unix://{redis_socket}?db=0",
                "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
                "STATIC_ROOT": str(_make_folder(directory / "static")),
                "OAUTHLIB_INSECURE_TRANSPORT": "1",  # the simulated org speaks plain http
                "PATCHBAY_NO_BOOTSTRAP": "1",
            },
        )


def _make_folder(path: Path) -> Path:
    path.mkdir()
    return path


def _to_figure(row: Mapping[str, Any]) -> Figure:
    return Figure(row["name"], row["unit"], row["subject"], row["baseline"])


def _describe_run(
    options: argparse.Namespace, reports: Sequence[Mapping[str, Any]], misses: Sequence[str]
) -> Mapping[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "options": {name: getattr(options, name) for name in _PASSED_ON},
        "databases": {report["database"]: report["results"] for report in reports},
        "misses": list(misses),
    }


if __name__ == "__main__":
    sys.exit(main())
