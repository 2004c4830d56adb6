"""The console's pages about text messages. ``SmsConfig.ready`` registers them by importing this."""

from sms.admin import (
    compose,
    conversation,
    gateway,
    gateway_acts,
    gateway_signatures,
    keywords,
    message_views,
    messages,
    opt_outs,
    people,
    record_messages,
    sender_test,
    senders,
    suggestions,
    templates,
)

__all__ = [
    "compose",
    "conversation",
    "gateway",
    "gateway_acts",
    "gateway_signatures",
    "keywords",
    "message_views",
    "messages",
    "opt_outs",
    "people",
    "record_messages",
    "sender_test",
    "senders",
    "suggestions",
    "templates",
]
