"""What arrived from outside: stored before it was acknowledged."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import Connection
from integrations.tenancy import WorkspaceOwned


class InboundEvent(WorkspaceOwned):
    """One thing received, raw. Kept whole whatever becomes of it, and can be replayed."""

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        CLAIMED = "claimed", _("Being understood")
        PROCESSED = "processed", _("Understood")
        FAILED = "failed", _("Not understood")

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="inbound_events"
    )
    handler = models.CharField(max_length=20, help_text="Who understands it, e.g. calls.")
    dedupe_key = models.CharField(max_length=200, help_text="The sender's own id of the event.")
    body = models.TextField(blank=True)
    body_digest = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(
        max_length=10,
        choices=State.choices,
        default=State.RECEIVED,
        db_default=State.RECEIVED,
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claim_token = models.UUIDField(null=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    error = models.TextField(blank=True, default="", db_default="")
    traceback = models.TextField(blank=True, default="", db_default="")
    processed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-received_at", "-id")
        verbose_name = _("event")
        constraints = [
            models.UniqueConstraint(
                fields=("connection", "dedupe_key"), name="inbound_event_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=("connection", "handler", "id"),
                condition=models.Q(state="received"),
                name="inbound_event_waiting",
            ),
            models.Index(
                fields=("lease_expires_at",),
                condition=models.Q(state="claimed"),
                name="inbound_event_leased",
            ),
            models.Index(fields=("workspace", "-received_at", "-id"), name="inbound_event_newest"),
            models.Index(
                fields=("received_at",),
                condition=~models.Q(body=""),
                name="inbound_event_body",
            ),
            models.Index(
                fields=("workspace",),
                condition=models.Q(state="failed"),
                name="inbound_event_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handler} {self.dedupe_key}"


class IntakeCount(WorkspaceOwned):
    """How often a sender was answered how, by hour: refusals are counted, not stored one by one."""

    class Result(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        REPEATED = "repeated", _("Repeated")
        CONFLICT = "conflict", _("Same id, another body")
        BAD_SIGNATURE = "bad_signature", _("Wrong or missing signature")
        STALE = "stale", _("Too old or in the future")
        TOO_LARGE = "too_large", _("Too large")
        NOT_JSON = "not_json", _("Not a JSON object")
        INCOMPLETE = "incomplete", _("A required key is missing")
        RATE_LIMITED = "rate_limited", _("Too many at once")
        DISABLED = "disabled", _("The connection is disabled")

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="intake_counts"
    )
    hour = models.DateTimeField()
    result = models.CharField(max_length=20, choices=Result.choices)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-hour", "result")
        constraints = [
            models.UniqueConstraint(
                fields=("connection", "hour", "result"), name="intake_count_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.result} {self.hour:%Y-%m-%d %H}: {self.count}"
