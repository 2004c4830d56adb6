"""Whom a text comes from, and where that sender may be used."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from integrations.models import Connection
from integrations.tenancy import WorkspaceOwned


class Sender(WorkspaceOwned):
    """One sender id: the "From" that the handset shows (RULES D5, sms.md 4.1).

    ``value`` is digits for numbers and short codes, the name as typed for a branded one.
    """

    class Kind(models.TextChoices):
        NUMERIC = "numeric", _("Number")
        SHORT_CODE = "short_code", _("Short code")
        BRANDED = "branded", _("Branded name")

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="senders")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    value = models.CharField(_("sender"), max_length=15)
    label = models.CharField(_("label"), max_length=80, blank=True)
    is_default = models.BooleanField(_("default sender"), default=False)
    is_archived = models.BooleanField(default=False)
    segments_per_second = models.PositiveSmallIntegerField(
        _("segments per second"), default=10, help_text=_("What the gateway allows this sender.")
    )

    class Meta:
        ordering = ("-is_default", "value")
        verbose_name = _("sender")
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("value"),
                name="sender_unique",
                violation_error_message=_("This sender is in the list already."),
            ),
            models.UniqueConstraint(
                fields=("workspace",),
                condition=models.Q(is_default=True, is_archived=False),
                name="sender_one_default",
            ),
            models.CheckConstraint(
                condition=models.Q(segments_per_second__gt=0), name="sender_rate_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"+{self.value}" if self.kind == self.Kind.NUMERIC else self.value

    @property
    def can_receive(self) -> bool:
        """Whether people can answer: nobody can reply to a name."""
        return self.kind != self.Kind.BRANDED


class SenderCountry(WorkspaceOwned):
    """How a sender stands in one country. Without a row nobody has said anything about it."""

    class State(models.TextChoices):
        NOT_NEEDED = "not_needed", _("No registration needed")
        MISSING = "missing", _("Registration missing")
        PENDING = "pending", _("Registration pending")
        APPROVED = "approved", _("Registered")
        REJECTED = "rejected", _("Registration rejected")
        BLOCKED = "blocked", _("Not usable here")

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="countries")
    country = models.CharField(_("country"), max_length=2, help_text=_("ISO 3166, two letters."))
    state = models.CharField(_("state"), max_length=12, choices=State.choices)
    is_default = models.BooleanField(_("default for this country"), default=False)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ("country",)
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        constraints = [
            models.UniqueConstraint(
                fields=("sender", "country"),
                name="sender_country_unique",
                violation_error_message=_("This country stands there already."),
            ),
            models.UniqueConstraint(
                fields=("workspace", "country"),
                condition=models.Q(is_default=True),
                name="sender_country_one_default",
                violation_error_message=_("Another sender is the default for this country."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country}: {self.get_state_display()}"
