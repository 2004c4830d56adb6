"""Which kinds of activity are recorded in Salesforce: by role, and as members narrow it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models.workspaces import Membership
from integrations.roles import Role
from integrations.tenancy import WorkspaceOwned


class RoleRecording(WorkspaceOwned):
    """What a role leaves out (MIX-15). Without a row it leaves out nothing, so that kinds of a
    later release are recorded until somebody decides otherwise."""

    role = models.CharField(max_length=20, choices=Role.choices)
    left_out = models.JSONField(default=list, help_text="Values of ActivityKind.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("workspace", "role"), name="role_recording_unique"),
        ]

    def __str__(self) -> str:
        return self.get_role_display()


class PersonalRecording(WorkspaceOwned):
    """What a member leaves out of what their roles allow (MIX-16), and what they add to messages.

    ``all_messages`` also records messages that were not sent with Patchbay (MIX-17).
    """

    membership = models.OneToOneField(
        Membership, on_delete=models.CASCADE, related_name="recording"
    )
    left_out = models.JSONField(default=list, help_text="Values of ActivityKind.")
    all_messages = models.BooleanField(
        _("Sync all messages to Salesforce whether or not I send them with Patchbay"),
        default=False,
    )

    def __str__(self) -> str:
        return str(self.membership)
