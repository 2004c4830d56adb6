"""The console's pages about text messages. ``SmsConfig.ready`` registers them by importing this."""

from sms.admin import (
    gateway,
    gateway_acts,
    keywords,
    messages,
    people,
    sender_test,
    senders,
    templates,
)

__all__ = [
    "gateway",
    "gateway_acts",
    "keywords",
    "messages",
    "people",
    "sender_test",
    "senders",
    "templates",
]
