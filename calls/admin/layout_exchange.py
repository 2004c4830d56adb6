"""Import and export of softphone layouts in Salesforce's JSON."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.layout_file import LONGEST_FILE, LayoutRefused, read_layout, read_layout_file
from calls.models import SoftphoneLayout
from calls.softphone_layouts import import_layout
from integrations.admin.site import console_page, console_site
from integrations.policy import membership_of
from integrations.roles import Capability

_TITLE = gettext_lazy("Import a softphone layout")


class LayoutFileForm(forms.Form):
    """A name, and a file or its text."""

    name = forms.CharField(
        max_length=80,
        label=gettext_lazy("Name of the layout"),
        widget=forms.TextInput(attrs={"class": "pb-field"}),
    )
    file = forms.FileField(required=False, label=gettext_lazy("A JSON file"))
    text = forms.CharField(
        required=False,
        label=gettext_lazy("or its text"),
        widget=forms.Textarea(attrs={"rows": 14, "class": "pb-input", "spellcheck": "false"}),
    )

    def read(self) -> str:
        """What was given, as text. Raises LayoutRefused for bytes that are none."""
        upload = self.cleaned_data.get("file")
        if upload is None:
            return str(self.cleaned_data["text"])
        try:
            return bytes(upload.read(LONGEST_FILE + 1)).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise LayoutRefused([_("The file is not text in UTF-8.")]) from error


@console_site.page(
    "calls/softphone-layouts/import/",
    name="softphone_layout_import",
    title=_TITLE,
    capability=Capability.MANAGE_PHONE_SYSTEMS,
    group="Calls",
    in_menu=False,
    methods=("GET", "POST"),
)
def import_page(request: HttpRequest) -> HttpResponse:
    """Take Salesforce's JSON; everything that is wrong with it at once, or the layout."""
    form = LayoutFileForm(request.POST or None, request.FILES or None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            settings = read_layout_file(form.read())
        except LayoutRefused as refused:
            problems = refused.problems
        else:
            layout = import_layout(
                form.cleaned_data["name"], settings, actor=membership_of(request).user
            )
            messages.success(request, _("The layout %(name)s was imported.") % {"name": layout})
            return HttpResponseRedirect(
                reverse("admin:calls_softphonelayout_change", args=(layout.pk,))
            )
    context = {"form": form, "problems": problems}
    return console_page(request, "patchbay/calls/layout_import.html", context, title=_TITLE)


@console_site.page(
    "calls/softphone-layouts/<int:layout_id>/export/",
    name="softphone_layout_export",
    title=gettext_lazy("Export a softphone layout"),
    capability=Capability.MANAGE_PHONE_SYSTEMS,
    group="Calls",
)
def export(request: HttpRequest, layout_id: int) -> HttpResponse:
    """A layout as getSoftphoneLayout answers it."""
    layout = SoftphoneLayout.objects.filter(pk=layout_id).first()
    if layout is None:
        raise Http404("There is no such layout.")
    response = JsonResponse(read_layout(layout.settings).to_json(), json_dumps_params={"indent": 2})
    name = slugify(layout.name) or "layout"
    response["Content-Disposition"] = f'attachment; filename="softphone-layout-{name}.json"'
    return response
