from django.db import migrations, models

from integrations.online_indexes import AddIndexOnline


class Migration(migrations.Migration):
    # Indexes of large tables are built without locking them, which needs no transaction around.
    atomic = False

    dependencies = [
        ('sms', '0009_asked_at'),
    ]

    operations = [
        AddIndexOnline(
            model_name='message',
            index=models.Index(condition=models.Q(('direction', 'outbound'), ('state__in', ('accepted', 'sent', 'buffered'))), fields=['connection', 'submitted_at'], name='message_silent'),
        ),
        AddIndexOnline(
            model_name='message',
            index=models.Index(condition=models.Q(('campaign_record_id', ''), _negated=True), fields=['workspace', 'campaign_record_id', '-created_at', '-id'], name='message_campaign'),
        ),
    ]
