"""Calls, their legs, and the events that they are folded from."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from integrations.models import Connection, InboundEvent, Membership
from integrations.tenancy import ScopedManager, UnscopedManager, WorkspaceOwned, WorkspaceQuerySet


class CallState(models.TextChoices):
    RINGING = "ringing", _("Ringing")
    ANSWERED = "answered", _("Talking")
    HELD = "held", _("On hold")
    ENDED = "ended", _("Ended")


class Direction(models.TextChoices):
    INBOUND = "inbound", _("Inbound")
    OUTBOUND = "outbound", _("Outbound")
    INTERNAL = "internal", _("Internal")


#: Each of them may be rare, so that the newest ones cannot be found by reading the newest calls.
UNCOMMON_OUTCOMES = (
    "transferred", "voicemail", "missed", "busy", "rejected", "abandoned", "failed",
)  # fmt: skip


class MatchState(models.TextChoices):
    NOT_NEEDED = "not_needed", _("Not needed")
    PENDING = "pending", _("Being searched")
    FOUND = "found", _("Answered")
    FAILED = "failed", _("Search failed")


class CallQuerySet(WorkspaceQuerySet["Call"]):
    def visible_to(self, membership: Membership, *, team: bool, everyone: bool) -> "CallQuerySet":
        """A member's own calls; with ``team`` those of the team too, with ``everyone`` all."""
        if everyone:
            return self
        whose = models.Q(membership=membership)
        if team and membership.team_id:
            whose |= models.Q(membership__team_id=membership.team_id)
        # A subquery keeps one row a call without a DISTINCT, so that the newest come by the index.
        legs = CallLeg.unscoped.filter(whose, call=models.OuterRef("pk"))
        return self.filter(models.Exists(legs))


class Call(WorkspaceOwned):
    """One conversation with one outside party, as folded from its events (RULES A1)."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="calls")
    call_key = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=0, help_text="Raised by every fold.")
    state = models.CharField(max_length=10, choices=CallState.choices, default=CallState.RINGING)
    direction = models.CharField(max_length=10, choices=Direction.choices)
    outcome = models.CharField(_("outcome"), max_length=20, blank=True)
    is_internal = models.BooleanField(default=False)
    is_withheld = models.BooleanField(default=False)
    external_raw = models.CharField(max_length=80, blank=True)
    external_e164 = models.CharField(_("number"), max_length=20, blank=True)
    did = models.CharField(max_length=80, blank=True)
    queue = models.CharField(max_length=120, blank=True)
    caller_name = models.CharField(max_length=255, blank=True)
    name_hints = models.JSONField(
        null=True, help_text="Names that came with the call, each with its source (CRC-90)."
    )
    dial_source = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="How an outbound call was dialled (CRC-91); empty: not known.",
    )
    started_at = models.DateTimeField(_("started"))
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    unknown_fields = models.JSONField(default=list)

    # Who it was with, as known at call time (K-25): never rewritten by later renames.
    contact_name = models.CharField(_("person"), max_length=255, blank=True)
    account_name = models.CharField(_("account"), max_length=255, blank=True)
    contact_sobject = models.CharField(max_length=20, blank=True)
    contact_record_id = models.CharField(max_length=18, blank=True)

    match_state = models.CharField(
        max_length=10,
        choices=MatchState.choices,
        default=MatchState.NOT_NEEDED,
        help_text="Whether Salesforce was asked whose number it is.",
    )
    matched_at = models.DateTimeField(null=True)
    candidates = models.JSONField(default=list, help_text="The matches, pinned to this call.")

    gone_records = models.JSONField(
        null=True, help_text="Ids of records that Salesforce let nothing be filed under (C6)."
    )
    similar_records = models.JSONField(
        null=True, help_text="Ids that a duplicate rule named instead of taking a Lead (C3)."
    )

    given_up_legs = models.JSONField(
        null=True, help_text="Keys of legs whose end nobody reported, closed as unknown."
    )

    options_revision = models.PositiveIntegerField(help_text="Pinned at the first event (C1).")
    plan_due_at = models.DateTimeField(null=True, help_text="When to plan next (A1, A4).")
    planned_version = models.PositiveIntegerField(default=0)
    needs_review = models.BooleanField(default=False)
    erased_at = models.DateTimeField(null=True, help_text="When its person was erased (C8).")

    objects = ScopedManager.from_queryset(CallQuerySet)()  # type: ignore[assignment, misc]
    unscoped = UnscopedManager.from_queryset(CallQuerySet)()  # type: ignore[assignment, misc]

    class Meta:
        ordering = ("-started_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=("connection", "call_key"), name="call_key_unique"),
        ]
        indexes = [
            models.Index(fields=("workspace", "-started_at", "-id"), name="call_newest"),
            models.Index(fields=("workspace", "external_e164", "-started_at"), name="call_number"),
            models.Index(
                fields=("workspace", "external_e164"),
                condition=models.Q(match_state="pending"),
                name="call_match_pending",
            ),
            # The filters of the history, each in the order of the list.
            models.Index(
                fields=("workspace", "direction", "-started_at", "-id"), name="call_direction"
            ),
            models.Index(
                fields=("workspace", "outcome", "-started_at", "-id"),
                condition=models.Q(outcome__in=UNCOMMON_OUTCOMES),
                name="call_outcome",
            ),
            models.Index(
                fields=("workspace", "-started_at", "-id"),
                condition=models.Q(needs_review=True),
                name="call_review_newest",
            ),
            models.Index(
                fields=("workspace", "contact_record_id"),
                opclasses=("int8_ops", "varchar_pattern_ops"),
                name="call_record",
            ),
            models.Index(
                fields=("started_at",),
                condition=~models.Q(state="ended"),
                name="call_open",
            ),
            models.Index(
                fields=("plan_due_at",),
                condition=models.Q(plan_due_at__isnull=False),
                name="call_plan_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.external_e164 or self.external_raw}".strip()

    @property
    def person(self) -> str:
        """Whom it was with as known at call time, else what the phone system showed."""
        if self.erased_at is not None:
            return _t("Erased person")
        return self.contact_name or self.caller_name or self.account_name


class CallLeg(WorkspaceOwned):
    """One user's part of a call; a leg that talked yields one call record (RULES A2)."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="legs")
    leg_key = models.CharField(max_length=200)
    membership = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="call_legs"
    )
    extension = models.CharField(max_length=80, blank=True)
    user_email = models.EmailField(blank=True)
    state = models.CharField(max_length=10, choices=CallState.choices)
    direction = models.CharField(max_length=10, choices=Direction.choices)
    is_consult = models.BooleanField(default=False)
    ring_started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    held_seconds = models.PositiveIntegerField(default=0)
    talk_seconds = models.PositiveIntegerField(default=0)
    end_cause = models.CharField(max_length=60, blank=True)
    external_raw = models.CharField(max_length=80, blank=True, help_text="As this leg saw it.")
    transferred_to_leg_key = models.CharField(max_length=200, blank=True)
    transferred_to_extension = models.CharField(max_length=80, blank=True)
    transferred_from_leg_key = models.CharField(max_length=200, blank=True)
    recording_url = models.URLField(max_length=2000, blank=True)
    voicemail_url = models.URLField(max_length=2000, blank=True)

    # Not folded from events: what was true while the leg lasted.
    had_panel = models.BooleanField(
        default=False, db_default=False, help_text="The member had a live panel (RULES A5)."
    )
    wrapped_up_at = models.DateTimeField(null=True, help_text="When the member said Done (B5).")
    note = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="What the member wrote for the call record.",
    )
    disposition = models.CharField(
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="The result, in the member's words.",
    )

    class Meta:
        ordering = ("ring_started_at", "leg_key")
        constraints = [
            models.UniqueConstraint(fields=("call", "leg_key"), name="call_leg_key_unique"),
        ]
        indexes = [
            # What a member's panel shows: what is not over, and what ended a minute ago.
            models.Index(fields=("membership", "ended_at"), name="call_leg_of_panel"),
        ]

    def __str__(self) -> str:
        return f"{self.extension or self.user_email or self.leg_key} {self.state}"


class LegEvent(WorkspaceOwned):
    """One understood event; the call is recomputed from all of them."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events")
    inbound_event = models.ForeignKey(
        InboundEvent, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    event_id = models.CharField(max_length=200)
    leg_key = models.CharField(max_length=200)
    type = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    payload = models.JSONField(help_text="The event as received (RULES A1).")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("occurred_at", "event_id")
        constraints = [
            models.UniqueConstraint(fields=("connection", "event_id"), name="leg_event_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.leg_key}"
