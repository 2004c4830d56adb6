"""SMS: its models, pages and jobs arrive with the SMS issues."""

from django.apps import AppConfig


class SmsConfig(AppConfig):
    name = "sms"
    default_auto_field = "django.db.models.BigAutoField"
