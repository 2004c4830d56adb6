"""The one row that the baseline inserts."""

from django.db import models
from django.utils import timezone


class PlainDelivery(models.Model):
    """A body and when it came: no other index than the primary key."""

    body = models.TextField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "plain"

    def __str__(self) -> str:
        return f"{self.received_at}"
