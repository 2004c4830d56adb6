"""What an installation that people reach over https must not start with (RULES F7, DESIGN 8)."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import connections


@checks.register(checks.Tags.security)
def check_production(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """No demo accounts, no missing keys, no database that one machine alone can use."""
    problems: list[checks.CheckMessage] = []
    if not settings.ENCRYPTION_KEYS:
        problems.append(
            checks.Error(
                "ENCRYPTION_KEYS is empty: credentials cannot be stored.",
                hint="docs/running.md says how a key is made.",
                id="patchbay.E020",
            )
        )
    if not settings.PUBLIC_URL.startswith("https://"):
        return problems
    if settings.DEMO:
        problems.append(
            checks.Error(
                "PATCHBAY_DEMO belongs to a demo: its passwords are known to everybody.",
                hint="Remove it, and never serve a demo's database to others.",
                id="patchbay.E021",
            )
        )
    if connections["default"].vendor == "sqlite":
        problems.append(
            checks.Error(
                "SQLite is for the demo and for tests.",
                hint="Set DATABASE_URL to a PostgreSQL database.",
                id="patchbay.E022",
            )
        )
    return problems
