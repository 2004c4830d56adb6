"""The sender's half of the Standard Webhooks scheme, in its own few lines.

Deliberately not shared with the console: both sides must agree because both follow the published
scheme, which the tests compare with the `standardwebhooks` library.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def sign(secret: str, *, webhook_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` header: `v1,` and base64 of HMAC-SHA256.

    `secret` reads `whsec_<base64>`; `timestamp` is in whole seconds since 1970.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def build_headers(secret: str, *, webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of one signed event."""
    signature = sign(secret, webhook_id=webhook_id, timestamp=timestamp, body=body)
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
