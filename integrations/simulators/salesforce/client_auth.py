"""Which app is speaking at the token endpoints: form fields, or HTTP Basic (reference 1.7)."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping

from integrations.simulators.salesforce.config import OAuthApp
from integrations.simulators.salesforce.grants import Grants, OAuthError


def authenticated_app(grants: Grants, authorization: str, form: Mapping[str, str]) -> OAuthApp:
    """The app with this key and secret. Raises `OAuthError`."""
    basic = _basic_credentials(authorization)
    key, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
    app = grants.app(key)
    if not secrets.compare_digest(app.consumer_secret.encode(), secret.encode()):
        raise OAuthError("invalid_client", "invalid client credentials")
    return app


def _basic_credentials(header: str) -> tuple[str, str] | None:
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        key, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return key, secret
