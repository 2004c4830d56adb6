"""Text messages: senders, templates, sending, delivery reports and consent."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class SmsConfig(AppConfig):
    """Plugs text messages into the kernel's registry."""

    name = "sms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations.demo.environment import is_demo_process
        from integrations.home import register_home_section
        from integrations.models import DrainLease
        from integrations.registry import InboundHandler, registry
        from sms import mirror
        from sms.activity import describe_messages_of_log, describe_opt_outs_of_log
        from sms.api import routes
        from sms.asking import wake_questions
        from sms.campaigns.results import count_recent_results
        from sms.campaigns.work import wake_campaigns
        from sms.erasing import ERASERS
        from sms.filing import SUBJECT_KIND
        from sms.flag_scan import look_after_mirrors, wake_scans
        from sms.handlers import (
            REPORTS,
            TEXTS,
            check_callback,
            process_inbound,
            process_reports,
        )
        from sms.jobs import wake_due_messages, wake_due_opt_outs
        from sms.personal_data import TABLES
        from sms.reports import adopt_waiting_reports
        from sms.stop_words import begin_with_usual_words
        from sms.submitting import take_back_expired

        registry.add_inbound_handler(
            InboundHandler(REPORTS, "sms-reports", process_reports, check_callback)
        )
        # A lane of its own: a STOP waits behind no delivery report (RULES D8).
        lane = DrainLease.Lane.TEXTS
        registry.add_inbound_handler(
            InboundHandler(TEXTS, "sms-inbound", process_inbound, check_callback, lane)
        )
        registry.subject_describers[SUBJECT_KIND] = describe_messages_of_log
        registry.foundings.append(begin_with_usual_words)
        registry.subject_describers[mirror.SUBJECT_KIND] = describe_opt_outs_of_log
        registry.api_routes += routes
        registry.add_personal_data(TABLES)
        registry.erasers.extend(ERASERS)
        registry.ticks.extend((wake_due_messages, wake_due_opt_outs, wake_scans, wake_campaigns))
        registry.repairs.extend(
            (
                take_back_expired,
                adopt_waiting_reports,
                look_after_mirrors,
                wake_questions,
                count_recent_results,
            )
        )
        if settings.DEMO:
            from sms.demo.part import register_sms_part

            register_sms_part()
        if is_demo_process():
            from sms.demo.try_this import describe_try_texts

            register_home_section(describe_try_texts)
        import_module("sms.admin")
        from sms.home import describe_messages

        register_home_section(describe_messages)
