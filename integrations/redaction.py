"""Keeping secrets out of logs, messages and stored requests (RULES F7). Pure.

Two nets: by name, for mappings and anything written as ``name=value`` or JSON, and by shape, for
tokens that stand alone.
"""

import re
from collections.abc import Mapping
from typing import Any

MASK = "[hidden]"

_NAMES = (
    r"access_token|refresh_token|id_token|oauth_token|client_secret|code_verifier|assertion"
    r"|signing_secret|secret|password|passwd|api_key|product_key|auth_token|authorization|cookie"
    r"|sessionid|csrftoken"
)
_NAMED = re.compile(_NAMES, re.IGNORECASE)
#: In a query string or a form also plain names that mean a secret only there.
_IN_FORM = re.compile(rf"(?P<name>\b(?:{_NAMES}|code|token)=)[^&\s\"']+", re.IGNORECASE)
_IN_JSON = re.compile(
    rf"(?P<name>[\"'](?:{_NAMES})[\"']\s*:\s*)([\"'])(?:\\.|(?!\2).)*\2", re.IGNORECASE
)
_IN_HEADER = re.compile(r"\b(?P<name>Bearer|Basic|OAuth)\s+[A-Za-z0-9._~+/!=-]{8,}")
_SHAPES = re.compile(
    r"00D\w{12,15}![\w.]+"  # Salesforce access token
    r"|\b5Aep861\w+"  # Salesforce refresh token
    r"|\bwhsec_[A-Za-z0-9+/=]+"  # Standard Webhooks secret
    r"|\bpbk_\w{12,}"  # API key
    r"|\bcbs_[\w-]{20,}"  # in the address of a gateway that signs nothing
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]+"  # JSON web token
)


def redact(text: str) -> str:
    """``text`` with everything that looks like a secret masked."""
    masked = _IN_FORM.sub(rf"\g<name>{MASK}", text)
    masked = _IN_JSON.sub(rf'\g<name>"{MASK}"', masked)
    masked = _IN_HEADER.sub(rf"\g<name> {MASK}", masked)
    return _SHAPES.sub(MASK, masked)


def redact_values(value: Any) -> Any:
    """A JSON-able value with secrets masked, by the name of their key and by their shape."""
    if isinstance(value, Mapping):
        return {
            key: MASK if _NAMED.search(str(key)) and item else redact_values(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact_values(item) for item in value]
    return redact(value) if isinstance(value, str) else value


def redact_event(_logger: Any, _method: str, event: Any) -> Any:
    """A structlog processor: put it before the renderer."""
    return redact_values(event)
