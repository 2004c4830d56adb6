from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sms', '0008_list_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='asked_at',
            field=models.DateTimeField(help_text='When the gateway was last asked what became of it.', null=True),
        ),
    ]
