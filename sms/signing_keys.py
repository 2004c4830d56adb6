"""What proves that callbacks come from a gateway that signs them (sms.md 2.3). Pure.

Among the sealed credentials: ``product_key``, the token in use; ``earlier_token`` with its
``earlier_token_until`` (ISO 8601, UTC); ``signing_keys``, secrets by the id that a callback names.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

#: A new token is entered here before or after it is made the first one at Twilio, and callbacks
#: that are on their way meanwhile carry the other one's signature.
EARLIER_TOKEN_DAYS = 7
_EARLIER = ("earlier_token", "earlier_token_until")


def live_tokens(credentials: Mapping[str, Any], *, now: datetime) -> list[str]:
    """The tokens that a signature may be made with, newest first."""
    tokens = [credentials.get("product_key", "")]
    if earlier_token_until(credentials, now=now):
        tokens.append(credentials["earlier_token"])
    return [str(token) for token in tokens if token]


def earlier_token_until(credentials: Mapping[str, Any], *, now: datetime) -> datetime | None:
    """How long the token before this one is still accepted; None where it is not."""
    if not credentials.get("earlier_token"):
        return None
    until = datetime.fromisoformat(credentials["earlier_token_until"])
    return until if until > now else None


def with_earlier_token(
    before: Mapping[str, Any], after: Mapping[str, Any], *, now: datetime
) -> dict[str, Any]:
    """``after``, in which the token of the same account that it replaces is valid for a while."""
    replaced = before.get("product_key", "")
    if before.get("account_sid") != after.get("account_sid"):
        # Another account's token and keys prove nothing about this one.
        return {**without_earlier_token(after), "signing_keys": {}}
    if not replaced or replaced == after.get("product_key"):
        return dict(after)
    until = now + timedelta(days=EARLIER_TOKEN_DAYS)
    return {**after, "earlier_token": replaced, "earlier_token_until": until.isoformat()}


def without_earlier_token(credentials: Mapping[str, Any]) -> dict[str, Any]:
    """Only the token in use proves anything."""
    return {key: value for key, value in credentials.items() if key not in _EARLIER}


def signing_keys(credentials: Mapping[str, Any]) -> dict[str, str]:
    """Secrets by their ids, in the order in which they were added."""
    return dict(credentials.get("signing_keys", {}))
