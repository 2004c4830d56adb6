"""``manage.py sweep``: repair once; ``--loop``: tick every second until stopped."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from integrations import sweeper


class Command(BaseCommand):
    help = "Wake what is due and take back what dead workers left behind."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["loop"]:
            sweeper.run_loop()
        else:
            sweeper.tick()
            sweeper.repair()
