"""What is to be written to Salesforce, what was tried, and the plans that asked for it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.activity_kinds import ActivityKind
from integrations.models.connections import Connection
from integrations.models.workspaces import Membership
from integrations.tenancy import ScopedManager, UnscopedManager, WorkspaceOwned, WorkspaceQuerySet


class PlanRun(WorkspaceOwned):
    """One run of a planner: the facts it read, what it decided, and why (RULES C9)."""

    subject_kind = models.CharField(max_length=20, help_text="What was planned, e.g. call.")
    subject_id = models.BigIntegerField()
    planner_version = models.PositiveSmallIntegerField()
    options_revision = models.PositiveIntegerField()
    facts = models.JSONField()
    plan = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(
                fields=("workspace", "subject_kind", "subject_id", "-id"), name="plan_run_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} at {self.created_at:%Y-%m-%d %H:%M:%S}"


class WriteState(models.TextChoices):
    """Where a write stands. The sets below say what each state allows."""

    PLANNED = "planned", _("Planned")
    HELD = "held", _("Held")
    CLAIMED = "claimed", _("Claimed")
    SENDING = "sending", _("Sending")
    UNKNOWN = "unknown", _("Outcome unknown")
    RETRYING = "retrying", _("Retrying")
    NEEDS_ATTENTION = "needs_attention", _("Needs attention")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


#: Nothing of this generation can be at Salesforce: a new plan may replace it (RULES C4).
WAITING_STATES = (
    WriteState.PLANNED,
    WriteState.HELD,
    WriteState.RETRYING,
    WriteState.NEEDS_ATTENTION,
)
#: Something of this generation may be, or is about to be, at Salesforce.
IN_FLIGHT_STATES = (WriteState.CLAIMED, WriteState.SENDING, WriteState.UNKNOWN)
#: States that a drain takes up once ``next_attempt_at`` has come.
DUE_STATES = (WriteState.PLANNED, WriteState.RETRYING)
#: "Not Synced", "Synced", "Errors" of MIX-21: a total mapping.
ACTIVITY_STATUS = {
    WriteState.PLANNED: "Not Synced",
    WriteState.HELD: "Not Synced",
    WriteState.CLAIMED: "Not Synced",
    WriteState.SENDING: "Not Synced",
    WriteState.UNKNOWN: "Not Synced",
    WriteState.RETRYING: "Not Synced",
    WriteState.NEEDS_ATTENTION: "Errors",
    WriteState.DONE: "Synced",
    WriteState.CANCELLED: "Not Synced",
}


class CrmWriteQuerySet(WorkspaceQuerySet["CrmWrite"]):
    def waiting(self) -> "CrmWriteQuerySet":
        """Writes of which nothing can be at Salesforce yet."""
        return self.filter(state__in=WAITING_STATES)

    def of_subject(self, kind: str, subject_id: int) -> "CrmWriteQuerySet":
        """Every write that was planned for one call or message."""
        return self.filter(subject_kind=kind, subject_id=subject_id)


class CrmWrite(WorkspaceOwned):
    """One planned write, in the transaction of the change that caused it; kept as the ledger."""

    class Operation(models.TextChoices):
        CREATE = "create", _("Create")
        UPDATE = "update", _("Update")

    connection = models.ForeignKey(
        Connection,
        on_delete=models.SET_NULL,
        null=True,
        related_name="crm_writes",
        help_text="Who writes it; none until a Sync User exists.",
    )
    org_id = models.CharField(max_length=18, blank=True)
    plan_run = models.ForeignKey(PlanRun, on_delete=models.SET_NULL, null=True, related_name="+")
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    owner = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="crm_writes"
    )
    label = models.CharField(max_length=255, blank=True, help_text="For the activity log.")
    activity = models.CharField(
        max_length=30, db_default=ActivityKind.CALL.value, help_text="A value of ActivityKind."
    )
    phone_e164 = models.CharField(max_length=20, blank=True)
    feature = models.CharField(max_length=40)

    target_key = models.CharField(max_length=250, help_text="Ours: which record it is about.")
    generation = models.PositiveIntegerField(default=1)
    wire_key = models.CharField(max_length=29, help_text="The key in CallObject (RULES C4).")
    operation = models.CharField(max_length=10, choices=Operation.choices)
    sobject = models.CharField(max_length=60)
    fields = models.JSONField(help_text="The whole record as planned.")
    payload = models.JSONField(help_text="What is sent: all fields, or those that changed.")
    new_lead = models.JSONField(
        null=True, help_text="A Lead that is made along with it, all or none (RULES C3)."
    )
    lead_key = models.CharField(
        max_length=20,
        blank=True,
        db_default="",
        help_text="The number whose Lead it makes: one open at a time in an org.",
    )
    campaign = models.JSONField(
        null=True, help_text="A campaign that its person joins once it stands (RULES C7)."
    )
    person_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The Task whose person it makes a member of a campaign.",
    )
    parent_key = models.CharField(
        max_length=18, blank=True, help_text="Record whose lock it takes; kept in one batch."
    )
    depends_on = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="dependents"
    )

    state = models.CharField(max_length=20, choices=WriteState.choices, default=WriteState.PLANNED)
    held_reason = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    first_sent_at = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    sent_as = models.CharField(
        max_length=18, blank=True, help_text="The Salesforce user who last sent it."
    )
    claim_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    verify_at = models.DateTimeField(
        null=True, help_text="When to look once more for a second record under the same key."
    )
    salesforce_record_id = models.CharField(max_length=18, blank=True)
    is_taken_over = models.BooleanField(
        default=False, help_text="Its record was made into that of another target key."
    )
    error_code = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)
    error_class = models.CharField(
        max_length=200,
        blank=True,
        db_default="",
        help_text="Code and text without what differs between records of one cause.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    objects = ScopedManager.from_queryset(CrmWriteQuerySet)()  # type: ignore[assignment, misc]
    unscoped = UnscopedManager.from_queryset(CrmWriteQuerySet)()  # type: ignore[assignment, misc]

    class Meta:
        verbose_name, verbose_name_plural = _("activity"), _("activities")
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "org_id", "target_key", "generation"),
                name="crm_write_generation_unique",
            ),
            models.UniqueConstraint(
                fields=("workspace", "org_id", "target_key"),
                condition=models.Q(state__in=[str(state) for state in WAITING_STATES]),
                name="crm_write_one_unsent",
            ),
            models.UniqueConstraint(
                fields=("org_id", "lead_key"),
                condition=models.Q(state__in=["sending", "unknown"]) & ~models.Q(lead_key=""),
                name="crm_write_one_open_lead",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="done") | ~models.Q(salesforce_record_id=""),
                name="crm_write_done_has_record_id",
            ),
        ]
        indexes = [
            models.Index(
                fields=("connection", "next_attempt_at", "id"),
                condition=models.Q(state__in=["planned", "retrying", "unknown"]),
                name="crm_write_due",
            ),
            models.Index(
                fields=("lease_expires_at",),
                condition=models.Q(state__in=["claimed", "sending"]),
                name="crm_write_leased",
            ),
            models.Index(
                fields=("verify_at",),
                condition=models.Q(verify_at__isnull=False),
                name="crm_write_verify",
            ),
            models.Index(fields=("workspace", "-created_at", "-id"), name="crm_write_newest"),
            # Home asks for the first two every few seconds while it is open.
            models.Index(
                fields=("workspace", "state", "-created_at", "-id"),
                condition=models.Q(state__in=["held", "needs_attention", "cancelled"]),
                name="crm_write_resting",
            ),
            models.Index(fields=("workspace", "phone_e164"), name="crm_write_number"),
            models.Index(
                fields=("workspace", "salesforce_record_id"),
                opclasses=("int8_ops", "varchar_pattern_ops"),
                name="crm_write_record",
            ),
            models.Index(
                fields=("workspace", "error_code"),
                condition=~models.Q(error_code=""),
                name="crm_write_error",
            ),
            models.Index(
                fields=("workspace", "done_at"),
                condition=models.Q(state="done"),
                name="crm_write_done_at",
            ),
            models.Index(
                fields=("workspace", "subject_kind", "subject_id"), name="crm_write_subject"
            ),
        ]

    def __str__(self) -> str:
        return self.label or f"{self.sobject} {self.target_key}"

    @property
    def takes_over(self) -> bool:
        """Whether it makes the record of another target key into its own."""
        return self.depends_on is not None and self.depends_on.target_key != self.target_key

    @property
    def activity_status(self) -> str:
        """Not Synced, Synced or Errors (MIX-21)."""
        return ACTIVITY_STATUS[WriteState(self.state)]


class CrmWriteAttempt(WorkspaceOwned):
    """One try of one write, stored *before* the first byte leaves (RULES C2)."""

    class Outcome(models.TextChoices):
        SENT = "sent", _("Sent, no answer yet")
        SUCCEEDED = "succeeded", _("Succeeded")
        REFUSED = "refused", _("Refused")
        NOT_SENT = "not_sent", _("Never left")
        UNKNOWN = "unknown", _("Answer lost")

    write = models.ForeignKey(CrmWrite, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    claim_token = models.UUIDField()
    sent_at = models.DateTimeField()
    request = models.JSONField()
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.SENT)
    http_status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    error_code = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)
    salesforce_record_id = models.CharField(max_length=18, blank=True)

    class Meta:
        ordering = ("number", "id")
        constraints = [
            models.UniqueConstraint(fields=("write", "number"), name="crm_attempt_number_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.write_id} #{self.number}: {self.outcome}"
