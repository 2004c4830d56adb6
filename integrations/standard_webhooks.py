"""Verifying webhooks signed by the Standard Webhooks scheme (its specification, version 1.0.0).

The signature is HMAC-SHA256 over ``{id}.{timestamp}.{body}``; a header may carry several, and a
sender may have two live secrets while one is being replaced (RULES F6).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: How far a timestamp may be from now, either way, seconds.
TOLERANCE_SECONDS = 300


class SignatureRejected(ValueError):  # noqa: N818
    """The message does not prove where it comes from; the text says why."""


class TimestampRejected(SignatureRejected):
    """The signature may be right, but the message is too old or from the future."""


@dataclass(frozen=True)
class WebhookHeaders:
    """The three headers of the scheme."""

    message_id: str
    timestamp: str
    signatures: str

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> "WebhookHeaders":
        """Read them; raises SignatureRejected when one is missing."""
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        missing = [name for name in names if not headers.get(name)]
        if missing:
            raise SignatureRejected(f"The header {missing[0]} is missing.")
        return cls(*(headers[name] for name in names))

    @classmethod
    def from_environ(cls, environ: Mapping[str, Any]) -> "WebhookHeaders":
        """The same from what a WSGI server hands over, without reading the other headers."""
        prefix = "HTTP_WEBHOOK_"
        return cls.from_headers(
            {
                f"webhook-{name}": environ.get(f"{prefix}{name.upper()}", "")
                for name in ("id", "timestamp", "signature")
            }
        )


def _secret_bytes(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix("whsec_"))


def verify(headers: WebhookHeaders, body: bytes, *, secrets: Iterable[str], now: datetime) -> None:
    """Check signature and age; raises SignatureRejected or TimestampRejected."""
    try:
        sent_at = int(headers.timestamp)
    except ValueError as error:
        raise SignatureRejected("webhook-timestamp is not a number of seconds.") from error
    content = f"{headers.message_id}.{headers.timestamp}.".encode() + body
    expected = [
        hmac.new(_secret_bytes(secret), content, hashlib.sha256).digest() for secret in secrets
    ]
    if not any(
        hmac.compare_digest(given, wanted)
        for given in _given_signatures(headers.signatures)
        for wanted in expected
    ):
        raise SignatureRejected(
            "webhook-signature does not match: check the signing secret, and sign the exact bytes "
            "of the body."
        )
    age = now.timestamp() - sent_at
    if abs(age) > TOLERANCE_SECONDS:
        when = "old" if age > 0 else "in the future"
        raise TimestampRejected(
            f"webhook-timestamp is {abs(age):.0f} seconds {when}; at most "
            f"{TOLERANCE_SECONDS} are accepted. Check the sender's clock."
        )


def _given_signatures(header: str) -> list[bytes]:
    signatures = []
    for part in header.split():
        version, _, encoded = part.partition(",")
        if version == "v1":
            try:
                signatures.append(base64.b64decode(encoded, validate=True))
            except binascii.Error:
                continue
    return signatures
