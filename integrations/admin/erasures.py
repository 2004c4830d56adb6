"""Workspace → Erase a person: count first, then erase, then see how far it is (RULES C8)."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from integrations.addresses import root_url
from integrations.admin.cells import moment
from integrations.admin.chips import Chip, chip
from integrations.admin.site import console_page, console_site
from integrations.erasures import count_rows, read_identity, request_erasure
from integrations.mentions import Identity
from integrations.models import Erasure
from integrations.policy import membership_of
from integrations.roles import Capability

_SHOWN = 20


class PersonForm(forms.Form):
    """Whom to erase, as a number or a record."""

    who = forms.CharField(
        label=_("Phone number or Salesforce id"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("A person with several numbers or records is erased by each of them."),
    )

    def __init__(self, *args: Any, region: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region = region

    def clean_who(self) -> Identity:
        identity = read_identity(self.cleaned_data["who"], self.region)
        if identity is None:
            raise forms.ValidationError(
                _t("That is neither a phone number nor the id of a Salesforce record.")
            )
        return identity


@console_site.page(
    "erase-a-person/",
    name="erase_person",
    title=_("Erase a person"),
    capability=Capability.ERASE_PEOPLE,
    group="Workspace",
    icon="person_remove",
    order=95,
    methods=("GET", "POST"),
)
def erase_person(request: HttpRequest) -> HttpResponse:
    """The form; what is kept about whom it names, to be confirmed; the latest erasures.

    Whom it is about is only ever posted, so that no address or access log names them.
    """
    if not did_recently_reauthenticate(request):  # RULES F11
        query = urlencode({"next": request.path})
        return redirect(f"{root_url('account_reauthenticate')}?{query}")
    membership = membership_of(request)
    form = PersonForm(request.POST or None, region=membership.workspace.default_region)
    counts = None
    if form.is_valid():
        identity = form.cleaned_data["who"]
        if "confirmed" in request.POST:
            request_erasure(identity, actor=membership.user, request=request)
            messages.success(request, _t("The person is being erased."))
            return HttpResponseRedirect(reverse("admin:erase_person"))
        counts = count_rows(identity)
    context = {
        "form": form,
        "counts": counts,
        "is_counted": counts is not None,
        **_describe_latest(),
    }
    return console_page(request, "patchbay/erase_person.html", context, title=_("Erase a person"))


@console_site.page(
    "erase-a-person/live/",
    name="erase_person_live",
    title=_("Erase a person"),
    capability=Capability.ERASE_PEOPLE,
    group="Workspace",
    in_menu=False,
)
def erase_person_live(request: HttpRequest) -> HttpResponse:
    """How far the latest erasures are; they are told by pseudonym, so no password is asked for."""
    return render(request, "patchbay/parts/erasures_live.html", _describe_latest())


def _describe_latest() -> dict[str, Any]:
    latest = list(Erasure.objects.select_related("requested_by")[:_SHOWN])
    return {
        "erasures": [(one, _chip_of(one), moment(one.requested_at)) for one in latest],
        "is_under_way": any(one.state != Erasure.State.DONE for one in latest),
    }


def _chip_of(erasure: Erasure) -> SafeString:
    is_done = erasure.state == Erasure.State.DONE
    return chip(Chip.DONE if is_done else Chip.WORKING, erasure.get_state_display())
