"""``manage.py simulate NAME``: one simulator of the outside world by itself."""

import argparse
import importlib.util
import pkgutil
import runpy
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand


def find_simulators() -> dict[str, str]:
    """Runnable packages below every app's ``simulators``, by the name that people type.

    A package of its own gives its name (``salesforce``); an app with one simulator gives the app's.
    """
    return {
        package.rsplit(".", 1)[-1].replace("_", "-") if inner else app_name: package
        for app_name in (config.name for config in apps.get_app_configs())
        for package, inner in _packages_of(app_name)
        if importlib.util.find_spec(f"{package}.__main__")
    }


def _packages_of(app_name: str) -> Iterator[tuple[str, bool]]:
    simulators = f"{app_name}.simulators"
    spec = importlib.util.find_spec(simulators)
    if spec is None:
        return
    yield simulators, False
    for module in pkgutil.iter_modules(spec.submodule_search_locations):
        if module.ispkg:
            yield f"{simulators}.{module.name}", True


class Command(BaseCommand):
    help = "Run one simulator of the outside world; --help after its name lists its options."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=sorted(find_simulators()))
        parser.add_argument("options", nargs=argparse.REMAINDER, help="of that simulator")

    def handle(self, *args: Any, **options: Any) -> None:
        sys.argv = [options["name"], *options["options"]]
        runpy.run_module(find_simulators()[options["name"]], run_name="__main__", alter_sys=True)
