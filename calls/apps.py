"""Call events, call records, and the pages about them."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class CallsConfig(AppConfig):
    """Plugs calls into the kernel's registry."""

    name = "calls"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from calls.activity import describe_calls_of_log
        from calls.api import routes
        from calls.dial_api import routes as dial_routes
        from calls.dialling import prune_dials
        from calls.erasing import ERASERS
        from calls.filing import SUBJECT_KIND, ask_for_review
        from calls.handlers import check_call_event, process_call_events
        from calls.home import describe_calls
        from calls.jobs import wake_due_calls
        from calls.matching import on_lookup_answered
        from calls.option_review import rehearse_calls, warn_of_foreign_numbers
        from calls.panel_sessions import end_sessions_of, prune_panels
        from calls.personal_data import TABLES
        from calls.reaper import close_unended
        from calls.softphone_layouts import begin_with_usual_layout
        from calls.softphone_users import end_softphone_of
        from integrations.demo.environment import is_demo_process
        from integrations.home import register_home_section
        from integrations.registry import InboundHandler, registry

        registry.add_inbound_handler(
            InboundHandler("calls", "calls", process_call_events, check_call_event)
        )
        registry.api_routes += [*routes, *dial_routes]
        registry.add_personal_data(TABLES)
        registry.foundings.append(begin_with_usual_layout)
        registry.erasers.extend(ERASERS)
        registry.ticks.append(wake_due_calls)
        registry.repairs.append(close_unended)
        registry.prunings += [prune_panels, prune_dials]
        registry.membership_endings += [end_sessions_of, end_softphone_of]
        registry.lookup_listeners.append(on_lookup_answered)
        registry.subject_describers[SUBJECT_KIND] = describe_calls_of_log
        registry.review_requests[SUBJECT_KIND] = ask_for_review
        registry.option_warnings.append(warn_of_foreign_numbers)
        registry.option_rehearsals.append(rehearse_calls)
        if settings.DEMO:
            from calls.demo.part import register_calls_part

            register_calls_part()
        if is_demo_process():
            from calls.demo.try_this import describe_try_calls

            register_home_section(describe_try_calls)
        register_home_section(describe_calls)
        import_module("calls.admin")
