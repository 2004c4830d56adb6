"""Keys of the public API (RULES F11): made, shown once, revoked, and recognised.

A key reads ``pbk_<public half>_<secret half>``. The public half finds the row, so no comparison of
secrets ever chooses between rows; the digest of the secret half is compared in constant time.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.api_scopes import ApiScope
from integrations.audit import record
from integrations.models import ApiKey, Membership, User

PREFIX = "pbk"
_SECRET_BYTES = 32
_PUBLIC_BYTES = 6
#: Nothing else is asked of the database.
_SHAPE = re.compile(
    rf"{PREFIX}_([0-9a-f]{{{2 * _PUBLIC_BYTES}}})_([0-9a-f]{{{2 * _SECRET_BYTES}}})"
)
#: How exactly the last use is known; every request would otherwise be a write.
_USE_NOTED_EVERY = timedelta(minutes=1)


def make_key(
    member: Membership,
    name: str,
    scopes: Collection[ApiScope],
    *,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key of the workspace in scope, and its text, which nobody can be shown again."""
    public, secret = secrets.token_hex(_PUBLIC_BYTES), secrets.token_hex(_SECRET_BYTES)
    with transaction.atomic():
        key = ApiKey.objects.create(
            workspace_id=member.workspace_id,
            name=name,
            prefix=public,
            digest=_digest(secret),
            scopes=sorted(set(scopes)),
            member=member,
            expires_at=expires_at,
        )
        after = {"scopes": key.scopes, "expires": expires_at.isoformat() if expires_at else None}
        record(member.user, "api_key.made", name, after=after)
    return key, f"{PREFIX}_{public}_{secret}"


def revoke_key(key: ApiKey, *, actor: User) -> None:
    """End a key at once; doing it twice changes nothing."""
    with transaction.atomic():
        ended = ApiKey.objects.filter(pk=key.pk, revoked_at=None)
        if ended.update(revoked_at=timezone.now()):
            record(actor, "api_key.revoked", key.name)


def revoke_keys_of(member: Membership) -> None:
    """End what a former member made; part of ending the membership, which the audit tells."""
    ApiKey.objects.filter(member=member, revoked_at=None).update(revoked_at=timezone.now())


def find_key(text: str) -> ApiKey | None:
    """The live key with this text, of whatever workspace; None for anything else."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    public, secret = shape.groups()
    key = (
        ApiKey.unscoped.filter(
            Q(expires_at=None) | Q(expires_at__gt=timezone.now()),
            prefix=public,
            revoked_at=None,
            member__is_active=True,
        )
        .select_related("workspace", "member__user")
        .first()
    )
    # Compared without a row too, so that a public half which exists takes no longer.
    expected = key.digest if key else _digest("")
    is_right = secrets.compare_digest(expected, _digest(secret))
    return key if is_right else None


def note_use(key: ApiKey) -> None:
    """Keep when a key was last used, to the minute."""
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at >= _USE_NOTED_EVERY:
        ApiKey.unscoped.filter(pk=key.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
