"""Integration options over time: who changed what, back again, and out of and into files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from integrations.admin.options_page import show_review
from integrations.admin.site import console_page, console_site
from integrations.models import OptionsRevision
from integrations.options import Change, active_options, difference, list_revisions, options_at
from integrations.options.yaml_file import FileRefused, LineProblem, export_yaml, read_yaml
from integrations.policy import can, membership_of
from integrations.roles import Capability
from integrations.subscriptions import Entitlement

_HISTORY, _IMPORT = _("History of the options"), _("Import options")
_PAGE = 20
_LONGEST_UPLOAD = 500_000


@dataclass(frozen=True)
class Told:
    """A revision with what it changed."""

    revision: OptionsRevision
    changes: Sequence[Change]


@console_site.page(
    "salesforce/options/history/",
    name="options_history",
    title=_HISTORY,
    in_menu=False,
    capability=Capability.VIEW_OPTIONS,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def history(request: HttpRequest) -> HttpResponse:
    """The revisions, the newest first."""
    before = request.GET.get("before", "")
    revisions = list_revisions(
        before=int(before) if before.isdecimal() and len(before) < 10 else None, limit=_PAGE + 1
    )
    # The last one is fetched only to compare with.
    earlier = [revision.values for revision in revisions[1:]] + [{}]
    told = [
        Told(revision, difference(older, revision.values))
        for revision, older in zip(revisions, earlier, strict=False)
    ]
    context = {
        "told": told[:_PAGE],
        "older_than": told[_PAGE - 1].revision.number if len(told) > _PAGE else None,
        "active": active_options(),
        "may_edit": can(membership_of(request), Capability.CHANGE_OPTIONS),
    }
    return console_page(request, "patchbay/options/history.html", context, title=_HISTORY)


@console_site.page(
    "salesforce/options/restore/<int:number>/",
    name="options_restore",
    title=_HISTORY,
    methods=("POST",),
    capability=Capability.CHANGE_OPTIONS,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def restore(request: HttpRequest, number: int) -> HttpResponse:
    """Review going back to an earlier revision; number 0 is before anything was chosen."""
    wanted = _values_of(number)
    return show_review(request, based_on=active_options().number, wanted=wanted, restores=number)


@console_site.page(
    "salesforce/options/export/<int:number>/",
    name="options_export",
    title=_HISTORY,
    capability=Capability.VIEW_OPTIONS,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def export(request: HttpRequest, number: int) -> HttpResponse:
    """A revision as a YAML file."""
    slug = membership_of(request).workspace.slug
    text = export_yaml(_values_of(number))
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-options-{number}.yaml"'
    return response


def _values_of(number: int) -> dict[str, Any]:
    try:
        return dict(options_at(number).values)
    except OptionsRevision.DoesNotExist as error:
        raise Http404("There is no such revision.") from error


class ImportForm(forms.Form):
    """A file or its text."""

    file = forms.FileField(required=False, label=_("A YAML file"))
    text = forms.CharField(
        required=False, label=_("or its text"), widget=forms.Textarea(attrs={"rows": 14})
    )

    def read(self) -> str:
        """What was given, as text. Raises FileRefused for bytes that are none."""
        upload = self.cleaned_data.get("file")
        if upload is None:
            return str(self.cleaned_data["text"])
        try:
            return bytes(upload.read(_LONGEST_UPLOAD)).decode()
        except UnicodeDecodeError as error:
            raise FileRefused([LineProblem(1, str(_("The file is not text in UTF-8.")))]) from error


@console_site.page(
    "salesforce/options/import/",
    name="options_import",
    title=_IMPORT,
    in_menu=False,
    methods=("GET", "POST"),
    capability=Capability.CHANGE_OPTIONS,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def import_file(request: HttpRequest) -> HttpResponse:
    """Take a file; show every problem that it has, or the review of what it changes."""
    active = active_options()
    form = ImportForm(request.POST or None, request.FILES or None)
    problems: list[LineProblem] = []
    if request.method == "POST" and form.is_valid():
        try:
            wanted = read_yaml(form.read())
        except FileRefused as error:
            problems = error.problems
        else:
            return show_review(request, based_on=active.number, wanted=wanted)
    context = {"form": form, "problems": problems, "active": active}
    return console_page(request, "patchbay/options/import.html", context, title=_IMPORT)
