"""Texts that are written once and sent to many."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.tenancy import WorkspaceOwned


class Template(WorkspaceOwned):
    """A text with merge fields for one kind of record (MIT-29); its words are in its versions."""

    class Kind(models.TextChoices):
        LEAD = "lead", _("Leads")
        CONTACT = "contact", _("Contacts")
        CAMPAIGN = "campaign", _("Campaigns")

    kind = models.CharField(_("for"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=80)
    is_archived = models.BooleanField(default=False)
    text = models.TextField(_("text"), help_text=_("The newest version's."))
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name", "id")
        verbose_name = _("template")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "kind", "name"),
                name="template_name_unique",
                violation_error_message=_("Another template of this kind has this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(WorkspaceOwned):
    """What a template said at one time; never changed, so that a message can be explained."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=("template", "number"), name="template_version_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"


class RecordFields(WorkspaceOwned):
    """Which fields one kind of record has in one org, as its describe last said (MIT-30)."""

    org_id = models.CharField(max_length=18)
    sobject = models.CharField(max_length=20)
    fields = models.JSONField(default=list, help_text="Of each field: name, label, type.")
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "org_id", "sobject"), name="record_fields_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.sobject
