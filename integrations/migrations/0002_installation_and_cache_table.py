"""The one Installation row, and the table of the database cache."""

import uuid

from django.core.management import call_command
from django.db import migrations


def create_installation(apps, schema_editor):
    installations = apps.get_model("integrations", "Installation").objects.using(
        schema_editor.connection.alias
    )
    installations.get_or_create(singleton=True, defaults={"installation_id": uuid.uuid4()})


def create_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial")]

    operations = [
        migrations.RunPython(create_installation, migrations.RunPython.noop),
        migrations.RunPython(create_cache_table, migrations.RunPython.noop),
    ]
