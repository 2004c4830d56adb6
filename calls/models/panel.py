"""The softphone panel: who has one open, and what changed for whom (RULES A5, A8, F9, F11)."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.calls import Call
from integrations.models import Membership
from integrations.tenancy import (
    ScopedManager,
    UnscopedManager,
    WorkspaceOwned,
    WorkspaceQuerySet,
)

#: A panel that was not heard of for so long is not live any more (A8); it reports every 15 s.
LIVE_SECONDS = 45


class PanelSessionQuerySet(WorkspaceQuerySet["PanelSession"]):
    def open(self, now: datetime) -> "PanelSessionQuerySet":
        """Sessions whose token still opens the panel, be it live or asleep."""
        return self.filter(
            ended_at=None,
            opened_at__isnull=False,
            expires_at__gt=now,
            membership__is_active=True,
            membership__softphone_user__isnull=False,
        )

    def live(self, now: datetime) -> "PanelSessionQuerySet":
        """Open sessions that were heard of just now."""
        return self.open(now).filter(last_seen_at__gt=now - timedelta(seconds=LIVE_SECONDS))


class PanelSession(WorkspaceOwned):
    """One panel of one member: first a one-time code, then a token (RULES F11).

    Code and token have 256 random bits; the row holds their SHA-256. ``challenge`` ties the code to
    the panel that asked for it: the SHA-256 of a text that only this panel knows (RFC 7636, S256).
    """

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="panel_sessions"
    )
    code_digest = models.CharField(max_length=64, unique=True, editable=False)
    challenge = models.CharField(max_length=43, editable=False)
    code_expires_at = models.DateTimeField()
    token_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)
    script_version = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, help_text="When the code became a token.")
    expires_at = models.DateTimeField(null=True)
    live_since = models.DateTimeField(
        null=True, help_text="Since when the panel has been heard of without a gap."
    )
    last_seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = ScopedManager.from_queryset(PanelSessionQuerySet)()  # type: ignore[assignment, misc]
    unscoped = UnscopedManager.from_queryset(PanelSessionQuerySet)()  # type: ignore[assignment, misc]

    class Meta:
        verbose_name, verbose_name_plural = _("softphone panel"), _("softphone panels")
        indexes = [
            models.Index(
                fields=("membership", "last_seen_at"),
                condition=models.Q(ended_at=None, opened_at__isnull=False),
                name="panel_session_open",
            ),
            models.Index(fields=("code_expires_at",), name="panel_session_age"),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.opened_at or ''}".strip()


class PanelFeed(WorkspaceOwned):
    """Where a member's panels stand: the number of the last event. Made with their first panel.

    Whoever adds an event raises it first, which takes the row; so events of a member become visible
    in the order of their numbers, and a reader who asks for those after N misses none.
    """

    membership = models.OneToOneField(
        Membership, on_delete=models.CASCADE, related_name="panel_feed"
    )
    sequence = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.membership} {self.sequence}"


class PanelEvent(WorkspaceOwned):
    """Something changed about a call on a member's panel; what it is now, the call itself tells.

    Kept for an hour. A panel that slept longer gets the whole state instead.
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    sequence = models.PositiveBigIntegerField()
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+")
    happened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("membership", "sequence")
        constraints = [
            models.UniqueConstraint(
                fields=("membership", "sequence"), name="panel_event_sequence_unique"
            ),
        ]
        indexes = [models.Index(fields=("happened_at",), name="panel_event_age")]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.sequence}"
