"""Secrets at rest: a ring of Fernet keys, newest first, each named in what it sealed.

A sealed value reads ``fernet:<key id>:<token>``, so keys rotate without a flag day: new values
take the first key, old ones name theirs. The ring comes from the setting ``ENCRYPTION_KEYS``.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class SecretUnreadable(ValueError):  # noqa: N818
    """A sealed value names a key that is not on the ring, or was altered."""


def _key_id(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> dict[str, Fernet]:
    return {_key_id(key): Fernet(key.encode()) for key in keys}


def _current_ring() -> dict[str, Fernet]:
    return _ring(tuple(settings.ENCRYPTION_KEYS))


def seal(values: Mapping[str, Any]) -> str:
    """Encrypt a JSON-able mapping with the newest key. Two seals of one value differ."""
    key_id, fernet = next(iter(_current_ring().items()))
    token = fernet.encrypt(json.dumps(dict(values), sort_keys=True).encode())
    return f"fernet:{key_id}:{token.decode()}"


def unseal(sealed: str) -> dict[str, Any]:
    """The mapping behind a sealed value; an empty string is an empty mapping.

    Raises SecretUnreadable without ever putting the value into the message.
    """
    if not sealed:
        return {}
    method, _, rest = sealed.partition(":")
    key_id, _, token = rest.partition(":")
    fernet = _current_ring().get(key_id)
    if method != "fernet" or fernet is None:
        raise SecretUnreadable(f"No key {key_id!r} on the ring: set ENCRYPTION_KEYS to include it.")
    try:
        values = json.loads(fernet.decrypt(token.encode()))
    except InvalidToken as error:
        raise SecretUnreadable(f"A value sealed with key {key_id!r} was altered.") from error
    return dict(values)


def sealed_with_newest_key(sealed: str) -> bool:
    """Whether a value needs no rotation."""
    return not sealed or sealed.split(":", 2)[1] == next(iter(_current_ring()))
