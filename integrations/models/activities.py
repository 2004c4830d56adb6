"""Activities that other programs report: messages, meetings, and what became of them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.api import ApiKey
from integrations.models.workspaces import Membership
from integrations.tenancy import WorkspaceOwned


class ReportedActivity(WorkspaceOwned):
    """One thing that happened elsewhere, as it was reported; stored before the report is answered.

    It says whom it was with as far as the reporter knows: a record, an address, a number.
    """

    kind = models.CharField(max_length=30, help_text="A value of ActivityKind.")
    subject = models.CharField(max_length=255, blank=True)
    text = models.TextField(blank=True)
    link = models.CharField(max_length=1000, blank=True, help_text="What was clicked or loaded.")
    location = models.CharField(max_length=255, blank=True)
    occurred_at = models.DateTimeField(default=timezone.now)
    starts_at = models.DateTimeField(null=True, help_text="Of a meeting.")
    ends_at = models.DateTimeField(null=True)

    person_name = models.CharField(max_length=121, blank=True)
    person_email = models.CharField(max_length=254, blank=True, help_text="In lower case.")
    phone_e164 = models.CharField(max_length=20, blank=True)
    record_id = models.CharField(max_length=18, blank=True, help_text="Its record in Salesforce.")
    related_to_id = models.CharField(max_length=18, blank=True, help_text="An opportunity, say.")

    membership = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("member")
    )
    reported_by = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, related_name="+")
    options_revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True, editable=False)

    plan_due_at = models.DateTimeField(
        null=True, help_text="When it is planned; also the lease of whoever is at it."
    )
    waits_for = models.CharField(max_length=300, blank=True, help_text="Why it is not planned yet.")
    matched_org_id = models.CharField(max_length=18, blank=True)
    matched_at = models.DateTimeField(null=True, help_text="When Salesforce said whose address.")
    candidates = models.JSONField(default=list, help_text="The records with the address.")

    class Meta:
        verbose_name, verbose_name_plural = _("reported activity"), _("reported activities")
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_at=None, ends_at=None)
                | models.Q(starts_at__isnull=False, ends_at__gte=models.F("starts_at")),
                name="reported_activity_times",
            ),
        ]
        indexes = [
            models.Index(
                fields=("plan_due_at",),
                condition=models.Q(plan_due_at__isnull=False),
                name="reported_activity_due",
            ),
            models.Index(
                fields=("workspace", "phone_e164"),
                condition=models.Q(plan_due_at__isnull=False),
                name="reported_activity_waiting",
            ),
            models.Index(
                fields=("workspace", "person_email", "-matched_at"),
                condition=models.Q(matched_at__isnull=False),
                name="reported_activity_matched",
            ),
            models.Index(fields=("created_at",), name="reported_activity_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person}".strip()

    @property
    def person(self) -> str:
        """Whom it was with: a name, else an address or number; empty where only a record is."""
        return self.person_name or self.person_email or self.phone_e164
