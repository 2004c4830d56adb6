"""Notices: what needs a person is said once, and taken back when it is settled."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.models import Notice


def open_notice(
    workspace_id: int, *, kind: str, subject_key: str, title: str, body: str = ""
) -> bool:
    """Open a notice unless the same one is open; returns whether it is new."""
    try:
        with transaction.atomic():
            Notice.unscoped.create(
                workspace_id=workspace_id,
                kind=kind,
                subject_key=subject_key,
                title=title[:200],
                body=body,
            )
    except IntegrityError:
        return False
    return True


def resolve_notices(workspace_id: int, *, kind: str, subject_key: str) -> int:
    """Close the open notice of this kind about this subject; returns how many were open."""
    return Notice.unscoped.filter(
        workspace_id=workspace_id, kind=kind, subject_key=subject_key, resolved_at=None
    ).update(resolved_at=timezone.now())
