"""The two switches of the Connection page: what Patchbay reads from and writes to Salesforce.

Contact retrieval and activity history are independent (MII-28, MII-35, RULES C1). Every other
integration option has its own page.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.site import console_site
from integrations.options import Options, RevisionOutdated, active_options, change_options
from integrations.policy import membership_of
from integrations.roles import Capability
from integrations.subscriptions import Entitlement


class SwitchesForm(forms.Form):
    """The sentence about contacts is negative on the page, and stored as its opposite (K-19)."""

    based_on = forms.IntegerField(widget=forms.HiddenInput)
    activity_history = forms.BooleanField(
        required=False,
        label=gettext_lazy("Write a record of every call to Salesforce (activity history)"),
        help_text=gettext_lazy(
            "On: each member who talked gets one completed Task. Off: nothing is written; calls "
            "stay visible here."
        ),
    )
    keep_no_contacts = forms.BooleanField(
        required=False,
        label=gettext_lazy("I am not willing to retrieve Salesforce contact information"),
        help_text=gettext_lazy(
            "Ticked: no names or accounts are copied into Patchbay. With activity history on, the "
            "number of a call is still searched for, only to file its record."
        ),
    )

    @classmethod
    def of(cls, options: Options) -> "SwitchesForm":
        """The form as the options stand."""
        return cls(
            initial={
                "based_on": options.number,
                "activity_history": options["activity_history"],
                "keep_no_contacts": not options["retrieve_contacts"],
            }
        )

    def changes(self) -> dict[str, Any]:
        """The options that the valid form asks for."""
        return {
            "activity_history": self.cleaned_data["activity_history"],
            "retrieve_contacts": not self.cleaned_data["keep_no_contacts"],
        }


@console_site.page(
    "salesforce/connection/switches/",
    name="salesforce_switches",
    title=gettext_lazy("Connection"),
    in_menu=False,
    methods=("POST",),
    capability=Capability.MANAGE_SALESFORCE,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def save_switches(request: HttpRequest) -> HttpResponse:
    """Publish a revision of the options with the two switches as they were sent."""
    form = SwitchesForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That could not be read. Please set the switches again."))
    elif form.changes().items() <= active_options().values.items():
        messages.info(request, _("Nothing was changed."))
    else:
        _publish(request, form)
    return HttpResponseRedirect(reverse("admin:salesforce_connection"))


def _publish(request: HttpRequest, form: SwitchesForm) -> None:
    try:
        change_options(
            form.changes(),
            based_on=form.cleaned_data["based_on"],
            actor=membership_of(request).user,
            request=request,
        )
    except RevisionOutdated:
        messages.error(
            request,
            _("Somebody else changed the options meanwhile. They stand as shown; set yours again."),
        )
    else:
        messages.success(request, _("Saved. It holds for calls that begin from now on."))
