"""``manage.py bench``: measures against baselines of the same run (see docs/performance.md)."""

import importlib.util
import runpy
import sys

from django.core.management.base import BaseCommand

_PROGRAM = "tests.bench"


class Command(BaseCommand):
    """The benchmarks lie beside the tests and start processes of their own."""

    help = "Measure, each time against a baseline in the same run; --check compares with budgets."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        if not _is_installed():
            sys.exit(
                "The benchmarks are not installed here: they come with the source, in tests/bench. "
                "Get the whole source and run manage.py bench there."
            )
        sys.argv = ["manage.py bench", *argv[2:]]
        runpy.run_module(_PROGRAM, run_name="__main__", alter_sys=True)


def _is_installed() -> bool:
    try:
        return importlib.util.find_spec(_PROGRAM) is not None
    except ModuleNotFoundError:
        return False
