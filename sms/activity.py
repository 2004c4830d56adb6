"""What the activity log shows of the messages that its lines are about."""

from collections.abc import Collection, Mapping

from integrations.models import Membership
from integrations.registry import ActivitySubject
from sms.models import Message, OptOut


def describe_messages_of_log(
    membership: Membership, message_ids: Collection[int]
) -> Mapping[int, ActivitySubject]:
    """Whom each message was with."""
    messages = Message.objects.filter(pk__in=message_ids).only(
        "pk", "person_name", "phone_e164", "erased_at"
    )
    return {message.pk: ActivitySubject(person=message.person) for message in messages}


def describe_opt_outs_of_log(
    membership: Membership, opt_out_ids: Collection[int]
) -> Mapping[int, ActivitySubject]:
    """Whose number each opt-out is about."""
    rows = OptOut.objects.filter(pk__in=opt_out_ids).only("pk", "phone_e164")
    return {row.pk: ActivitySubject(person=row.phone_e164) for row in rows}
