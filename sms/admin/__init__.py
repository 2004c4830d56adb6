"""The console's pages about text messages. ``SmsConfig.ready`` registers them by importing this."""

from sms.admin import (
    compose,
    conversation,
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
    "compose",
    "conversation",
    "gateway",
    "gateway_acts",
    "keywords",
    "messages",
    "people",
    "sender_test",
    "senders",
    "templates",
]
