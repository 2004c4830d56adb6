"""Text messages: senders, templates, sending, delivery reports and consent."""

from django.apps import AppConfig


class SmsConfig(AppConfig):
    """Plugs text messages into the kernel's registry."""

    name = "sms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations.registry import registry
        from sms.jobs import wake_due_messages
        from sms.submitting import take_back_expired

        registry.ticks.append(wake_due_messages)
        registry.repairs.append(take_back_expired)
