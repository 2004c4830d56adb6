"""SMS → Templates: texts that are written once, with their fields, figures and versions."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from integrations.admin.actions import object_action
from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.cells import moment
from integrations.admin.forms import WorkspaceModelForm
from integrations.admin.site import console_site
from integrations.errors import PatchbayError
from integrations.models import Connection
from integrations.policy import membership_of
from integrations.roles import Capability
from integrations.salesforce.oauth import INTERACTIVE_SECONDS
from sms import template_versions
from sms.admin.text_box import SmsTextField
from sms.counter import reckon, show_count
from sms.merge import read_template
from sms.merge_fields import faults_of, known_fields, read_fields
from sms.messaging import MOST_SEGMENTS
from sms.models import Template, TemplateVersion
from sms.segments import Encoding

_SHOWN_VERSIONS = 50


class TemplateForm(WorkspaceModelForm):
    """Name, kind and words; fields that the kind does not have are refused at the words."""

    text = SmsTextField(
        label=_("Text"),
        help_text=_(
            "A field stands in double braces, with what to say where it is empty: "
            "{{FirstName|there}}."
        ),
    )
    #: The version that the author looked at, so that nobody's words are lost (RULES E7).
    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Template
        fields = ("kind", "name", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["based_on"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        text, kind = data.get("text"), data.get("kind")
        if text and not text.strip():
            self.add_error("text", _("There is no text to send."))
        elif text and kind:
            for fault in faults_of(read_template(text), kind, known_fields()):
                self.add_error("text", fault)
            if reckon(text).counted.segments > MOST_SEGMENTS:
                self.add_error(
                    "text", _("At most %(most)s messages are sent.") % {"most": MOST_SEGMENTS}
                )
        return data


class StandingFilter(admin.SimpleListFilter):
    """Archived templates are out of the way until somebody asks for them."""

    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("archived", _("Archived")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        return [{**first, "display": _("In use")}, *rest]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(is_archived=self.value() == "archived")


@admin.register(Template, site=console_site)
class TemplateAdmin(WorkspaceScopedAdmin):
    """Who may send may write templates. They are archived, never deleted."""

    menu_group, menu_icon, menu_order = "SMS", "description", 30
    menu_title = _("Templates")
    empty_hint = _("No templates yet. Write one, and it can be sent with a few clicks.")
    view_capability = add_capability = change_capability = Capability.SEND_MESSAGES

    form = TemplateForm
    fields = ("kind", "name", "text", "based_on")
    list_display = ("name", "kind", "beginning", "estimate", "changed")
    list_filter = (StandingFilter, "kind")
    search_fields = ("name__istartswith",)
    search_help_text = _("The beginning of a name.")
    object_actions = ("archive", "bring_back")
    change_form_after_template = "patchbay/sms/template_editor.html"
    change_form_outer_after_template = "patchbay/sms/template_versions.html"

    class Media:
        js = (forms.widgets.Script("sms/editor.js", type="module"),)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, object_id) if object_id else None
        context = {"editor": describe_fields(), "versions": _versions(row)}
        try:
            return super().changeform_view(
                request, object_id, form_url, {**context, **(extra_context or {})}
            )
        except ValidationError as error:  # another version was saved meanwhile
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(request.path)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        author = membership_of(request).user
        if change:
            based_on = form.cleaned_data["based_on"] or 0
            template_versions.save_changed(obj, based_on=based_on, author=author)
        else:
            template_versions.save_new(obj, author=author)

    @object_action(
        title=_("Archive"),
        question=_("It is offered no more. What was sent with it stays as it is."),
        capability=Capability.SEND_MESSAGES,
        applies=lambda template: not template.is_archived,
    )
    def archive(self, request: HttpRequest, template: Template) -> Any:
        actor = membership_of(request).user
        template_versions.set_archived(template, True, actor=actor, request=request)
        return _("It is in the archive: choose Archived in the filters to see it.")

    @object_action(
        title=_("Bring back"),
        question=_("It is offered again."),
        capability=Capability.SEND_MESSAGES,
        applies=lambda template: template.is_archived,
    )
    def bring_back(self, request: HttpRequest, template: Template) -> Any:
        actor = membership_of(request).user
        template_versions.set_archived(template, False, actor=actor, request=request)
        return _("It is offered again.")

    @admin.display(description=_("Text"))
    def beginning(self, template: Template) -> str:
        return Truncator(template.text).chars(60)

    @admin.display(description=_("Estimate"))
    def estimate(self, template: Template) -> str:
        reckoning = reckon(template.text)
        is_regular = reckoning.counted.encoding is Encoding.GSM_7
        words = [show_count(reckoning.counted), str(_("Regular") if is_regular else _("Unicode"))]
        return " ".join([*words, str(_("approx."))] if reckoning.is_approximate else words)

    @admin.display(description=_("Changed"), ordering="updated_at")
    def changed(self, template: Template) -> SafeString:
        return moment(template.updated_at)


def describe_fields() -> dict[str, Any]:
    """What the picker of fields offers for each kind, and since when that is known."""
    known = known_fields()
    offered = {
        kind: [{"name": one.name, "label": one.label} for one in known.of_kind(kind)]
        for kind in Template.Kind.values
    }
    return {
        "fields": offered,
        "read_at": known.read_at,
        "is_connected": Connection.objects.find_sync_user() is not None,
        "settings": {
            "fields": offered,
            "people": reverse("admin:sms_people"),
            "person": reverse("admin:sms_person", args=("RECORD",)),
            "words": {
                "failed": str(_("No answer. Check your connection and try again.")),
                "empty": str(_("Nothing to show yet.")),
            },
        },
    }


def _versions(template: Template | None) -> list[TemplateVersion]:
    if template is None:
        return []
    return list(template.versions.select_related("author")[:_SHOWN_VERSIONS])


@console_site.page(
    "sms/template/<int:template_id>/versions/<int:number>/restore/",
    name="sms_template_restore",
    title=_("Templates"),
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    methods=("POST",),
)
def restore(request: HttpRequest, template_id: int, number: int) -> HttpResponse:
    """Take an earlier version's words."""
    template = get_object_or_404(Template.objects, pk=template_id)
    actor = membership_of(request).user
    try:
        template_versions.restore(template, number, actor=actor, request=request)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        words = {"number": number, "version": template.version}
        told = _("The words of version %(number)s are version %(version)s now.")
        messages.success(request, told % words)
    return HttpResponseRedirect(reverse("admin:sms_template_change", args=(template.pk,)))


@console_site.page(
    "sms/template/fields/",
    name="sms_template_fields",
    title=_("Templates"),
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    in_menu=False,
    methods=("POST",),
)
def read_again(request: HttpRequest) -> HttpResponse:
    """Ask the org now which fields it has."""
    connection = Connection.objects.find_sync_user()
    if connection is None or not connection.is_usable:
        messages.error(request, _("Salesforce must be connected first."))
    else:
        try:
            read_fields(connection, INTERACTIVE_SECONDS)
        except PatchbayError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("The fields of leads and contacts are up to date."))
    return HttpResponseRedirect(reverse("admin:sms_template_changelist"))
