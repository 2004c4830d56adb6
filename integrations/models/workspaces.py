"""Workspaces and the people in them."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.roles import Role
from integrations.tenancy import (
    ScopedManager,
    UnscopedManager,
    WorkspaceOwned,
    WorkspaceQuerySet,
)


class Installation(models.Model):
    """This installation of Patchbay: one row, made when its id is first needed.

    Its id is part of every key that we put on a Salesforce record (RULES C4), so that two
    installations that write to one org never take each other's records for their own.
    """

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    installation_id = models.UUIDField(editable=False)
    #: Made once and never replaced: what was hashed with another key would not be found again.
    sealed_pseudonym_key = models.TextField(blank=True, db_default="", editable=False)

    def __str__(self) -> str:
        return str(self.installation_id)


class Workspace(models.Model):
    """One customer: a company with its phone system, its gateway and its Salesforce org."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), unique=True, help_text=_("The part after /w/."))
    default_region = models.CharField(
        _("default region"),
        max_length=2,
        default="US",
        help_text=_("Country (ISO 3166) that national phone numbers belong to."),
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    subscription = models.CharField(_("subscription"), max_length=20, default="enterprise")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Team(WorkspaceOwned):
    """A group of members, for managers and reports."""

    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=("workspace", "name"), name="team_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(WorkspaceQuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        """Members who may enter."""
        return self.filter(is_active=True)


class Membership(WorkspaceOwned):
    """A user in a workspace: roles, phone, and the Salesforce user who is the same person."""

    class CrmLicence(models.TextChoices):
        """Which panel licence the member holds (RULES A8)."""

        NONE = "none", _("None")
        CLIENT = "client", _("Client")
        DATABASE = "db", _("Database")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="members"
    )
    extension = models.CharField(_("extension"), max_length=20, blank=True)
    crm_licence = models.CharField(
        _("CRM licence"), max_length=10, choices=CrmLicence.choices, default=CrmLicence.CLIENT
    )
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    salesforce_user_id = models.CharField(_("Salesforce user"), max_length=18, blank=True)
    salesforce_username = models.CharField(
        max_length=120, blank=True, db_default="", editable=False
    )
    salesforce_time_zone = models.CharField(max_length=64, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager.from_queryset(MembershipQuerySet)()  # type: ignore[assignment, misc]
    unscoped = UnscopedManager.from_queryset(MembershipQuerySet)()  # type: ignore[assignment, misc]

    class Meta:
        ordering = ("user__email",)
        verbose_name = _("member")
        constraints = [
            models.UniqueConstraint(fields=("workspace", "user"), name="membership_unique"),
            models.UniqueConstraint(
                fields=("workspace", "extension"),
                condition=~models.Q(extension=""),
                name="membership_extension_unique",
            ),
            models.UniqueConstraint(
                fields=("workspace", "salesforce_user_id"),
                condition=~models.Q(salesforce_user_id=""),
                name="membership_salesforce_user_unique",
                violation_error_message=_(
                    "Another member is already linked to this Salesforce user."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held; one query unless ``role_grants`` was prefetched."""
        return frozenset(Role(grant.role) for grant in self.role_grants.all())


class RoleGrant(WorkspaceOwned):
    """One role of one membership: the set is a table, so that the database can count owners."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("membership", "role"), name="role_grant_unique"),
        ]

    def __str__(self) -> str:
        return self.get_role_display()


class Invitation(WorkspaceOwned):
    """An offer of membership to one mail address; accepted only by the account that owns it."""

    email = models.EmailField(_("mail address"))
    roles = models.JSONField(_("roles"), default=list)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                "workspace",
                models.functions.Lower("email"),
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_one_open_per_address",
            ),
        ]

    def __str__(self) -> str:
        return self.email
