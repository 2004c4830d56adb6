"""My account → What to record: what a member lets be recorded of what the roles allow (MIX-16)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.activity_kinds import ActivityKind
from integrations.activity_words import CHOICE_WORDS
from integrations.admin.my_account import my_page
from integrations.admin.site import console_site
from integrations.policy import membership_of
from integrations.recording import Recording, recording_of, set_personal_recording
from integrations.roles import Capability

_TITLE = gettext_lazy("What to record")


class RecordingForm(forms.Form):
    """What a member ticked; what the roles do not allow is not offered."""

    kinds = forms.MultipleChoiceField(required=False)
    all_messages = forms.BooleanField(
        required=False,
        label=gettext_lazy(
            "Sync all messages to Salesforce whether or not I send them with Patchbay"
        ),
    )

    def __init__(self, recording: Recording, data: Any = None) -> None:
        super().__init__(data, initial={"all_messages": recording.all_messages})
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]
            (kind.value, CHOICE_WORDS[kind]) for kind in ActivityKind if kind in recording.allowed
        ]


@console_site.page(
    "my/recording/",
    name="my_recording",
    title=_TITLE,
    icon="edit_note",
    order=20,
    methods=("GET", "POST"),
    capability=Capability.CONNECT_OWN_ACCOUNT,
    group="My account",
)
def my_recording(request: HttpRequest) -> HttpResponse:
    """Show the choice, or store it."""
    membership = membership_of(request)
    recording = recording_of(membership)
    if request.method == "POST":
        _save(request, RecordingForm(recording, request.POST))
        return HttpResponseRedirect(reverse("admin:my_recording"))
    context = {
        "form": RecordingForm(recording),
        "choices": [
            {
                "value": kind.value,
                "label": CHOICE_WORDS[kind],
                "is_offered": kind in recording.allowed,
                "is_ticked": recording.withheld_by(kind) is None,
            }
            for kind in ActivityKind
        ],
    }
    return my_page(request, "patchbay/my/recording.html", context, title=_TITLE, tab="recording")


def _save(request: HttpRequest, form: RecordingForm) -> None:
    if not form.is_valid():
        messages.error(request, _("That could not be read. Please choose again."))
        return
    changed = set_personal_recording(
        membership_of(request),
        form.cleaned_data["kinds"],
        all_messages=form.cleaned_data["all_messages"],
        request=request,
    )
    if changed:
        messages.success(request, _("Saved. It holds for what is filed from now on."))
    else:
        messages.info(request, _("Nothing was changed."))
