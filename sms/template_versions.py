"""Templates and what they said: every change of the words is a version that stays (MIT-29).

Callers have asked the policy; the words have passed ``merge_fields.faults_of``.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations import audit
from integrations.models import User
from sms.merge import read_template
from sms.merge_fields import faults_of, known_fields
from sms.models import Template, TemplateVersion


def save_new(template: Template, *, author: User | None) -> None:
    """Keep a new template with its first version."""
    with transaction.atomic():
        template.version = 1
        template.save()
        _keep(template, author)


def save_changed(template: Template, *, based_on: int, author: User) -> None:
    """Keep what somebody changed in version ``based_on``; new words are a new version.

    Raises ValidationError where somebody else saved another version meanwhile.
    """
    with transaction.atomic():
        current = Template.objects.select_for_update().get(pk=template.pk)
        if current.version != based_on:
            raise ValidationError(
                _("Somebody else saved version %(number)s meanwhile. Yours was not saved: look at "
                  "theirs, then change it again.") % {"number": current.version}
            )  # fmt: skip
        template.updated_at = timezone.now()
        if template.text != current.text:
            template.version = based_on + 1
            _keep(template, author)
        template.save(update_fields=["name", "kind", "text", "version", "updated_at"])


def restore(template: Template, number: int, *, actor: User, request: HttpRequest) -> None:
    """Make an earlier version's words the newest version. Raises ValidationError."""
    wanted = template.versions.filter(number=number).first()
    if wanted is None or wanted.text == template.text:
        raise ValidationError(_("That version is the current one, or there is none."))
    if faults := faults_of(read_template(wanted.text), template.kind, known_fields()):
        raise ValidationError([_("This version cannot be used any more."), *faults])
    before, based_on = template.version, template.version
    template.text = wanted.text
    with transaction.atomic():
        save_changed(template, based_on=based_on, author=actor)
        audit.record(
            actor,
            "template.restored",
            template.name,
            before={"version": before},
            after={"version": template.version, "words_of": number},
            request=request,
        )


def set_archived(template: Template, archived: bool, *, actor: User, request: HttpRequest) -> None:
    """Offer a template no more, or again. Nothing that was sent changes."""
    with transaction.atomic():
        changed = Template.objects.filter(pk=template.pk, is_archived=not archived).update(
            is_archived=archived, updated_at=timezone.now()
        )
        if changed:
            audit.record(
                actor,
                "template.archived" if archived else "template.brought_back",
                template.name,
                before={"archived": not archived},
                after={"archived": archived},
                request=request,
            )


def offered(kind: str) -> list[Template]:
    """The templates that can be used for this kind of record now, by name."""
    return list(Template.objects.filter(kind=kind, is_archived=False))


def _keep(template: Template, author: User | None) -> None:
    TemplateVersion.objects.create(
        workspace_id=template.workspace_id,
        template=template,
        number=template.version,
        text=template.text,
        author=author,
    )
