"""The console's pages about text messages. ``SmsConfig.ready`` registers them by importing this."""

from sms.admin import (
    gateway,
    gateway_acts,
    messages,
    people,
    templates,
)

__all__ = [
    "gateway",
    "gateway_acts",
    "messages",
    "people",
    "templates",
]
