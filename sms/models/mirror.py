"""The opt-out checkbox of people in Salesforce: where it is, and what was seen of it (RULES D2)."""

from django.db import models
from django.utils import timezone

from integrations.models import Connection
from integrations.tenancy import WorkspaceOwned


class OptOutMirror(WorkspaceOwned):
    """How one org marks who wants no texts, and up to where its records were read (RULES E3)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        CLAIMED = "claimed"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    org_id = models.CharField(max_length=18)
    fields = models.JSONField(
        default=dict, help_text="By object: the checkbox and what else is read (FlagField)."
    )
    wanted = models.CharField(max_length=80, blank=True, help_text="The option as it was then.")
    found_at = models.DateTimeField(null=True, help_text="When the fields were looked for.")
    read_up_to = models.JSONField(default=dict, help_text="By object: where the next page begins.")
    scanned_at = models.DateTimeField(null=True, help_text="When all objects had been read.")
    waits_for = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claim_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("workspace", "org_id"), name="opt_out_mirror_unique"),
        ]
        indexes = [
            models.Index(
                fields=("next_attempt_at",),
                condition=models.Q(state="waiting"),
                name="opt_out_mirror_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.org_id}: {self.state}"


class RecordFlag(WorkspaceOwned):
    """What was last seen of the checkbox of one record, for one of its numbers.

    A row exists once the checkbox was seen set. It is what a later change is judged by: only who
    was seen to be opted out on this record can be opted in by it.
    """

    org_id = models.CharField(max_length=18)
    sobject = models.CharField(max_length=20)
    record_id = models.CharField(max_length=18)
    phone_e164 = models.CharField(max_length=20)
    is_flagged = models.BooleanField()
    stamp = models.DateTimeField(help_text="SystemModstamp of the record as it was seen.")
    seen_at = models.DateTimeField()
    left_at = models.DateTimeField(
        null=True, help_text="When somebody took it off and others with the number kept theirs."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "org_id", "record_id", "phone_e164"),
                name="record_flag_unique",
            ),
        ]
        indexes = [models.Index(fields=("workspace", "phone_e164"), name="record_flag_number")]

    def __str__(self) -> str:
        return f"{self.record_id} {self.phone_e164}: {self.is_flagged}"
