"""What members dialled through Patchbay, until the phone system reports the call."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.calls import Call
from integrations.models import Membership
from integrations.tenancy import WorkspaceOwned


class DialRequest(WorkspaceOwned):
    """A member dials: which number, from where, and the record whose page that was (RULES B3.4).

    ``key`` is what a phone system may carry as ``dial_request_id`` (RULES A1).
    """

    class Source(models.TextChoices):
        DIAL_FIELD = "dial field", _("The dial field")
        CLICK = "click to dial", _("A click on the number")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=20, choices=Source.choices)
    number = models.CharField(max_length=80, help_text="As it was clicked or typed.")
    phone_e164 = models.CharField(max_length=20, blank=True)
    record = models.JSONField(null=True, help_text="The record that was open, if one was.")
    requested_at = models.DateTimeField(default=timezone.now)
    call = models.OneToOneField(
        Call, on_delete=models.CASCADE, null=True, related_name="dial_request"
    )

    class Meta:
        ordering = ("requested_at", "id")
        indexes = [
            models.Index(
                fields=("membership", "phone_e164", "requested_at"),
                condition=models.Q(call=None),
                name="dial_request_open",
            ),
            models.Index(fields=("requested_at",), name="dial_request_age"),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.phone_e164 or self.number}"
