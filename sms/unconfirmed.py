"""What a person decides about a text of which nobody knows whether it was sent (RULES D8).

Patchbay never decides this by itself. A report that comes meanwhile settles it, and one that comes
later still counts, because ranks only go up.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations import audit
from integrations.models import Membership
from sms.messaging import NewText, Person, queue_message
from sms.models import Message
from sms.statuses import RANK, REPORTED_WITHIN, MessageStatus


def is_decidable(message: Message) -> bool:
    """Whether a person may decide about this text now."""
    return message.state == MessageStatus.UNCONFIRMED and message.erased_at is None


def settle_as_sent(message: Message, *, actor: Membership) -> None:
    """It was sent, somebody found: it stands as accepted, and its record is written.

    Raises ValidationError where a report or somebody else was faster.
    """
    now = timezone.now()
    _settle(
        message,
        MessageStatus.ACCEPTED,
        actor,
        accepted_at=now,
        plan_due_at=max(now, message.created_at + REPORTED_WITHIN),
        reason=_("%(person)s found that it was sent.") % {"person": actor},
    )


def settle_as_not_sent(message: Message, *, actor: Membership) -> None:
    """It was not sent, and shall not be. Raises ValidationError as above."""
    now = timezone.now()
    _settle(
        message,
        MessageStatus.FAILED,
        actor,
        final_at=now,
        plan_due_at=now,
        reason=_("%(person)s found that it was not sent.") % {"person": actor},
    )


def send_again(message: Message, *, actor: Membership) -> Message:
    """It was not sent: take on a new message in its place, once, with the same words.

    Everything is checked as for any text: raises TextNotTaken with the reason, for example an
    opt-out since then, and ValidationError as above. Then nothing has changed.
    """
    with transaction.atomic():
        settle_as_not_sent(message, actor=actor)
        again = queue_message(_same_text(message, actor))
        Message.objects.filter(pk=again.pk).update(
            replaces=message, template_version=message.template_version
        )
    again.refresh_from_db()
    return again


def _same_text(message: Message, actor: Membership) -> NewText:
    return NewText(
        to=message.phone_e164,
        text=message.text,
        purpose=Message.Purpose(message.purpose),
        origin=Message.Origin(message.origin),
        sender_id=message.sender_id,
        person=Person(message.person_sobject, message.person_record_id, message.person_name),
        campaign_record_id=message.campaign_record_id,
        campaign_name=message.campaign_name,
        template=message.template,
        membership=message.membership or actor,
        idempotency_key=f"instead-of:{message.pk}",
    )


def _settle(message: Message, state: MessageStatus, actor: Membership, **columns: Any) -> None:
    with transaction.atomic():
        settled = Message.objects.filter(pk=message.pk, state=MessageStatus.UNCONFIRMED).update(
            state=state,
            rank=RANK[state],
            decided_at=timezone.now(),
            decided_by=actor.user,
            **columns,
        )
        if not settled:
            raise ValidationError(
                _("Its state changed just now, by a report or by somebody else. Look again.")
            )
        audit.record(
            actor.user,
            "message.decided",
            message.phone_e164,
            before={"message": message.pk, "state": MessageStatus.UNCONFIRMED},
            after={"state": state},
        )
