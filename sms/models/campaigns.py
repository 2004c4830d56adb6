"""Texts to all members of a Salesforce campaign, whom they go to, and what they cost."""

from datetime import time

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models import Membership
from integrations.tenancy import WorkspaceOwned
from sms.models.messages import Message
from sms.models.senders import Sender
from sms.models.templates import Template


class SmsCampaign(WorkspaceOwned):
    """One text to the members of one Salesforce campaign, from the first draft to its results.

    A worker that acts on it holds ``claim_token``; whoever pauses or cancels takes the token away.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PREPARING = "preparing", _("Preparing")
        READY = "ready", _("Ready")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Cancelled")
        DONE = "done", _("Done")

    class Rest(models.TextChoices):
        """What becomes of those whom the window of a day does not reach."""

        NEXT_DAY = "next_day", _("Goes on when the hours open again")
        STOPS = "stops", _("Is not sent any more")

    org_id = models.CharField(max_length=18)
    campaign_record_id = models.CharField(max_length=18)
    campaign_name = models.CharField(_("campaign"), max_length=255)
    membership = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="+", help_text="Who made it."
    )
    text = models.TextField(_("text"), help_text=_("With merge fields."))
    template = models.ForeignKey(Template, on_delete=models.SET_NULL, null=True, related_name="+")
    template_version = models.PositiveIntegerField(null=True)
    sender = models.ForeignKey(
        Sender,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Empty: by the recipient's country.",
    )
    is_plain = models.BooleanField(
        default=False, help_text="Typographic characters are replaced in every text."
    )
    state = models.CharField(
        _("status"), max_length=10, choices=State.choices, default=State.PREPARING
    )

    # The snapshot of the audience, and how far it has come.
    fields = models.JSONField(default=list, help_text="Merge fields that were read of everybody.")
    members_total = models.PositiveIntegerField(default=0, help_text="As the campaign counts.")
    members_read = models.PositiveIntegerField(default=0)
    last_member_id = models.CharField(max_length=18, blank=True)
    read_at = models.DateTimeField(null=True, help_text="When the last member had been read.")
    rendered_up_to = models.BigIntegerField(default=0, help_text="The recipient, in order.")

    # What the preview came to; shown in lists, and agreed to at the launch.
    estimated_segments = models.PositiveSmallIntegerField(default=0, help_text="Of one text (D5).")
    recipient_count = models.PositiveIntegerField(default=0)
    excluded_count = models.PositiveIntegerField(default=0)
    segment_count = models.PositiveIntegerField(default=0)

    # When it may be sent, in the recipients' own time.
    starts_at = models.DateTimeField(null=True, help_text="Empty: as soon as it is launched.")
    opens = models.TimeField(default=time(9))
    closes = models.TimeField(default=time(20))
    on_sundays = models.BooleanField(default=False)
    rest = models.CharField(max_length=10, choices=Rest.choices, default=Rest.NEXT_DAY)
    launched_by = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    launched_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True, help_text="When its members were read again.")
    finished_at = models.DateTimeField(null=True)

    # What became of its texts, counted now and then for lists.
    sent_count = models.PositiveIntegerField(default=0)
    delivered_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField(null=True)

    waits_for = models.CharField(max_length=300, blank=True, help_text="Why nothing happens now.")
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claim_token = models.UUIDField(null=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "org_id", "campaign_record_id"),
                condition=models.Q(state__in=("scheduled", "sending", "paused")),
                name="sms_campaign_one_under_way",
            ),
            models.CheckConstraint(
                condition=models.Q(launched_at__isnull=False)
                | models.Q(state__in=("draft", "preparing", "ready", "cancelled")),
                name="sms_campaign_launched",
            ),
            models.CheckConstraint(
                condition=models.Q(opens__lt=models.F("closes")), name="sms_campaign_window"
            ),
        ]
        indexes = [
            models.Index(fields=("workspace", "-created_at", "-id"), name="sms_campaign_newest"),
            models.Index(
                fields=("next_attempt_at",),
                condition=models.Q(state__in=("preparing", "scheduled", "sending")),
                name="sms_campaign_due",
            ),
        ]

    def __str__(self) -> str:
        return self.campaign_name


class CampaignRecipient(WorkspaceOwned):
    """One member of the campaign as read for the preview: sent to, or left out for one reason.

    What the text says is not stored: it follows from ``values`` and the campaign's text.
    """

    class State(models.TextChoices):
        ELIGIBLE = "eligible", _("Gets the text")
        EXCLUDED = "excluded", _("Left out")
        QUEUED = "queued", _("Message made")
        SKIPPED = "skipped", _("Skipped")

    class Reason(models.TextChoices):
        """Why somebody gets no text. The first group was so when the member was read."""

        NO_PERSON = "no_person", _("Neither a lead nor a contact")
        NO_MOBILE = "no_mobile", _("No mobile number")
        INVALID = "invalid", _("Not a phone number")
        DUPLICATE = "duplicate", _("Number of another member")
        OPTED_OUT = "opted_out", _("Opted out")
        UNDECIDED = "undecided", _("Waiting for a decision")
        NO_SENDER = "no_sender", _("No sender for the country")
        EMPTY_FIELD = "empty_field", _("Nothing stands in a field")
        TOO_LONG = "too_long", _("Text too long")
        REMOVED = "removed", _("No longer a member")
        NO_HOURS = "no_hours", _("No hour is allowed")

    campaign = models.ForeignKey(SmsCampaign, on_delete=models.CASCADE, related_name="recipients")
    member_id = models.CharField(max_length=18, help_text="CampaignMember")
    sobject = models.CharField(max_length=20, blank=True)
    record_id = models.CharField(max_length=18, blank=True)
    name = models.CharField(_("name"), max_length=255, blank=True)
    raw_phone = models.CharField(max_length=80, blank=True)
    phone_e164 = models.CharField(_("number"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, help_text="Of the number.")
    zones = models.JSONField(default=list, help_text="Time zones (IANA) in which it may be.")
    values = models.JSONField(default=dict, help_text="Merge fields as a text shows them.")

    state = models.CharField(max_length=10, choices=State.choices, default=State.ELIGIBLE)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    sender = models.ForeignKey(Sender, on_delete=models.SET_NULL, null=True, related_name="+")
    encoding = models.CharField(max_length=5, blank=True)
    segments = models.PositiveSmallIntegerField(default=0)
    costly = models.CharField(
        max_length=20, blank=True, help_text="Characters for which the text is Unicode."
    )
    is_confirmed = models.BooleanField(default=False, help_text="Still a member at the launch.")
    message = models.OneToOneField(
        Message, on_delete=models.SET_NULL, null=True, related_name="campaign_recipient"
    )

    class Meta:
        ordering = ("id",)
        verbose_name = _("recipient")
        constraints = [
            models.UniqueConstraint(
                fields=("campaign", "member_id"), name="campaign_recipient_member"
            ),
            models.UniqueConstraint(
                fields=("campaign", "phone_e164"),
                condition=~models.Q(state="excluded"),
                name="campaign_recipient_number",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("eligible", "queued"), reason="")
                | (models.Q(state__in=("excluded", "skipped")) & ~models.Q(reason="")),
                name="campaign_recipient_reason",
            ),
        ]
        indexes = [
            models.Index(fields=("campaign", "state", "id"), name="campaign_recipient_state"),
        ]

    def __str__(self) -> str:
        return self.name or self.phone_e164


class SmsPrice(WorkspaceOwned):
    """What one segment to a country costs from a day on, as somebody was told by the gateway."""

    country = models.CharField(_("country"), max_length=2, help_text=_("ISO 3166, two letters."))
    price = models.DecimalField(_("price of a segment"), max_digits=9, decimal_places=5)
    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217, as in USD."))
    valid_from = models.DateField(_("valid from"))
    source = models.CharField(
        _("source"), max_length=120, help_text=_("Where the price stands: a contract, a list.")
    )

    class Meta:
        ordering = ("country", "-valid_from")
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "country", "valid_from"),
                name="sms_price_unique",
                violation_error_message=_("This country has a price from that day on already."),
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="sms_price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.country}: {self.price} {self.currency}"
