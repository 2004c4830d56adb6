"""``manage.py test``: the project's checks and tests (see the README)."""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand
from django.test.utils import get_runner


class Command(BaseCommand):
    """Replaces Django's command of this name, so that every argument reaches pytest unread."""

    help = "Run the checks and the tests, on SQLite and on PostgreSQL."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        sys.exit(get_runner(settings)().run_tests(argv[2:]))
