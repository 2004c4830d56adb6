"""What people did about a call that says whom it was with (RULES B3)."""

from django.db import models
from django.utils import timezone

from calls.models.calls import Call
from integrations.models import Membership
from integrations.tenancy import WorkspaceOwned


class Interaction(WorkspaceOwned):
    """Somebody chose the record that a call is filed under; the latest choice counts (B3.2)."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="interactions")
    leg_key = models.CharField(
        max_length=200, blank=True, help_text="The leg it is about; empty: the whole call."
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    record = models.JSONField(
        null=True, help_text="The record as it was known then; none: no record is right."
    )
    happened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("happened_at", "id")

    def __str__(self) -> str:
        return f"{self.membership}: {(self.record or {}).get('record_id', 'none')}"
