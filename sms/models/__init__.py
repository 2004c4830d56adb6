"""What text messages are made of: senders, templates, consent, messages and their reports."""

from sms.models.campaigns import CampaignRecipient, SmsCampaign, SmsPrice
from sms.models.consent import (
    OptOut,
    OptOutEvent,
    OptOutKeyword,
    OptOutSuggestion,
    SuppressedNumber,
)
from sms.models.messages import DeliveryReport, Message, MessagePart
from sms.models.mirror import OptOutMirror, RecordFlag
from sms.models.senders import Sender, SenderCountry
from sms.models.templates import RecordFields, Template, TemplateVersion
from sms.models.views import MessageView

__all__ = [
    "CampaignRecipient",
    "DeliveryReport",
    "Message",
    "MessagePart",
    "MessageView",
    "OptOut",
    "OptOutEvent",
    "OptOutKeyword",
    "OptOutMirror",
    "OptOutSuggestion",
    "RecordFields",
    "RecordFlag",
    "Sender",
    "SenderCountry",
    "SmsCampaign",
    "SmsPrice",
    "SuppressedNumber",
    "Template",
    "TemplateVersion",
]
