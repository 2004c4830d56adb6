"""System checks of the Salesforce connection's settings (RULES F7)."""

import os
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security)
def check_oauth_transport(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Plain http for OAuth is for the simulator of a demo or a test, never for an https site."""
    is_insecure = bool(os.environ.get("OAUTHLIB_INSECURE_TRANSPORT"))
    if not is_insecure or settings.DEMO or not settings.PUBLIC_URL.startswith("https://"):
        return []
    return [
        checks.Error(
            "OAUTHLIB_INSECURE_TRANSPORT allows Salesforce tokens to travel unencrypted.",
            hint="Remove it from the environment; only the demo and tests set it.",
            id="patchbay.E010",
        )
    ]


@checks.register()
def check_lease_covers_deadline(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """A claim must outlive a refused try, a token refresh and the second try (RULES C2)."""
    needed = 3 * settings.SALESFORCE_DEADLINE_SECONDS
    if needed < settings.OUTBOX_LEASE_SECONDS:
        return []
    return [
        checks.Error(
            "OUTBOX_LEASE_SECONDS is too short: another worker could send the same write again.",
            hint=f"Set it above {needed:g}, three times SALESFORCE_DEADLINE_SECONDS.",
            id="patchbay.E011",
        )
    ]
