"""The integration options of a workspace, as numbered revisions."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from integrations.tenancy import WorkspaceOwned


class OptionsRevision(WorkspaceOwned):
    """A whole snapshot of the options; never changed once stored, one active (RULES E7)."""

    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    comment = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    is_active = models.BooleanField(default=False)

    class Meta:
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=("workspace", "number"), name="options_number_unique"),
            models.UniqueConstraint(
                fields=("workspace",),
                condition=models.Q(is_active=True),
                name="options_one_active",
            ),
        ]

    def __str__(self) -> str:
        return f"Options {self.number}"
