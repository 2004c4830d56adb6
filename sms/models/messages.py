"""Text messages, their parts, and what gateways report about them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from integrations.models import Connection, InboundEvent, Membership
from integrations.tenancy import WorkspaceOwned
from sms.models.senders import Sender
from sms.models.templates import Template
from sms.statuses import MessageStatus


class Message(WorkspaceOwned):
    """One text, out or in. ``state`` is where it stands (RULES D1, D8).

    The row, with the ``reference`` that gateways report back, exists before anything is sent: a
    report may be faster than the answer to the request.
    """

    class Direction(models.TextChoices):
        OUTBOUND = "outbound", _("Sent")
        INBOUND = "inbound", _("Received")

    class Purpose(models.TextChoices):
        """What it is for: marketing heeds quiet hours, a confirmation alone passes an opt-out."""

        MARKETING = "marketing", _("Marketing")
        CONVERSATION = "conversation", _("Conversation")
        TRANSACTIONAL = "transactional", _("Service message")
        CONFIRMATION = "confirmation", _("Confirmation of an opt-out")
        TEST = "test", _("Test")

    class Origin(models.TextChoices):
        COMPOSE = "compose", _("Compose")
        CAMPAIGN = "campaign", _("Campaign")
        API = "api", _("API")
        REPLY = "reply", _("Automatic reply")
        ELSEWHERE = "elsewhere", _("Sent outside Patchbay")
        HANDSET = "handset", _("Handset")

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="messages")
    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    direction = models.CharField(max_length=10, choices=Direction.choices)
    purpose = models.CharField(max_length=14, choices=Purpose.choices)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    phone_e164 = models.CharField(_("number"), max_length=20, help_text="The other party's.")
    #: As the gateway names it; the sender's row may be archived later.
    our_number = models.CharField(max_length=20, blank=True)
    sender = models.ForeignKey(
        Sender, on_delete=models.SET_NULL, null=True, related_name="messages"
    )
    text = models.TextField(_("text"), blank=True)
    attachment_count = models.PositiveSmallIntegerField(default=0, help_text="Not stored (D7).")
    encoding = models.CharField(max_length=5)
    segments = models.PositiveSmallIntegerField(default=0)
    template = models.ForeignKey(Template, on_delete=models.SET_NULL, null=True, related_name="+")
    template_version = models.PositiveIntegerField(null=True)
    membership = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="messages"
    )
    idempotency_key = models.CharField(max_length=120, null=True, editable=False)

    # Whose it is in Salesforce, as known when it was sent or came (RULES B8, D4).
    person_name = models.CharField(_("person"), max_length=255, blank=True)
    person_sobject = models.CharField(max_length=20, blank=True)
    person_record_id = models.CharField(max_length=18, blank=True)
    campaign_record_id = models.CharField(max_length=18, blank=True)
    campaign_name = models.CharField(max_length=255, blank=True)
    needs_review = models.BooleanField(default=False)
    reviewed_at = models.DateTimeField(
        null=True, help_text="When a person said whom it was with, or that it was with nobody."
    )

    state = models.CharField(_("status"), max_length=12, choices=MessageStatus.choices)
    rank = models.PositiveSmallIntegerField(default=0, help_text="Of the state (D1).")
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was skipped or failed.")
    error_code = models.CharField(max_length=40, blank=True, help_text="The gateway's own.")
    provider_message_id = models.CharField(max_length=80, blank=True)
    part_count = models.PositiveSmallIntegerField(
        default=1, help_text="As many parts as the gateway reports on."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claim_token = models.UUIDField(null=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)

    created_at = models.DateTimeField(_("time"), default=timezone.now)
    submitted_at = models.DateTimeField(null=True, help_text="Committed before the request (D8).")
    accepted_at = models.DateTimeField(null=True)
    final_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(
        null=True, help_text="When the gateway was last asked what became of it."
    )
    read_at = models.DateTimeField(null=True, help_text="When a member saw an inbound message.")

    # What a person decided about it while it was unconfirmed (RULES D8).
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
    )
    replaces = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="replacement",
        help_text="The unconfirmed text that this one was sent instead of, once at most.",
    )

    options_revision = models.PositiveIntegerField(default=0)
    plan_due_at = models.DateTimeField(null=True, help_text="When to plan its record next.")
    erased_at = models.DateTimeField(null=True, help_text="When its person was erased (C8).")

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("message")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "idempotency_key"), name="message_idempotency_unique"
            ),
            models.UniqueConstraint(
                fields=("connection", "provider_message_id"),
                condition=models.Q(direction="inbound") & ~models.Q(provider_message_id=""),
                name="message_inbound_once",
            ),
        ]
        indexes = [
            models.Index(fields=("workspace", "-created_at", "-id"), name="message_newest"),
            models.Index(
                fields=("workspace", "phone_e164", "-created_at", "-id"), name="message_number"
            ),
            models.Index(
                fields=("workspace", "state", "-created_at", "-id"), name="message_by_state"
            ),
            models.Index(
                fields=("workspace", "direction", "-created_at", "-id"), name="message_direction"
            ),
            models.Index(
                fields=("workspace", "purpose", "-created_at", "-id"), name="message_purpose"
            ),
            models.Index(
                fields=("workspace", "person_record_id"),
                opclasses=("int8_ops", "varchar_pattern_ops"),
                name="message_record",
            ),
            models.Index(
                fields=("workspace", "campaign_record_id", "-created_at", "-id"),
                condition=~models.Q(campaign_record_id=""),
                name="message_campaign",
            ),
            models.Index(
                fields=("connection", "provider_message_id"),
                condition=~models.Q(provider_message_id=""),
                name="message_provider_id",
            ),
            models.Index(
                fields=("connection", "next_attempt_at", "id"),
                condition=models.Q(state="queued"),
                name="message_due",
            ),
            models.Index(
                fields=("lease_expires_at",),
                condition=models.Q(state__in=("claimed", "submitting")),
                name="message_leased",
            ),
            models.Index(
                fields=("connection", "submitted_at"),
                condition=models.Q(
                    direction="outbound", state__in=("accepted", "sent", "buffered")
                ),
                name="message_silent",
            ),
            models.Index(
                fields=("plan_due_at",),
                condition=models.Q(plan_due_at__isnull=False),
                name="message_plan_due",
            ),
            models.Index(
                fields=("workspace", "phone_e164"),
                condition=models.Q(direction="inbound", read_at=None),
                name="message_unread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.phone_e164}"

    @property
    def person(self) -> str:
        """Whom it was with, as known at the time."""
        if self.erased_at is not None:
            return _t("Erased person")
        return self.person_name or self.phone_e164


class MessagePart(WorkspaceOwned):
    """One part that the gateway reports on by itself, where a message has several."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="parts")
    provider_part_id = models.CharField(max_length=80)
    state = models.CharField(max_length=12, choices=MessageStatus.choices)
    rank = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("message", "provider_part_id"), name="message_part_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_part_id} {self.state}"


class DeliveryReport(WorkspaceOwned):
    """One thing that a gateway reported, whole. Kept even where the message is not known (yet)."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    inbound_event = models.ForeignKey(
        InboundEvent, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, related_name="reports"
    )
    dedupe_key = models.CharField(max_length=200)
    reference = models.CharField(max_length=80, blank=True)
    provider_message_id = models.CharField(max_length=80, blank=True)
    provider_part_id = models.CharField(max_length=80, blank=True)
    provider_status = models.CharField(max_length=60, help_text="The gateway's own word.")
    state = models.CharField(
        max_length=12, choices=MessageStatus.choices, blank=True, help_text="Empty: unknown word."
    )
    error_code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(
        max_length=300, blank=True, db_default="", help_text="The code in words."
    )
    means = models.CharField(
        max_length=12, blank=True, db_default="", help_text="As in TextRefused."
    )
    occurred_at = models.DateTimeField(null=True, help_text="By the gateway's clock.")
    received_at = models.DateTimeField(default=timezone.now)
    raw = models.JSONField(default=dict, help_text="The fields as they came.")

    class Meta:
        ordering = ("received_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("connection", "dedupe_key"), name="delivery_report_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=("connection", "provider_message_id"),
                condition=models.Q(message=None),
                name="delivery_report_orphan",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_status} {self.provider_message_id}"
