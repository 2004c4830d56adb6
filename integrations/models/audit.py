"""Who changed what, and what people were told."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import Connection
from integrations.tenancy import WorkspaceOwned


class AuditEntry(WorkspaceOwned):
    """One change that a person made. Rows are only ever added; who is erased (C8) is taken out."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    actor_label = models.CharField(max_length=254)
    action = models.CharField(max_length=60)
    target_label = models.CharField(max_length=254, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=("workspace", "-created_at", "-id"), name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.action} {self.target_label}".strip()


class Notice(WorkspaceOwned):
    """Something that needs a person, told once until it is settled."""

    class Mail(models.TextChoices):
        """Whether people get a mail about it; decided when it is opened."""

        NONE = "none", _("No mail")
        WAITING = "waiting", _("Mail waits")
        SENT = "sent", _("Mailed")

    kind = models.CharField(max_length=40)
    subject_key = models.CharField(
        max_length=200, help_text="What it is about, e.g. connection:12; one open notice each."
    )
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    service = models.CharField(
        max_length=20,
        choices=Connection.Kind.choices,
        default=Connection.Kind.SALESFORCE,
        db_default=Connection.Kind.SALESFORCE.value,
        help_text="The outside service that it is about.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(
        max_length=10, choices=Mail.choices, default=Mail.NONE, db_default=Mail.NONE.value
    )
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "kind", "subject_key"),
                condition=models.Q(resolved_at=None),
                name="notice_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=("workspace", "created_at"),
                condition=models.Q(mail="waiting"),
                name="notice_mail_waiting",
            ),
            models.Index(fields=("workspace", "-created_at", "-id"), name="notice_newest"),
        ]

    def __str__(self) -> str:
        return self.title
