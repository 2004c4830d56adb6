"""What people did about a call that says whom it was with (RULES B3)."""

from django.db import models
from django.utils import timezone

from calls.interaction_kinds import INTERACTION_KINDS
from calls.models.calls import Call
from integrations.models import Membership
from integrations.tenancy import WorkspaceOwned


class Interaction(WorkspaceOwned):
    """Somebody dealt with a record during a call; `calls.interaction_rules` says what follows."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="interactions")
    leg_key = models.CharField(
        max_length=200, blank=True, help_text="The leg it is about; empty: the whole call."
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    kind = models.CharField(
        max_length=10,
        choices=[(kind, kind) for kind in INTERACTION_KINDS],
        default="chosen",
        db_default="chosen",
    )
    record = models.JSONField(
        null=True, help_text="The record as it was known then; none: no record is right, or erased."
    )
    happened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("happened_at", "id")

    def __str__(self) -> str:
        return f"{self.membership}: {(self.record or {}).get('record_id', 'none')}"
