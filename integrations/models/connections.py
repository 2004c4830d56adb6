"""A workspace's links to outside accounts."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.encryption import seal, unseal
from integrations.tenancy import (
    ScopedManager,
    UnscopedManager,
    WorkspaceOwned,
    WorkspaceQuerySet,
)


def new_connection_key() -> str:
    """An unguessable key for a callback address (128 bits, URL-safe)."""
    return secrets.token_urlsafe(16)


class ConnectionQuerySet(WorkspaceQuerySet["Connection"]):
    def sync_users(self) -> "ConnectionQuerySet":
        """The Salesforce connections of organisations (RULES C5: the Sync User)."""
        return self.filter(kind=Connection.Kind.SALESFORCE, membership=None).exclude(
            state=Connection.State.ARCHIVED
        )

    def find_sync_user(self) -> "Connection | None":
        """The Sync User's connection of the workspace in scope."""
        return self.sync_users().first()

    def personal_accounts(self) -> "ConnectionQuerySet":
        """Members' own Salesforce accounts (RULES C5)."""
        return self.filter(kind=Connection.Kind.SALESFORCE, membership__isnull=False).exclude(
            state=Connection.State.ARCHIVED
        )

    def find_personal_account(self, membership_id: int) -> "Connection | None":
        """A member's own Salesforce account, in the workspace in scope."""
        return self.personal_accounts().filter(membership=membership_id).first()

    def phone_systems(self) -> "ConnectionQuerySet":
        return self.filter(kind=Connection.Kind.PHONE_SYSTEM).exclude(
            state=Connection.State.ARCHIVED
        )


class Connection(WorkspaceOwned):
    """One outside account: a Salesforce user, a phone system, an SMS gateway.

    Credentials are sealed (``integrations.encryption``). Every write of them names the ciphertext
    that it replaces (RULES C10), so that two refreshers can never undo each other.
    """

    class Kind(models.TextChoices):
        SALESFORCE = "salesforce", _("Salesforce")
        PHONE_SYSTEM = "phone_system", _("Phone system")
        SMS_GATEWAY = "sms_gateway", _("SMS gateway")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        NEEDS_RECONNECT = "needs_reconnect", _("Needs reconnect")
        DISABLED = "disabled", _("Disabled")
        ARCHIVED = "archived", _("Archived")

    class Interface(models.TextChoices):
        """Which of Salesforce's two user interfaces the org's people work in (K-05)."""

        LIGHTNING = "lightning", _("Lightning Experience")
        CLASSIC = "classic", _("Salesforce Classic")

    kind = models.CharField(max_length=20, choices=Kind.choices, editable=False)
    backend = models.CharField(max_length=40, editable=False)
    name = models.CharField(_("name"), max_length=120)
    key = models.CharField(max_length=40, unique=True, default=new_connection_key, editable=False)
    membership = models.ForeignKey(
        "integrations.Membership",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="connections",
        editable=False,
        help_text="Set for a personal connection.",
    )
    state = models.CharField(
        max_length=20, choices=State.choices, default=State.ACTIVE, editable=False
    )
    state_reason = models.CharField(max_length=300, blank=True, editable=False)
    broken_at = models.DateTimeField(null=True, editable=False)
    sealed_credentials = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # Salesforce: who and where.
    login_url = models.URLField(blank=True, editable=False)
    instance_url = models.URLField(blank=True, editable=False)
    api_version = models.CharField(max_length=6, default="51.0", editable=False)
    org_id = models.CharField(max_length=18, blank=True, editable=False)
    org_name = models.CharField(max_length=120, blank=True, editable=False)
    salesforce_user_id = models.CharField(max_length=18, blank=True, editable=False)
    salesforce_username = models.CharField(max_length=120, blank=True, editable=False)
    closed_task_status = models.CharField(max_length=80, blank=True, editable=False)
    salesforce_app = models.ForeignKey(
        "integrations.SalesforceApp",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="connections",
        editable=False,
        help_text="The app that was approved; empty for the installation's own.",
    )
    connected_at = models.DateTimeField(null=True, editable=False)
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
    )

    # Salesforce: what the org is, as last asked.
    edition = models.CharField(max_length=40, blank=True, db_default="", editable=False)
    is_sandbox = models.BooleanField(null=True, editable=False)
    interface = models.CharField(
        _("user interface"),
        max_length=10,
        choices=Interface.choices,
        default=Interface.LIGHTNING,
        db_default=Interface.LIGHTNING,
    )
    offered_versions = models.JSONField(null=True, editable=False)
    has_key_field = models.BooleanField(default=False, db_default=False, editable=False)
    has_start_field = models.BooleanField(default=False, db_default=False, editable=False)
    task_parents = models.JSONField(
        null=True,
        editable=False,
        help_text="Objects besides people that a Task can hang on, by its describe (B4).",
    )

    # Salesforce: token refresh (RULES C10). Times by the database's clock.
    refreshed_at = models.DateTimeField(null=True, editable=False)
    refresh_sent_at = models.DateTimeField(null=True, editable=False)
    refresh_claim_token = models.UUIDField(null=True, editable=False)
    refresh_lease_expires_at = models.DateTimeField(null=True, editable=False)
    refresh_unknown_count = models.PositiveSmallIntegerField(default=0, editable=False)

    # Health, as last seen.
    checked_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    api_used = models.PositiveIntegerField(null=True, editable=False)
    api_maximum = models.PositiveIntegerField(null=True, editable=False)

    #: What ``credentials`` opened: the sealed text, and what is in it.
    _opened: tuple[str, Mapping[str, Any]] | None = None

    objects = ScopedManager.from_queryset(ConnectionQuerySet)()  # type: ignore[assignment, misc]
    unscoped = UnscopedManager.from_queryset(ConnectionQuerySet)()  # type: ignore[assignment, misc]

    class Meta:
        ordering = ("kind", "name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace",),
                condition=models.Q(kind="salesforce", membership=None)
                & ~models.Q(state="archived"),
                name="connection_one_sync_user",
            ),
            models.UniqueConstraint(
                fields=("membership",),
                condition=models.Q(kind="salesforce") & ~models.Q(state="archived"),
                name="connection_one_personal_salesforce",
            ),
            # Never two members on one Salesforce user (MIX-30). Within a workspace: to name a
            # conflict with another one would tell who is in it.
            models.UniqueConstraint(
                fields=("workspace", "org_id", "salesforce_user_id"),
                condition=models.Q(kind="salesforce", membership__isnull=False)
                & ~models.Q(state="archived"),
                name="connection_one_member_per_salesforce_user",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def credentials(self) -> Mapping[str, Any]:
        """The opened credentials, opened once for as long as this instance carries them sealed.

        Read them when they are used, never keep them.
        """
        if self._opened is None or self._opened[0] != self.sealed_credentials:
            self._opened = self.sealed_credentials, unseal(self.sealed_credentials)
        return self._opened[1]

    @property
    def is_usable(self) -> bool:
        return self.state == self.State.ACTIVE

    def replace_credentials(self, credentials: Mapping[str, Any], **changes: Any) -> bool:
        """Store new credentials if nobody else did since this row was read.

        ``changes`` are further columns of the same update. Returns whether it was stored; on
        success this instance carries the new values.
        """
        sealed = seal(credentials)
        stored = Connection.unscoped.filter(
            pk=self.pk, sealed_credentials=self.sealed_credentials
        ).update(sealed_credentials=sealed, **changes)
        if not stored:
            return False
        self.sealed_credentials = sealed
        for name, value in changes.items():
            setattr(self, name, value)
        return True


class PhoneSystem(Connection):
    """A connection that reports calls; a name of its own for its pages."""

    class Meta:
        proxy = True
        verbose_name = _("phone system")


class DrainLease(WorkspaceOwned):
    """Who drains one lane of one connection right now (RULES F4): one worker at a time."""

    class Lane(models.TextChoices):
        INBOX = "inbox", _("Inbox")
        #: Texts from people, ahead of any number of delivery reports (RULES D8).
        TEXTS = "texts", _("Texts")
        OUTBOX = "outbox", _("Outbox")

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="drain_leases"
    )
    lane = models.CharField(max_length=10, choices=Lane.choices)
    claim_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    drained_at = models.DateTimeField(null=True, help_text="When the last batch left.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("connection", "lane"), name="drain_lease_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id}/{self.lane}"


class ApiUsage(WorkspaceOwned):
    """Salesforce requests that Patchbay spent, by connection, feature and hour."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    feature = models.CharField(max_length=40)
    hour = models.DateTimeField()
    requests = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("connection", "feature", "hour"), name="api_usage_unique"
            ),
        ]
        indexes = [models.Index(fields=("workspace", "hour"), name="api_usage_by_hour")]

    def __str__(self) -> str:
        return f"{self.feature} {self.hour:%Y-%m-%d %H}: {self.requests}"
