"""Who may use the softphone, and what calls do on their screens (CRC-09, CRC-14 to CRC-18)."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.layout_settings import usual_layout
from integrations.models import Membership
from integrations.roles import Role
from integrations.tenancy import WorkspaceOwned


class SoftphoneUser(WorkspaceOwned):
    """A member who may open the softphone panel, once a role lets them and the licence is there.

    The licence itself is ``Membership.crm_licence`` (K-09, RULES A8).
    """

    membership = models.OneToOneField(
        Membership,
        on_delete=models.CASCADE,
        related_name="softphone_user",
        verbose_name=_("member"),
    )
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("softphone user"), _("softphone users")
        ordering = ("membership__user__email",)

    def __str__(self) -> str:
        return str(self.membership)


class SoftphoneLayout(WorkspaceOwned):
    """A named set of settings for calls on screen; one of each workspace is the default.

    ``settings`` has the shape of Salesforce's getSoftphoneLayout; ``calls.layout_file`` reads it.
    """

    name = models.CharField(_("name"), max_length=80)
    is_default = models.BooleanField(_("default"), default=False, editable=False)
    settings = models.JSONField(default=usual_layout)

    class Meta:
        verbose_name, verbose_name_plural = _("softphone layout"), _("softphone layouts")
        ordering = ("-is_default", "name")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "name"),
                name="softphone_layout_name_unique",
                violation_error_message=_("Another layout has this name already."),
            ),
            models.UniqueConstraint(
                fields=("workspace",),
                condition=models.Q(is_default=True),
                name="softphone_layout_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SoftphoneLayoutAssignment(WorkspaceOwned):
    """A layout given to one member, or to everybody with a role; the member's own wins (CRC-35)."""

    layout = models.ForeignKey(
        SoftphoneLayout, on_delete=models.CASCADE, related_name="assignments"
    )
    membership = models.ForeignKey(
        Membership,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="softphone_layouts",
        verbose_name=_("member"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, blank=True, default="")

    class Meta:
        verbose_name, verbose_name_plural = _("assignment"), _("assignments")
        ordering = ("role", "membership")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(membership=None, role__gt="")
                | models.Q(membership__isnull=False, role=""),
                name="softphone_layout_for_member_or_role",
                violation_error_message=_("Choose either a member or a role."),
            ),
            models.UniqueConstraint(
                fields=("workspace", "membership"),
                condition=models.Q(membership__isnull=False),
                name="softphone_layout_one_a_member",
                violation_error_message=_("This member has another layout already."),
            ),
            models.UniqueConstraint(
                fields=("workspace", "role"),
                condition=~models.Q(role=""),
                name="softphone_layout_one_a_role",
                violation_error_message=_("This role has another layout already."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.membership or self.get_role_display())
