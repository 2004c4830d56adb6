"""Lists of messages as members like to see them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models import Membership
from integrations.tenancy import WorkspaceOwned


class MessageView(WorkspaceOwned):
    """Filters of the messages list that a member keeps under a name (MIT-50)."""

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="message_views"
    )
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(max_length=500, help_text="As in the list's address, sorted.")

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=("membership", "name"), name="message_view_unique"),
        ]

    def __str__(self) -> str:
        return self.name
