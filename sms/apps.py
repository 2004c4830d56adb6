"""Text messages: senders, templates, sending, delivery reports and consent."""

from django.apps import AppConfig


class SmsConfig(AppConfig):
    """Plugs text messages into the kernel's registry."""

    name = "sms"
    default_auto_field = "django.db.models.BigAutoField"
