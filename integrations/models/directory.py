"""Whose number is it: the answers of Salesforce, and our own copies of the people found."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import Connection
from integrations.tenancy import WorkspaceOwned


class PhoneLookup(WorkspaceOwned):
    """One number asked of one org: both the work to be done and the cache (RULES B1, B2)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CLAIMED = "claimed", _("Searching")
        ANSWERED = "answered", _("Answered")
        FAILED = "failed", _("Failed")

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="phone_lookups"
    )
    org_id = models.CharField(max_length=18)
    phone_e164 = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    candidates = models.JSONField(default=list, help_text="Verified matches, newest answer.")
    preferred_record_id = models.CharField(
        max_length=18,
        blank=True,
        default="",
        db_default="",
        help_text="The record whose number was clicked last: it is kept, whatever else matches.",
    )
    answered_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claim_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "org_id", "phone_e164"), name="phone_lookup_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=("next_attempt_at",),
                condition=models.Q(state="waiting"),
                name="phone_lookup_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phone_e164} ({self.state})"


class DirectoryContact(WorkspaceOwned):
    """Our copy of a Salesforce person or account that matched a call (MII-04, MII-09)."""

    org_id = models.CharField(max_length=18)
    sobject = models.CharField(max_length=20)
    record_id = models.CharField(max_length=18)
    name = models.CharField(max_length=255)
    account_name = models.CharField(max_length=255, blank=True)
    account_id = models.CharField(max_length=18, blank=True)
    record_url = models.URLField(blank=True)
    first_matched_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "org_id", "record_id"), name="directory_contact_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DirectoryPhone(WorkspaceOwned):
    """A number of a directory contact."""

    contact = models.ForeignKey(DirectoryContact, on_delete=models.CASCADE, related_name="phones")
    field = models.CharField(max_length=40, help_text="The Salesforce field it came from.")
    phone_e164 = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("contact", "field"), name="directory_phone_unique"),
        ]
        indexes = [models.Index(fields=("workspace", "phone_e164"), name="directory_phone_number")]

    def __str__(self) -> str:
        return self.phone_e164
