"""Workspaces that exist begin like new ones: with Salesforce's defaults as their default layout."""

from django.db import migrations


def add_default_layouts(apps, schema_editor):
    Workspace = apps.get_model("integrations", "Workspace")
    SoftphoneLayout = apps.get_model("calls", "SoftphoneLayout")
    SoftphoneLayout.objects.bulk_create(
        [
            SoftphoneLayout(workspace_id=pk, name="Default", is_default=True)
            for pk in Workspace.objects.values_list("pk", flat=True)
        ],
        batch_size=1_000,
    )


class Migration(migrations.Migration):
    dependencies = [("calls", "0009_softphone_layouts")]

    operations = [migrations.RunPython(add_default_layouts, migrations.RunPython.noop)]
