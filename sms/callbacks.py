"""The addresses at which a gateway calls us back, and the secrets in them (RULES F6)."""

import secrets
from typing import Literal

from integrations.addresses import public_address, root_url
from integrations.models import Connection

Kind = Literal["report", "inbound"]
#: Tells a secret by its shape, so that every log can mask it (`integrations.redaction`).
SECRET_PREFIX = "cbs_"  # noqa: S105 - a prefix


def new_callback_secret() -> str:
    """An unguessable word for an address, 192 bits."""
    return f"{SECRET_PREFIX}{secrets.token_urlsafe(24)}"


def callback_secrets(connection: Connection) -> list[str]:
    """The live secrets, newest first; none where the gateway signs its callbacks."""
    return [str(secret) for secret in connection.credentials.get("callback_secrets", [])]


def callback_address(connection: Connection, kind: Kind) -> str:
    """Where the gateway reports (``report``) or hands over what people write (``inbound``).

    With the newest secret in it, where the gateway has no signatures: for those who manage it.
    """
    live = callback_secrets(connection)
    if live:
        path = root_url("sms_callback_with_secret", key=connection.key, secret=live[0], kind=kind)
    else:
        path = root_url("sms_callback", key=connection.key, kind=kind)
    return public_address(path)
