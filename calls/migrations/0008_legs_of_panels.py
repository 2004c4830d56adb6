from django.db import migrations, models

from integrations.online_indexes import AddIndexOnline


class Migration(migrations.Migration):
    # Indexes of large tables are built without locking them, which needs no transaction around.
    atomic = False

    dependencies = [
        ('calls', '0007_softphone_panel'),
    ]

    operations = [
        AddIndexOnline(
            model_name='callleg',
            index=models.Index(fields=['membership', 'ended_at'], name='call_leg_of_panel'),
        ),
    ]
