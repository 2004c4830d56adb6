"""One text to one person as a program asks for it (RULES D6): who, what and from whom."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrations.errors import NeedsAttention
from sms.merge import read_template
from sms.messaging import NewText, Person, TextNotTaken
from sms.models import Message, Sender, Template
from sms.recipients import Recipient, RecipientNotFound, find_recipient


@dataclass(frozen=True, kw_only=True)
class SingleText:
    """What was asked for, as it was written. Either ``record_id`` or ``to``, or both: then ``to``
    is the number and the record is whose it is. Either ``text`` or ``template_id``."""

    record_id: str = ""
    to: str = ""
    text: str = ""
    template_id: int | None = None
    sender: str = ""
    campaign_id: str = ""


def prepare(asked: SingleText) -> NewText:
    """The text that ``queue_message`` takes on; a record is read from Salesforce, live.

    With a campaign it is marketing, otherwise a service message, which quiet hours and undecided
    suggestions do not hold back. Raises TextNotTaken with the reason, RetryLater and OutcomeUnknown
    where Salesforce is away.
    """
    template = _template(asked)
    read = read_template(template.text) if template else None
    recipient = _recipient(asked.record_id, read.names if read else frozenset())
    text = asked.text
    if template and read:
        if recipient is None or template.kind not in (recipient.kind, Template.Kind.CAMPAIGN):
            raise TextNotTaken(
                _("“%(name)s” is a template for other records.") % {"name": template.name},
                TextNotTaken.EMPTY,
            )
        if holes := read.empty_fields(recipient.values):
            raise TextNotTaken(
                _("%(name)s has nothing in %(fields)s, and the template names no fallback.")
                % {"name": recipient.person.name, "fields": ", ".join(holes)},
                TextNotTaken.EMPTY,
            )
        text = read.render(recipient.values)
    purpose = Message.Purpose
    return NewText(
        to=asked.to or _mobile(recipient),
        text=text,
        purpose=purpose.MARKETING if asked.campaign_id else purpose.TRANSACTIONAL,
        origin=Message.Origin.API,
        sender_id=_sender_id(asked.sender),
        person=recipient.person if recipient else Person(),
        campaign_record_id=asked.campaign_id,
        template=template,
    )


def _template(asked: SingleText) -> Template | None:
    if asked.template_id is None:
        return None
    template = Template.objects.filter(pk=asked.template_id, is_archived=False).first()
    if template is None:
        raise TextNotTaken(_("There is no such template, or it is archived."), TextNotTaken.EMPTY)
    return template


def _recipient(record_id: str, names: frozenset[str]) -> Recipient | None:
    if not record_id:
        return None
    try:
        return find_recipient(record_id, names)
    except (RecipientNotFound, NeedsAttention) as error:
        raise TextNotTaken(error.message, TextNotTaken.INVALID_NUMBER) from error


def _mobile(recipient: Recipient | None) -> str:
    if recipient is None or recipient.mobile is None:
        name = recipient.person.name if recipient else ""
        raise TextNotTaken(
            _("%(name)s has no mobile number. Say in “to” which number to write to.")
            % {"name": name},
            TextNotTaken.INVALID_NUMBER,
        )
    return recipient.mobile.e164


def _sender_id(written: str) -> int | None:
    """The sender that is shown so; None lets the rules choose."""
    if not written:
        return None
    sender = Sender.objects.filter(value__iexact=written.removeprefix("+")).first()
    if sender is None or sender.is_archived:
        raise TextNotTaken(
            _("%(sender)s is no sender here.") % {"sender": written}, TextNotTaken.NO_SENDER
        )
    return sender.pk
