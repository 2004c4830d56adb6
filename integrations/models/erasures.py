"""People who are to be erased from a workspace, and how far that has come (RULES C8)."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.tenancy import WorkspaceOwned


class Erasure(WorkspaceOwned):
    """One person's erasure, named by a pseudonym. What it looks for goes once it is done."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Under way")
        CLAIMED = "claimed", _("Erasing")
        DONE = "done", _("Erased")

    pseudonym = models.CharField(max_length=64, help_text="See integrations.pseudonyms.")
    sealed_identity = models.TextField(
        blank=True, help_text="The number or record id; empty once all is erased."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    erased = models.JSONField(default=dict, help_text="By table: rows that were erased.")
    swept_table = models.CharField(max_length=80, blank=True, help_text="Searched for mentions.")
    swept_up_to = models.BigIntegerField(default=0, help_text="The primary key reached there.")
    waits_for = models.CharField(max_length=200, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claim_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-requested_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "pseudonym"),
                condition=~models.Q(state="done"),
                name="erasure_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=("next_attempt_at",),
                condition=models.Q(state="waiting"),
                name="erasure_due",
            ),
        ]

    @property
    def row_count(self) -> int:
        """Rows that were emptied so far, in all tables."""
        return sum(self.erased.values())

    def __str__(self) -> str:
        return f"{self.pseudonym[:12]}: {self.state}"
