"""Opting out and in again: every change is an event with its proof (RULES D2, D3).

`OptOut` is what every send asks; it is derived from the number's events and can be rebuilt from
them at any time, so the evidence page and the truth never differ.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations import audit
from integrations.models import User
from integrations.tenancy import current_workspace_id
from sms.models import Message, OptOut, OptOutEvent, OptOutKeyword, OptOutSuggestion
from sms.selectors import opted_out_since
from sms.statuses import RANK, MessageStatus
from sms.suppression import is_suppressed, lift_suppression

#: What has certainly not left yet, and is not sent any more once its number has opted out.
_STILL_HERE = (MessageStatus.QUEUED, MessageStatus.CLAIMED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a number may be written to, and since when it is so."""

    is_opted_out: bool
    since: datetime


def derive(events: Iterable[OptOutEvent]) -> Standing | None:
    """What a number's events come to, oldest first; None where it never opted out. Pure."""
    standing = None
    for event in events:
        is_opted_out = event.kind == OptOutEvent.Kind.OPTED_OUT
        if event.kind == OptOutEvent.Kind.FLAG_SEEN or (standing is None and not is_opted_out):
            continue
        if standing is None or standing.is_opted_out != is_opted_out:
            standing = Standing(is_opted_out, event.occurred_at)
    return standing


def opt_out(
    phone_e164: str,
    source: OptOutEvent.Source,
    *,
    message: Message | None = None,
    actor: User | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> bool:
    """Never write to this number again; what is queued for it is skipped in the same transaction.

    Returns whether that is news. A repeat is kept as an event all the same; a member's decision is
    audited.
    """
    with transaction.atomic():
        _append(OptOutEvent.Kind.OPTED_OUT, phone_e164, source, message, actor, evidence)
        is_news = _apply(phone_e164) and not is_suppressed(phone_e164)
        _skip_what_is_queued(phone_e164)
        if actor is not None:
            audit.record(
                actor,
                "opt_out.made",
                phone_e164,
                before={"opted_out": not is_news},
                after={"opted_out": True, **(evidence or {})},
            )
    return is_news


def record_block(message: Message, code: str) -> None:
    """Who has stopped our texts at the gateway has opted out, with the gateway's code as proof."""
    opt_out(
        message.phone_e164,
        OptOutEvent.Source.GATEWAY,
        message=message,
        evidence={"code": code, "sender": message.our_number},
    )


def opt_in(
    phone_e164: str,
    source: OptOutEvent.Source,
    *,
    message: Message | None = None,
    actor: User | None = None,
    evidence: Mapping[str, Any] | None = None,
    request: HttpRequest | None = None,
) -> bool:
    """Allow texts to this number again; a member's decision is audited. Returns whether it is news.

    The caller has asked the policy. Nothing is said where the number never opted out.
    """
    if not opted_out_since([phone_e164]):
        return False
    with transaction.atomic():
        was_suppressed = lift_suppression(phone_e164)
        _append(OptOutEvent.Kind.OPTED_IN, phone_e164, source, message, actor, evidence)
        is_news = _apply(phone_e164) or was_suppressed
        if actor is not None:
            audit.record(
                actor,
                "opt_out.undone",
                phone_e164,
                before={"opted_out": True},
                after={"opted_out": False, **(evidence or {})},
                request=request,
            )
    return is_news


def note_flag(phone_e164: str, evidence: Mapping[str, Any]) -> None:
    """Keep what was seen in Salesforce and decided nothing, for whoever asks why."""
    kind, source = OptOutEvent.Kind.FLAG_SEEN, OptOutEvent.Source.SALESFORCE
    _append(kind, phone_e164, source, None, None, evidence)


def suggest(message: Message, keyword: str) -> OptOutSuggestion:
    """Keep a text that may mean stop for a person to decide; marketing to the number waits."""
    suggestion, _created = OptOutSuggestion.objects.get_or_create(
        message=message,
        defaults={
            "workspace_id": message.workspace_id,
            "phone_e164": message.phone_e164,
            "keyword": keyword,
        },
    )
    return suggestion


def decide(suggestion: OptOutSuggestion, *, opted_out: bool, actor: User) -> bool:
    """Settle a suggestion; False when somebody else had settled it before."""
    decision = OptOutSuggestion.Decision
    with transaction.atomic():
        settled = OptOutSuggestion.objects.filter(pk=suggestion.pk, decision="").update(
            decision=decision.OPTED_OUT if opted_out else decision.DISMISSED,
            decided_at=timezone.now(),
            decided_by=actor,
        )
        if settled and opted_out:
            opt_out(
                suggestion.phone_e164,
                OptOutEvent.Source.SUGGESTION,
                message=suggestion.message,
                actor=actor,
                evidence={"text": suggestion.message.text, "keyword": suggestion.keyword},
            )
        elif settled:
            after = {"text": suggestion.message.text}
            audit.record(actor, "opt_out.suggestion_dismissed", suggestion.phone_e164, after=after)
    return bool(settled)


def stop_words() -> list[str]:
    """The opt-out keywords of the workspace in scope, as they were written."""
    return list(OptOutKeyword.objects.values_list("word", flat=True))


def rebuild(phone_e164: str) -> Standing | None:
    """Store what a number's events come to; what `OptOut` says is nothing else."""
    with transaction.atomic():
        _apply(phone_e164)
    return derive(_events(phone_e164))


def _events(phone_e164: str) -> Iterable[OptOutEvent]:
    return OptOutEvent.objects.filter(phone_e164=phone_e164).order_by("occurred_at", "id")


def _append(
    kind: OptOutEvent.Kind,
    phone_e164: str,
    source: OptOutEvent.Source,
    message: Message | None,
    actor: User | None,
    evidence: Mapping[str, Any] | None,
) -> None:
    OptOutEvent.objects.create(
        workspace_id=current_workspace_id(),
        phone_e164=phone_e164,
        kind=kind,
        source=source,
        message=message,
        actor=actor,
        evidence=dict(evidence or {}),
    )


def _apply(phone_e164: str) -> bool:
    """Store what the events come to; returns whether the standing changed."""
    # The row is the lock: two replies at once are derived one after the other.
    row, created = OptOut.objects.get_or_create(
        workspace_id=current_workspace_id(), phone_e164=phone_e164, defaults={"is_active": False}
    )
    row = OptOut.objects.select_for_update().get(pk=row.pk)
    standing = derive(_events(phone_e164))
    if standing is None:
        if created:
            row.delete()
        return False
    changed = row.is_active != standing.is_opted_out
    row.is_active, row.since = standing.is_opted_out, standing.since
    if changed:
        row.plan_due_at = timezone.now()
    row.save(update_fields=["is_active", "since", "plan_due_at"])
    return changed


def _skip_what_is_queued(phone_e164: str) -> int:
    """Texts that have not left are skipped; the confirmation alone still goes."""
    return Message.objects.filter(
        ~Q(purpose=Message.Purpose.CONFIRMATION),
        direction=Message.Direction.OUTBOUND,
        phone_e164=phone_e164,
        state__in=_STILL_HERE,
    ).update(
        state=MessageStatus.SKIPPED,
        rank=RANK[MessageStatus.SKIPPED],
        reason=_("The person opted out before it was sent."),
        claim_token=None,
        lease_expires_at=None,
        final_at=timezone.now(),
    )
