"""Numbers of the company that stand for something: a label, and a Salesforce campaign (CTM-09)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.tenancy import WorkspaceOwned


class TrackedNumber(WorkspaceOwned):
    """One of the company's own numbers, and what calls to it are about."""

    phone_e164 = models.CharField(_("number"), max_length=20, help_text="E.164.")
    label = models.CharField(
        _("label"), max_length=120, help_text=_("What the number is for, as your people call it.")
    )
    campaign_id = models.CharField(max_length=18, blank=True, help_text="Salesforce's id.")
    campaign_name = models.CharField(_("campaign"), max_length=80, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("tracked number"), _("tracked numbers")
        ordering = ("label", "phone_e164")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "phone_e164"),
                name="tracked_number_unique",
                violation_error_message=_("This number is on the list already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.phone_e164})"
