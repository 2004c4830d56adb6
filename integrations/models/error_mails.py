"""Who gets mails about errors, how often, and when the last one left."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import Connection
from integrations.models.workspaces import Membership
from integrations.tenancy import WorkspaceOwned


def all_services() -> list[str]:
    """Every outside service that mails can be about."""
    return list(Connection.Kind.values)


class ErrorMailing(WorkspaceOwned):
    """One row a workspace. Whether mails are sent at all is the option ``error_mail``."""

    class Rhythm(models.TextChoices):
        EACH = "each", _("A mail for each error")
        HOURLY = "hourly", _("At most one mail an hour")
        DAILY = "daily", _("At most one mail a day")

    members = models.ManyToManyField(Membership, related_name="+", blank=True)
    addresses = models.JSONField(default=list, help_text="Mail addresses of people outside.")
    services = models.JSONField(default=all_services, help_text="Values of Connection.Kind.")
    rhythm = models.CharField(max_length=10, choices=Rhythm.choices, default=Rhythm.EACH)

    # Sending: one worker at a time, by the database's clock.
    next_mail_at = models.DateTimeField(null=True, help_text="No mail leaves before this.")
    claim_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True, help_text="Why the last mail failed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("workspace",), name="error_mailing_one"),
        ]

    def __str__(self) -> str:
        return self.get_rhythm_display()
