"""What a key of the public API may do. Pure words; each endpoint asks for one of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiScope(models.TextChoices):
    """One permission of a key; the values are stored for ever."""

    READ_CALLS = "calls:read", _("Read calls")
    REPORT_DIALS = "dials:report", _("Report dials")
    READ_ACTIVITIES = "activities:read", _("Read activities")
    REPORT_ACTIVITIES = "activities:report", _("Report activities")
    SEND_MESSAGES = "messages:send", _("Send messages")
    READ_MESSAGES = "messages:read", _("Read messages")
