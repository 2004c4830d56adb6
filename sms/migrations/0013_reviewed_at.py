from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sms', '0012_suppressed_numbers'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='reviewed_at',
            field=models.DateTimeField(help_text='When a person said whom it was with, or that it was with nobody.', null=True),
        ),
    ]
