"""The kernel app, and the admin app with our sites."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig


class IntegrationsConfig(AppConfig):
    """Tenants, connections, inbox, outbox, Salesforce."""

    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("integrations.logs").configure()
        import_module("integrations.admin")
        import_module("integrations.checks")
        import_module("integrations.boot_checks")
        import_module("integrations.salesforce.checks")
        from integrations.activities import filing
        from integrations.demo.environment import is_demo_process
        from integrations.home import register_home_section
        from integrations.own_erasers import ERASERS
        from integrations.personal_data import TABLES
        from integrations.registry import registry
        from integrations.selectors import describe_kernel

        registry.add_personal_data(TABLES)
        registry.erasers.extend(ERASERS)
        registry.lookup_listeners.append(filing.on_lookup_answered)
        registry.subject_describers[filing.SUBJECT_KIND] = filing.describe_activities_of_log
        register_home_section(describe_kernel)
        if is_demo_process():
            from integrations.demo.try_this import describe_try_this

            register_home_section(describe_try_this)


class PatchbayAdminConfig(SimpleAdminConfig):
    """Django's admin without its autodiscovery: each of our apps registers its own pages.

    The default site is the operators' (``/ops/``); the console is ``integrations.admin.site``.
    """

    default_site = "integrations.admin.operations.OperationsSite"
