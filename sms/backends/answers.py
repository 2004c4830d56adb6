"""Reading a gateway's answer to a request, as far as every gateway is alike."""

from typing import Any

import requests

from integrations.errors import (
    CredentialsRejected,
    NeedsAttention,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)

#: For the whole exchange. A lease of `sms.submitting` lasts longer.
DEADLINE_SECONDS = 30.0


def read_object(response: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer, empty where there is none."""
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def raise_for_transport(response: requests.Response, label: str) -> None:
    """Raise what the HTTP status alone says about a request that should have sent a text.

    429 and 503 say that nothing was done (RULES D8); any other 5xx may come from a proxy in front
    of a gateway that took the text, so it leaves the outcome unknown.
    """
    status = response.status_code
    if status == 429:
        raise RateLimited(
            f"{label} asks for fewer requests.",
            "429",
            http_status=status,
            retry_after=_retry_after(response),
        )
    if status == 503:
        raise Unavailable(
            f"{label} is not available at the moment.",
            "503",
            http_status=status,
            retry_after=_retry_after(response),
        )
    if status >= 500:
        raise OutcomeUnknown(
            f"{label} answered with an error of its own.", str(status), http_status=status
        )
    if status in (401, 403):
        raise CredentialsRejected(
            f"{label} refused the key, or does not know this server's address yet.",
            str(status),
            http_status=status,
        )
    if status in (404, 405):
        raise NeedsAttention(
            f"{label} has nothing at this address.", str(status), http_status=status
        )


def _retry_after(response: requests.Response) -> float | None:
    """Seconds, where the header is a number; a date is as good as nothing."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None
