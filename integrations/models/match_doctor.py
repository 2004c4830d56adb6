"""What the match doctor looks at: a run through the org's phone fields, and what it found."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import Connection
from integrations.tenancy import WorkspaceOwned


class PhoneCheckup(WorkspaceOwned):
    """The last run through one org, and how far it has come; one row a workspace."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Under way")
        CLAIMED = "claimed", _("Reading")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    run = models.PositiveIntegerField(default=1)
    done_run = models.PositiveIntegerField(default=0, help_text="The last one that came to an end.")
    sobject = models.CharField(max_length=20, blank=True, help_text="What is read now.")
    last_id = models.CharField(max_length=18, blank=True, help_text="Up to where it was read.")
    records_read = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)
    budget_day = models.DateField(null=True)
    requests_of_day = models.PositiveIntegerField(default=0)
    waits_for = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=300, blank=True)
    requested_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    claim_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("workspace",), name="phone_checkup_one"),
        ]
        indexes = [
            models.Index(
                fields=("next_attempt_at",),
                condition=models.Q(state="waiting"),
                name="phone_checkup_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id} #{self.run}: {self.state}"


class CheckedPhone(WorkspaceOwned):
    """A phone field of a record. Those without a problem go when their run ends."""

    class Problem(models.TextChoices):
        NONE = "", _("None")
        NO_COUNTRY = "no_country", _("Country missing")
        LETTERS = "letters", _("Letters in the number")
        GARBAGE = "garbage", _("No number")
        DUPLICATE = "duplicate", _("On several records")

    run = models.PositiveIntegerField()
    problem = models.CharField(max_length=12, choices=Problem.choices, blank=True)
    sobject = models.CharField(max_length=20)
    record_id = models.CharField(max_length=18)
    record_name = models.CharField(max_length=121, blank=True)
    field = models.CharField(max_length=40)
    raw = models.CharField(max_length=120)
    phone_e164 = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "run", "record_id", "field"), name="checked_phone_unique"
            ),
        ]
        indexes = [
            models.Index(fields=("workspace", "run", "phone_e164"), name="checked_phone_number"),
            models.Index(
                fields=("workspace", "run", "problem", "id"), name="checked_phone_problem"
            ),
            models.Index(fields=("created_at",), name="checked_phone_age"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}.{self.field}: {self.problem}"
