"""Mails about errors: whom they go to, and sending them (MII-32 to MII-34, K-21).

Mails follow notices, so what is told once is mailed once: a broken connection, or one error class
of a kind of record, however many records it is about. A mail may come twice rather than never: a
worker that dies after sending and before it has noted that is followed by one that sends again.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations import failpoints
from integrations.addresses import console_url, public_address
from integrations.audit import record
from integrations.claims import by_now, from_now
from integrations.models import ErrorMailing, Membership, Notice, User
from integrations.options import active_options
from integrations.ratelimits import allow
from integrations.redaction import redact
from integrations.roles import Role
from integrations.tenancy import current_workspace_id

log = structlog.get_logger()

LEASE_SECONDS = 120
MOST_ADDRESSES = 20
#: The same thing going wrong again and again is mailed once in this time (K-21).
REPEAT_AFTER = timedelta(hours=1)
#: More errors than this at once go into one mail, whatever the rhythm.
MOST_SINGLE_MAILS = 10
_SINGLE_MAILS, _TEST_MAILS = "30/hour", "5/hour"
_PAUSE_AFTER_FAILURE = timedelta(minutes=5)
_PERIODS = {
    ErrorMailing.Rhythm.EACH: timedelta(0),
    ErrorMailing.Rhythm.HOURLY: timedelta(hours=1),
    ErrorMailing.Rhythm.DAILY: timedelta(days=1),
}
#: Who can mend things, and so may be chosen from the list of members.
_MENDERS = (Role.OWNER, Role.ADMIN, Role.SMS_ADMIN)

#: Notices of one kind about one subject, the oldest first.
Trouble = list[Notice]


@dataclass(frozen=True)
class MailingChoice:
    """What an admin chose: members, further addresses, services (``Connection.Kind``), rhythm."""

    members: Sequence[Membership]
    addresses: Sequence[str]
    services: Sequence[str]
    rhythm: str


def find_mailing() -> ErrorMailing:
    """The choice of the workspace in scope, or the one that holds while nobody chose."""
    return ErrorMailing.objects.first() or ErrorMailing(workspace_id=current_workspace_id())


def members_to_choose() -> list[Membership]:
    """Members who can mend what mails are about; anybody else is chosen by address."""
    menders = Membership.objects.active().filter(role_grants__role__in=_MENDERS).distinct()
    return list(menders.select_related("user"))


def recipients_of(mailing: ErrorMailing) -> list[str]:
    """Where mails go: to whom was chosen, and to the owners where nobody was or all have left."""
    chosen: set[str] = set(mailing.addresses)
    if mailing.pk:
        members = mailing.members.filter(is_active=True, workspace=mailing.workspace_id)
        chosen |= set(members.values_list("user__email", flat=True))
    if not chosen:
        owners = Membership.objects.active().filter(role_grants__role=Role.OWNER)
        chosen = set(owners.values_list("user__email", flat=True))
    return sorted(chosen)


def read_addresses(text: str) -> list[str]:
    """The mail addresses of a text, apart by spaces, lines or commas; ValidationError names a wrong
    one."""
    addresses = list(dict.fromkeys(text.replace(",", " ").replace(";", " ").lower().split()))
    if len(addresses) > MOST_ADDRESSES:
        raise ValidationError(
            _("At most %(count)s addresses. A mailing list takes more people.")
            % {"count": MOST_ADDRESSES}
        )
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError(
                _("“%(address)s” is no mail address.") % {"address": address}
            ) from error
    return addresses


def change_mailing(choice: MailingChoice, *, actor: User, request: HttpRequest) -> bool:
    """Store a choice for the workspace in scope; returns whether anything was changed."""
    with transaction.atomic():
        mailing, _is_new = ErrorMailing.objects.get_or_create(workspace_id=current_workspace_id())
        before = _described(mailing)
        mailing.addresses = list(choice.addresses)
        mailing.services = list(choice.services)
        if mailing.rhythm != choice.rhythm:
            mailing.rhythm, mailing.next_mail_at = choice.rhythm, None
        mailing.save(update_fields=["addresses", "services", "rhythm", "next_mail_at"])
        mailing.members.set(choice.members)
        after = _described(mailing)
        if after == before:
            return False
        record(actor, "error_mails.changed", before=before, after=after, request=request)
    return True


def _described(mailing: ErrorMailing) -> dict[str, Any]:
    return {
        "members": sorted(mailing.members.values_list("user__email", flat=True)),
        "addresses": list(mailing.addresses),
        "services": list(mailing.services),
        "rhythm": mailing.rhythm,
    }


def send_test_mail() -> list[str]:
    """Send a mail that says it is a test; returns whom to. ValidationError says why it failed."""
    workspace_id = current_workspace_id()
    if not allow("error-mail-test", str(workspace_id), _TEST_MAILS):
        raise ValidationError(_("Too many test mails were sent. Try again in an hour."))
    mailing = find_mailing()
    recipients = recipients_of(mailing)
    try:
        _send(mailing, _("Test of mails about errors"), {"is_test": True, "notices": ()})
    except (SMTPException, OSError) as error:
        log.warning("test_mail_failed", error=type(error).__name__)
        raise ValidationError(
            _("The mail server did not take it: %(error)s. Whoever runs this installation can look "
              "at its setting EMAIL_URL.") % {"error": redact(str(error))}
        ) from error  # fmt: skip
    return recipients


def workspaces_due() -> list[int]:
    """Workspaces with a mail that waits and may leave now, for the sweeper."""
    not_yet = ErrorMailing.unscoped.filter(
        Q(next_mail_at__gt=by_now()) | Q(lease_expires_at__gt=Now())
    )
    waiting = Notice.unscoped.filter(mail=Notice.Mail.WAITING).exclude(
        workspace__in=not_yet.values("workspace")
    )
    return list(waiting.order_by().values_list("workspace_id", flat=True).distinct()[:200])


def mail_waiting() -> int:
    """Send what waits for the workspace in scope and may leave now; returns how many mails left."""
    mailing = _claim()
    if mailing is None:
        return 0
    waiting = list(
        Notice.objects.filter(mail=Notice.Mail.WAITING).order_by("created_at", "id")[:500]
    )
    if not active_options()["error_mail"]:
        _note(waiting, mail=Notice.Mail.NONE)
        waiting = []
    sent, pause, problem = 0, timedelta(0), ""
    for troubles in _as_mails(mailing, _due(waiting)):
        is_single = len(troubles) == 1
        if is_single and not allow("error-mail", str(mailing.workspace_id), _SINGLE_MAILS):
            pause = REPEAT_AFTER
            break
        try:
            _mail(mailing, troubles)
        except (SMTPException, OSError) as error:
            log.warning("error_mail_not_sent", error=type(error).__name__)
            pause, problem = _PAUSE_AFTER_FAILURE, redact(str(error))[:300]
            break
        failpoints.hit("error_mails.after_send")
        _note([one for trouble in troubles for one in trouble], mail=Notice.Mail.SENT)
        sent += 1
        pause = _PERIODS[ErrorMailing.Rhythm(mailing.rhythm)]
    _release(mailing, sent=sent, pause=pause, problem=problem)
    return sent


def _claim() -> ErrorMailing | None:
    mailing, _is_new = ErrorMailing.objects.get_or_create(workspace_id=current_workspace_id())
    free = Q(lease_expires_at=None) | Q(lease_expires_at__lt=Now())
    is_time = Q(next_mail_at=None) | Q(next_mail_at__lte=by_now())
    mailing.claim_token = uuid.uuid4()
    claimed = ErrorMailing.objects.filter(free, is_time, pk=mailing.pk).update(
        claim_token=mailing.claim_token, lease_expires_at=from_now(LEASE_SECONDS)
    )
    return mailing if claimed else None


def _release(mailing: ErrorMailing, *, sent: int, pause: timedelta, problem: str) -> None:
    now = timezone.now()
    ErrorMailing.objects.filter(pk=mailing.pk, claim_token=mailing.claim_token).update(
        claim_token=None,
        lease_expires_at=None,
        next_mail_at=now + pause if pause else None,
        problem=problem,
        **({"sent_at": now} if sent else {}),
    )


def _due(waiting: Sequence[Notice]) -> list[Trouble]:
    """By what they are about, without what was mailed within the hour: that waits (K-21)."""
    troubles: dict[tuple[str, str], Trouble] = defaultdict(list)
    for notice in waiting:
        troubles[notice.kind, notice.subject_key].append(notice)
    lately = set(
        Notice.objects.filter(
            mail=Notice.Mail.SENT, mailed_at__gt=timezone.now() - REPEAT_AFTER
        ).values_list("kind", "subject_key")
    )
    return [trouble for about, trouble in troubles.items() if about not in lately]


def _as_mails(mailing: ErrorMailing, due: list[Trouble]) -> list[list[Trouble]]:
    """What goes into which mail."""
    is_single = mailing.rhythm == ErrorMailing.Rhythm.EACH and len(due) <= MOST_SINGLE_MAILS
    if is_single:
        return [[trouble] for trouble in due]
    return [due] if due else []


def _mail(mailing: ErrorMailing, troubles: Sequence[Trouble]) -> None:
    newest = [trouble[-1] for trouble in troubles]
    told = [
        {
            "title": redact(notice.title),
            "body": redact(notice.body),
            "service": notice.get_service_display(),
            "at": notice.created_at,
            "is_settled": notice.resolved_at is not None,
            "times": len(trouble),
        }
        for notice, trouble in zip(newest, troubles, strict=True)
    ]
    subject = told[0]["title"] if len(told) == 1 else _count_of_errors(len(told))
    _send(mailing, str(subject), {"notices": told})


def _count_of_errors(count: int) -> str:
    return ngettext("%(count)s error", "%(count)s errors", count) % {"count": count}


def _send(mailing: ErrorMailing, subject: str, context: Mapping[str, Any]) -> None:
    """One message to everybody, who do not see each other's addresses."""
    workspace = mailing.workspace
    page = public_address(console_url(workspace, "notices"))
    # A line break in a subject would end the header.
    line = " ".join(f"[{workspace.name}] {subject}".split())
    body = render_to_string(
        "patchbay/mail/errors.txt", {**context, "workspace": workspace, "page": page}
    )
    EmailMessage(line[:200], body, settings.DEFAULT_FROM_EMAIL, bcc=recipients_of(mailing)).send()


def _note(notices: Sequence[Notice], *, mail: str) -> None:
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(
        mail=mail, mailed_at=timezone.now() if mail == Notice.Mail.SENT else None
    )
