#!/usr/bin/env python3
"""Patchbay's one door: sets up its own environment when needed, then runs the command."""

import os
import sys


def main() -> None:
    """Run the command that the arguments name; without any, list the commands."""
    from config import bootstrap

    bootstrap.ensure_environment(sys.argv)
    if sys.argv[1:2] == ["demo"]:
        from integrations.demo import environment

        environment.prepare(sys.argv[2:])  # before Django reads its settings
    is_test_run = sys.argv[1:2] == ["test"]
    os.environ.setdefault(
        "DJANGO_SETTINGS_MODULE", "config.settings_test" if is_test_run else "config.settings"
    )
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
