"""The key that a record carries at Salesforce, so that we can ask whether it exists (RULES C4)."""

import base64
import hashlib
import uuid
from functools import lru_cache

from integrations.marks import KEY_PREFIX
from integrations.models import Installation


@lru_cache(maxsize=1)
def installation_id() -> str:
    """This installation's id; it never changes while a process runs."""
    installation, _ = Installation.objects.get_or_create(
        singleton=True, defaults={"installation_id": uuid.uuid4()}
    )
    return str(installation.installation_id)


def wire_key(workspace_id: int, target_key: str, generation: int = 1) -> str:
    """``pb-`` and 26 base32 characters of a hash of installation, workspace and target key.

    ``generation`` is that of the creation: a record that is created anew after its first one was
    taken over must not carry the same key.
    """
    text = f"{installation_id()}:{workspace_id}:{target_key}"
    if generation > 1:
        text = f"{text}:{generation}"
    digest = hashlib.sha256(text.encode()).digest()[:17]
    return KEY_PREFIX + base64.b32encode(digest).decode()[:26].lower()
