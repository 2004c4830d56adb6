"""The public API: who may come in, and what was answered to requests that may come again."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.workspaces import Membership
from integrations.tenancy import WorkspaceOwned


class ApiKey(WorkspaceOwned):
    """A key of the public API: it acts for the workspace, and ends with its maker's membership.

    The secret half is shown once; the row holds its SHA-256, which is enough for 256 random bits.
    """

    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(
        max_length=20, unique=True, editable=False, help_text="The public half, which finds it."
    )
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(default=list, help_text="Values of ApiScope.")
    member = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="api_keys", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("API key"), _("API keys")
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.name


class ApiAnswer(WorkspaceOwned):
    """What a request with an Idempotency-Key was answered, to answer its repeats alike.

    It is made in the transaction of what the request asked for, so it exists if and only if that
    was carried out. The digest tells a repeat from another request under the same key.
    """

    idempotency_key = models.CharField(max_length=120)
    request_digest = models.CharField(max_length=64, help_text="SHA-256 of address and body.")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(default=dict, help_text="Ids and states, nothing about people.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "idempotency_key"), name="api_answer_key_unique"
            ),
        ]
        indexes = [models.Index(fields=("created_at",), name="api_answer_age")]

    def __str__(self) -> str:
        return self.idempotency_key
