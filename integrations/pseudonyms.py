"""What stands for a number or record once it may not be kept: recognised, never read back (C8).

An HMAC with a key of the installation, since the hashes of all phone numbers there are could be
tried out. The workspace is part of it, so that nobody can tell that two of them know one person.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable, Mapping

from django.db import transaction

from integrations.encryption import seal, unseal
from integrations.models import Installation


def make_pseudonym(workspace_id: int, identity: str) -> str:
    """64 hexadecimal digits for a number (E.164) or a record id in one workspace.

    The key is not cached: a transaction that made it may still be rolled back.
    """
    return _digest(_find_key() or _make_key(), workspace_id, identity)


def find_pseudonyms(workspace_id: int, identities: Iterable[str]) -> Mapping[str, str]:
    """The pseudonyms of these, by identity; nothing where nobody was ever erased. One query."""
    wanted = set(identities)
    key = _find_key() if wanted else None
    return {one: _digest(key, workspace_id, one) for one in wanted} if key else {}


def _digest(key: bytes, workspace_id: int, identity: str) -> str:
    return hmac.new(key, f"{workspace_id}:{identity}".encode(), hashlib.sha256).hexdigest()


def _find_key() -> bytes | None:
    rows = Installation.objects.exclude(sealed_pseudonym_key="")
    sealed = rows.values_list("sealed_pseudonym_key", flat=True).first()
    return bytes.fromhex(unseal(sealed)["key"]) if sealed else None


def _make_key() -> bytes:
    """Make the key; the first of two who do so at once decides."""
    with transaction.atomic():
        Installation.objects.get_or_create(
            singleton=True, defaults={"installation_id": uuid.uuid4()}
        )
        Installation.objects.filter(singleton=True, sealed_pseudonym_key="").update(
            sealed_pseudonym_key=seal({"key": secrets.token_hex(32)})
        )
    key = _find_key()
    if key is None:
        raise RuntimeError("The key for pseudonyms was made and is not there.")
    return key
