"""Making the demo's database quickly, and bringing an older one up to date properly."""

from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings


def prepare_database() -> None:
    """Every table as this release wants it.

    A new database is made from the models at once: carrying out all migrations one after the other
    takes many times as long, and longer with each. A test holds that both ways lead to the same.
    """
    is_new = not MigrationRecorder(connections["default"]).has_table()
    if is_new:
        without_migrations = {app.label: None for app in apps.get_app_configs()}
        with override_settings(MIGRATION_MODULES=without_migrations):
            call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    call_command("migrate", fake=is_new, interactive=False, verbosity=0)
    connections.close_all()
