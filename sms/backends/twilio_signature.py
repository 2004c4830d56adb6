"""How Twilio signs what it sends (sms.md 2.3). Pure."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qs, parse_qsl, urlsplit, urlunsplit

from sms.backends.base import Callback

SIGNATURE_HEADER = "x-twilio-signature"
#: Since 2026: which key and which algorithm; without it SHA-1 with the Auth Token.
SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"
_ALGORITHMS = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
_PORTS = {"https": 443, "http": 80}


def sign(url: str, fields: Mapping[str, list[str]], key: str, algorithm: str = "HMAC_SHA1") -> str:
    """The signature of a form: the address, then each name with each of its different values."""
    signed = url + "".join(
        name + value for name in sorted(fields) for value in sorted(set(fields[name]))
    )
    digest = hmac.new(key.encode(), signed.encode(), _ALGORITHMS[algorithm]).digest()
    return base64.b64encode(digest).decode()


def is_signed(
    callback: Callback, *, tokens: Sequence[str], signing_keys: Mapping[str, str]
) -> bool:
    """Whether the signature is right for what arrived; an algorithm that is unknown never is."""
    keys, algorithm = list(tokens), "HMAC_SHA1"
    if named := callback.headers.get(SETTINGS_HEADER):
        words = dict(part.strip().partition("=")[::2] for part in named.split(","))
        keys, algorithm = [signing_keys.get(words.get("key", ""), "")], words.get("algorithm", "")
    if algorithm not in _ALGORITHMS or not _body_is_whole(callback):
        return False
    fields = _signed_fields(callback)
    given = callback.headers.get(SIGNATURE_HEADER, "").encode()
    # Every key and spelling is tried: which one was right must not show in the time it takes.
    matches = [
        hmac.compare_digest(sign(url, fields, key, algorithm).encode(), given)
        for key in keys
        if key
        for url in _spellings(callback.url)
    ]
    return any(matches)


def _signed_fields(callback: Callback) -> dict[str, list[str]]:
    if callback.method != "POST" or not _is_form(callback):
        return {}
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(callback.body, keep_blank_values=True):
        fields.setdefault(name, []).append(value)
    return fields


def _is_form(callback: Callback) -> bool:
    return callback.content_type.startswith("application/x-www-form-urlencoded")


def _body_is_whole(callback: Callback) -> bool:
    """A body that is no form is signed by its digest in the address."""
    if _is_form(callback) or not callback.body:
        return True
    given = parse_qs(urlsplit(callback.url).query).get("bodySHA256", [""])[-1]
    own = hashlib.sha256(callback.body.encode()).hexdigest()
    return hmac.compare_digest(own.encode(), given.encode())


def _spellings(url: str) -> Iterator[str]:
    """The address as it is, and with its default port written or left out: Twilio does either."""
    yield url
    parts = urlsplit(url)
    default = _PORTS.get(parts.scheme)
    if parts.port is None and default:
        yield urlunsplit(parts._replace(netloc=f"{parts.netloc}:{default}"))
    elif parts.port:
        yield urlunsplit(parts._replace(netloc=parts.netloc.rpartition(":")[0]))
