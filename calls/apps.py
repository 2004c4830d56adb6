"""Call events, call records, and the pages about them."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    """Plugs calls into the kernel's registry."""

    name = "calls"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from calls.handlers import process_call_events
        from calls.jobs import wake_due_calls
        from calls.matching import on_lookup_answered
        from integrations.registry import InboundHandler, registry

        registry.add_inbound_handler(InboundHandler("calls", "calls", process_call_events))
        registry.ticks.append(wake_due_calls)
        registry.lookup_listeners.append(on_lookup_answered)
