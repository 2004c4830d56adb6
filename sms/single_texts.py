"""One text to one person: what composing, replying and the API ask for (MIT-37, MIT-41, RULES D6).

The one door for single texts: it reads the person, fills the fields in, and hands the text on to
``queue_message``, which knows opt-outs, senders and repeated keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from integrations.models import Membership
from sms.merge import read_template
from sms.messaging import NewText, Person, TextNotTaken, queue_message
from sms.models import Message, Template
from sms.recipients import Recipient, find_recipient


@dataclass(frozen=True, kw_only=True)
class SingleText:
    """What somebody wants sent. ``text`` may hold fields of the record ``record_id``.

    ``to`` is a number as somebody wrote it; empty means the record's mobile number. ``person`` is
    whom a number without a record is known to belong to. ``template`` is the one whose words
    ``text`` are, unchanged.
    """

    text: str
    origin: Message.Origin
    purpose: Message.Purpose = Message.Purpose.CONVERSATION
    to: str = ""
    record_id: str = ""
    person: Person = field(default_factory=Person)
    template: Template | None = None
    sender_id: int | None = None
    membership: Membership | None = None
    idempotency_key: str | None = None


def send_single(wanted: SingleText) -> Message:
    """Take the text on, or raise TextNotTaken with the reason; what Salesforce raises, too.

    The text is on its way once the transaction commits; ``Message.segments`` is what it costs.
    """
    template = read_template(wanted.text)
    recipient = None
    if wanted.record_id:
        recipient = find_recipient(wanted.record_id, template.names)
    return queue_message(
        NewText(
            to=wanted.to or _mobile_of(recipient),
            text=fill_in(wanted.text, recipient.values if recipient else {}),
            purpose=wanted.purpose,
            origin=wanted.origin,
            sender_id=wanted.sender_id,
            person=recipient.person if recipient else wanted.person,
            template=wanted.template,
            membership=wanted.membership,
            idempotency_key=wanted.idempotency_key,
        )
    )


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """The words for one person. A text with a hole in it is not sent: raises TextNotTaken."""
    template = read_template(text)
    if template.faults:
        fault = template.faults[0]
        raise TextNotTaken(f"“{fault.text}”: {fault.reason}.", TextNotTaken.FIELDS)
    if empty := template.empty_fields(values):
        raise TextNotTaken(
            _(
                "Nothing stands in %(fields)s for this person. Add what to say instead, as in "
                "{{FirstName|there}}, or take it out."
            )
            % {"fields": ", ".join(empty)},
            TextNotTaken.FIELDS,
        )
    return template.render(values)


def _mobile_of(recipient: Recipient | None) -> str:
    if recipient is None or recipient.mobile is None:
        raise TextNotTaken(
            _("The record has no mobile number that can be written to."), TextNotTaken.NO_MOBILE
        )
    return recipient.mobile.e164
