"""How a message's own columns read: direction, person, status, sender."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from integrations.admin.cells import moment_text, phone_number
from integrations.admin.chips import Chip, chip
from integrations.phones import format_national
from sms.models import Message
from sms.statuses import OPEN_AT_GATEWAY, MessageStatus

_ICONS = {
    Message.Direction.INBOUND: "call_received",
    Message.Direction.OUTBOUND: "call_made",
}
_CHIPS = {
    MessageStatus.QUEUED: Chip.WAITING,
    MessageStatus.CLAIMED: Chip.WAITING,
    MessageStatus.SUBMITTING: Chip.WORKING,
    MessageStatus.UNCONFIRMED: Chip.ATTENTION,
    MessageStatus.ACCEPTED: Chip.WORKING,
    MessageStatus.SENT: Chip.WORKING,
    MessageStatus.BUFFERED: Chip.WORKING,
    MessageStatus.EXPIRED: Chip.FAILED,
    MessageStatus.FAILED: Chip.FAILED,
    MessageStatus.CANCELLED: Chip.WAITING,
    MessageStatus.REJECTED: Chip.FAILED,
    MessageStatus.UNDELIVERED: Chip.FAILED,
    MessageStatus.DELIVERED: Chip.DONE,
    MessageStatus.SKIPPED: Chip.WAITING,
    MessageStatus.RECEIVED: Chip.DONE,
    MessageStatus.OPTOUT: Chip.ATTENTION,
}
#: After this time a report hardly comes any more.
_REPORTS_COME_WITHIN = timedelta(hours=24)
_TEXT_START = 80


def direction_cell(message: Message) -> SafeString:
    """An arrow and the word."""
    return format_html(
        '<span class="pb-direction"><span class="material-symbols-outlined" aria-hidden="true">{}'
        "</span>{}</span>",
        _ICONS[Message.Direction(message.direction)],
        message.get_direction_display(),
    )


def state_chip(state: str) -> SafeString:
    """One of our words for where a message stands."""
    status = MessageStatus(state)
    return chip(_CHIPS[status], status.label)


def status_cell(message: Message) -> SafeString:
    """The status, and below it why, where that needs saying."""
    return format_html(
        '<div class="pb-filed">{}<div class="pb-quiet">{}</div></div>',
        state_chip(message.state),
        _("No report of its delivery came.") if lacks_report(message) else message.reason,
    )


def lacks_report(message: Message) -> bool:
    """Whether the gateway has it, and a day later has said nothing final: some countries send no
    receipts (PLUS-13)."""
    if message.state not in OPEN_AT_GATEWAY or message.accepted_at is None:
        return False
    return timezone.now() - message.accepted_at > _REPORTS_COME_WITHIN


def number_cell(message: Message, region: str) -> SafeString:
    """The other party's number; a short code or a name as it is."""
    return phone_number(message.phone_e164, region, message.pk)


def other_party(message: Message, region: str) -> str:
    """Whom it was with, in plain words: a name, else the number."""
    if message.person_name or not message.phone_e164:
        return message.person
    return format_national(message.phone_e164, region)


def person_cell(message: Message, region: str, opted_out: datetime | None) -> SafeString:
    """The person, who leads to the message's page, the number, and whether they opted out."""
    address = reverse("admin:sms_message_change", args=(message.pk,))
    named = message.person_name or ("" if message.phone_e164 else message.person)
    name = format_html('<a class="pb-link" href="{}">{}</a>', address, named)
    return format_html(
        '<div class="pb-stack">{}{}{}</div>',
        name if named else "",
        number_cell(message, region),
        opted_out_chip(opted_out) if opted_out else "",
    )


def opted_out_chip(since: datetime) -> SafeString:
    """Shown wherever a number that may not be written to stands."""
    return format_html(
        '<span title="{}">{}</span>',
        _("since %(day)s") % {"day": moment_text(since)},
        chip(Chip.FAILED, _("Opted out")),
    )


def text_cell(message: Message) -> SafeString:
    """The first words; what an attachment was is not kept (RULES D7)."""
    start = Truncator(" ".join(message.text.split())).chars(_TEXT_START)
    missing = _("An attachment, not stored") if message.attachment_count else "–"
    return format_html('<div class="pb-filed">{}</div>', start or missing)


def sender_name(message: Message) -> str:
    """Our side of it: whom the text came from, or what the person wrote to."""
    return message.our_number or "–"
