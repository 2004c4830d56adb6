"""Who has a softphone panel open: one-time codes, tokens, and their end (RULES A8, F11).

A signed-in member asks for a code, for the panel that made the challenge. The panel exchanges it
once, with the text behind the challenge, for a token. It carries the token in a header, so that it
also runs in a frame where no cookie arrives.
"""

import base64
import hashlib
import re
import secrets
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import Call, CallLeg, PanelEvent, PanelFeed, PanelSession, SoftphoneUser
from calls.models.panel import LIVE_SECONDS
from integrations.audit import record
from integrations.models import Membership, RoleGrant
from integrations.policy import can, require
from integrations.roles import Capability
from integrations.tenancy import workspace_scope

#: How long a code waits for its exchange, which follows at once.
CODE_SECONDS = 60
#: A working day; after that the member signs the panel in again.
TOKEN_LIFETIME = timedelta(hours=12)
#: How often a panel says that it is there.
HEARTBEAT_SECONDS = 15
#: Sessions are kept for as long as somebody may ask about them.
KEPT = timedelta(days=30)
_EVENTS_KEPT = timedelta(hours=1)
_BATCH = 1_000
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


class CodeRefused(Exception):  # noqa: N818
    """The code was used, is too old, belongs to another panel, or to somebody who has left."""


def is_challenge(text: str) -> bool:
    """Whether a text can be a SHA-256 in base64url, which is what a panel sends."""
    return bool(_SHAPE.fullmatch(text))


def ask_code(membership: Membership, challenge: str) -> str:
    """A code for the panel that knows the text behind ``challenge``; it is good once, for a minute.

    Raises PermissionDenied for who may not use the softphone or is not on the list of its users
    (CRC-10, CRC-11), ValueError for what is no challenge.
    """
    require(membership, Capability.USE_SOFTPHONE)
    if not SoftphoneUser.objects.filter(membership=membership).exists():
        raise PermissionDenied(_("You are not among the softphone users. Ask an admin to add you."))
    if not is_challenge(challenge):
        raise ValueError("A challenge is a SHA-256 in base64url.")
    code = secrets.token_urlsafe(32)
    PanelSession.objects.create(
        workspace_id=membership.workspace_id,
        membership=membership,
        code_digest=_digest(code),
        challenge=challenge,
        code_expires_at=timezone.now() + timedelta(seconds=CODE_SECONDS),
    )
    return code


def open_session(code: str, verifier: str, *, script_version: int) -> tuple[PanelSession, str]:
    """Exchange a code for a token; returns the session and the token, which nobody sees again.

    Raises CodeRefused, always in the same words.
    """
    token, now = secrets.token_urlsafe(32), timezone.now()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    with transaction.atomic():
        taken = PanelSession.unscoped.filter(
            code_digest=_digest(code),
            challenge=challenge.decode().rstrip("="),
            code_expires_at__gt=now,
            token_digest=None,
            ended_at=None,
        ).update(
            token_digest=_digest(token),
            script_version=script_version,
            opened_at=now,
            expires_at=now + TOKEN_LIFETIME,
            live_since=now,
            last_seen_at=now,
        )
        session = find_session(token) if taken else None
        if session is None:
            raise CodeRefused
        with workspace_scope(session.workspace_id):
            PanelFeed.objects.get_or_create(
                membership=session.membership, defaults={"workspace_id": session.workspace_id}
            )
            record(session.membership.user, "softphone.opened")
    return session, token


def find_session(token: str) -> PanelSession | None:
    """The open session with this token, of whatever workspace; None for anything else, and for a
    member who may not use the softphone any more."""
    if not _SHAPE.fullmatch(token):
        return None
    session = (
        PanelSession.unscoped.open(timezone.now())
        .filter(token_digest=_digest(token))
        .select_related("membership__user", "membership__workspace")
        .prefetch_related(Prefetch("membership__role_grants", RoleGrant.unscoped.all()))
        .first()
    )
    if session is None or not can(session.membership, Capability.USE_SOFTPHONE):
        return None
    return session


def note_seen(session: PanelSession, *, script_version: int) -> None:
    """Keep that a panel is there. After a gap it has been live only since now (A5)."""
    now = timezone.now()
    was_live = Q(last_seen_at__gt=now - timedelta(seconds=LIVE_SECONDS))
    PanelSession.objects.filter(pk=session.pk, ended_at=None).update(
        live_since=Case(When(was_live, then=F("live_since")), default=now),
        last_seen_at=now,
        script_version=script_version,
    )


def end_session(session: PanelSession) -> None:
    """End a panel at once; doing it twice changes nothing."""
    with transaction.atomic():
        still_open = PanelSession.objects.filter(pk=session.pk, ended_at=None)
        if still_open.update(ended_at=timezone.now()):
            record(session.membership.user, "softphone.closed")


def end_sessions_of(membership: Membership) -> None:
    """End every panel and code of somebody who lost the softphone or the membership (F11)."""
    PanelSession.objects.filter(membership=membership, ended_at=None).update(
        ended_at=timezone.now()
    )


def note_panels(call: Call) -> None:
    """Keep with each leg of a call whether its member had a live panel from ring to end (A5).

    Once noted it stays, because later only the last time of being live is known.
    """
    heard_of = PanelSession.objects.filter(
        membership=OuterRef("membership"),
        last_seen_at__gt=ExpressionWrapper(
            OuterRef("ring_started_at") - timedelta(seconds=LIVE_SECONDS), DateTimeField()
        ),
        live_since__lt=Coalesce(OuterRef("ended_at"), Value(timezone.now(), DateTimeField())),
    ).exclude(ended_at__lt=OuterRef("ring_started_at"))
    CallLeg.objects.filter(
        Exists(heard_of), call=call, had_panel=False, membership__isnull=False
    ).update(had_panel=True)


def prune_panels() -> None:
    """Delete old sessions, unused codes among them, a thousand at most, and all old events."""
    now = timezone.now()
    old = PanelSession.unscoped.filter(code_expires_at__lt=now - KEPT).order_by()
    PanelSession.unscoped.filter(pk__in=list(old.values_list("pk", flat=True)[:_BATCH])).delete()
    # Nothing hangs on an event: this is one statement, however many there were.
    PanelEvent.unscoped.filter(happened_at__lt=now - _EVENTS_KEPT).delete()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
