"""Notices: what needs a person is said once, and taken back when it is settled."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.models import Connection, ErrorMailing, Notice
from integrations.options import active_options
from integrations.queueing import enqueue
from integrations.tenancy import workspace_scope


def open_notice(
    workspace_id: int,
    *,
    kind: str,
    subject_key: str,
    title: str,
    body: str = "",
    service: str = Connection.Kind.SALESFORCE,
) -> bool:
    """Open a notice unless the same one is open; returns whether it is new.

    ``service`` is the outside service that it is about, a value of ``Connection.Kind``. Where the
    workspace wants mails about that service, one will tell of it (MII-32, MII-33).
    """
    same = Notice.unscoped.filter(
        workspace_id=workspace_id, kind=kind, subject_key=subject_key, resolved_at=None
    )
    if same.exists():
        return False
    is_mailed = _wants_mail(workspace_id, service)
    try:
        with transaction.atomic():
            Notice.unscoped.create(
                workspace_id=workspace_id,
                kind=kind,
                subject_key=subject_key,
                title=title[:200],
                body=body,
                service=service,
                mail=Notice.Mail.WAITING if is_mailed else Notice.Mail.NONE,
            )
    except IntegrityError:
        return False
    if is_mailed:
        wake_mails(workspace_id)
    return True


def resolve_notices(workspace_id: int, *, kind: str, subject_key: str) -> int:
    """Close the open notice of this kind about this subject; returns how many were open."""
    return Notice.unscoped.filter(
        workspace_id=workspace_id, kind=kind, subject_key=subject_key, resolved_at=None
    ).update(resolved_at=timezone.now())


def wake_mails(workspace_id: int) -> None:
    """Ask for a workspace's waiting mails once the current transaction commits."""
    enqueue("background", "integrations.jobs.mail_errors", workspace_id)


def _wants_mail(workspace_id: int, service: str) -> bool:
    with workspace_scope(workspace_id):
        if not active_options()["error_mail"]:
            return False
        mailing = ErrorMailing.objects.first()
        return mailing is None or service in mailing.services
