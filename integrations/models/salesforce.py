"""What a workspace keeps of Salesforce beside its connections: app, proof of rights, old links."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.encryption import unseal
from integrations.tenancy import WorkspaceOwned


class SalesforceApp(WorkspaceOwned):
    """An External Client App that people of this workspace approve (RULES E4).

    A grant belongs to the app that it was given to. So an app that was replaced keeps its row for
    as long as a connection may renew its session through it; one is current.
    """

    consumer_key = models.CharField(_("consumer key"), max_length=255)
    sealed_secret = models.TextField(blank=True, editable=False)
    login_url = models.URLField(_("host"))
    is_current = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "consumer_key"), name="salesforce_app_key_unique"
            ),
            models.UniqueConstraint(
                fields=("workspace",),
                condition=models.Q(is_current=True),
                name="salesforce_app_one_current",
            ),
        ]

    def __str__(self) -> str:
        return self.consumer_key

    @property
    def secret(self) -> Mapping[str, Any]:
        """The opened secret, under ``consumer_secret``. Read it when it is used, never keep it."""
        return unseal(self.sealed_secret)


class Preflight(WorkspaceOwned):
    """The last proof of what a connection's Salesforce user may do, and the next one under way."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CLAIMED = "claimed", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    connection = models.OneToOneField(
        "integrations.Connection", on_delete=models.CASCADE, related_name="preflight"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    rehearses = models.BooleanField(
        default=False, help_text="Create a Task and undo it in one request, as a person asked for."
    )
    requested_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claim_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict, help_text="Of the last run that came to an end.")
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=("next_attempt_at",),
                condition=models.Q(state="waiting"),
                name="preflight_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.state}"


class ArchivedUserLink(WorkspaceOwned):
    """Who a member was in an org that is not connected any more; restored with that org (E3)."""

    org_id = models.CharField(max_length=18)
    membership = models.ForeignKey(
        "integrations.Membership", on_delete=models.CASCADE, related_name="+"
    )
    salesforce_user_id = models.CharField(max_length=18)
    salesforce_username = models.CharField(max_length=120, blank=True)
    salesforce_time_zone = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "org_id", "membership"), name="archived_user_link_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.org_id}: {self.salesforce_user_id}"
