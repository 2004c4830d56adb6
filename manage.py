#!/usr/bin/env python3
"""Patchbay's one door: sets up its own environment when needed, then runs the command."""

import os
import sys


def main() -> None:
    from config import bootstrap

    bootstrap.ensure_environment(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
