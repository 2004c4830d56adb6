"""The last look at Salesforce before a text leaves (RULES D2).

One person: their records are read live, and a checkbox that is set opts the number out before the
request. Many: flags of at most five minutes. Salesforce that is away holds back marketing alone;
what the company owes somebody goes by our own truth.
"""

from collections.abc import Collection, Mapping

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.errors import PatchbayError
from sms.flag_scan import is_fresh
from sms.messaging import refusals_of
from sms.mirror import find_mirror, look_up
from sms.models import Message, OptOutMirror

log = structlog.get_logger()

#: A worker holds other texts meanwhile.
_DEADLINE_SECONDS = 5.0
_NOT_ASKED = (Message.Purpose.CONFIRMATION, Message.Purpose.TEST)


def held_back(messages: Collection[Message]) -> Mapping[int, str]:
    """Which of these must wait, by primary key, and why; opt-outs seen in Salesforce are obeyed.

    In the workspace's scope and outside any transaction.
    """
    mirror = find_mirror()
    if mirror is None or not messages:
        return {}
    refused = refusals_of(messages)
    asked = [
        one for one in messages if one.purpose not in _NOT_ASKED and one.reference not in refused
    ]
    single = [one for one in asked if one.origin != Message.Origin.CAMPAIGN]
    many = [one for one in asked if one.origin == Message.Origin.CAMPAIGN]
    away = _look(mirror, {one.phone_e164 for one in single})
    held = {one.pk for one in single if one.phone_e164 in away and _is_marketing(one)}
    if many and not is_fresh(mirror, timezone.now()):
        held |= {one.pk for one in many}
    return dict.fromkeys(held, _("Salesforce is away: opt-outs made there are not known."))


def _look(mirror: OptOutMirror, phones: Collection[str]) -> set[str]:
    """Read the records with these numbers; the numbers that could not be asked for."""
    if not mirror.connection.is_usable:
        return set(phones)
    away = set()
    for phone in phones:
        try:
            look_up(mirror, phone, deadline_seconds=_DEADLINE_SECONDS)
        except PatchbayError as error:
            log.warning("flags_not_read", connection=mirror.connection_id, code=error.code)
            away.add(phone)
    return away


def _is_marketing(message: Message) -> bool:
    return message.purpose == Message.Purpose.MARKETING
