"""The form of a test text: the text as somebody imagines it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.models import Membership, Workspace
from integrations.phones import parse_phone
from sms.admin.text_box import SmsTextField
from sms.elsewhere import find_own_sender
from sms.models import Sender
from sms.trial import TrialText

_LINE = {"class": "pb-input", "autocomplete": "off", "spellcheck": "false"}


class TrialForm(forms.Form):
    """Who writes what to whom; an inbound text comes to a number that can be answered."""

    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        choices=[
            ("inbound", gettext_lazy("Inbound: the person writes")),
            ("outbound", gettext_lazy("Outbound: we write")),
        ],
        widget=forms.Select(attrs={"class": "pb-field"}),
    )
    number = forms.CharField(
        label=gettext_lazy("The person’s number"),
        max_length=40,
        widget=forms.TextInput(attrs=_LINE),
    )
    sender: "forms.ModelChoiceField[Sender]" = forms.ModelChoiceField(
        label=gettext_lazy("Our number"),
        queryset=None,  # of a workspace, so known per request
        required=False,
        empty_label=gettext_lazy("Chosen by the rules"),
        help_text=gettext_lazy("Where the text comes to, or which one it leaves from."),
        widget=forms.Select(attrs={"class": "pb-field"}),
    )
    text = SmsTextField(label=gettext_lazy("Text"))

    def __init__(self, data: Any = None, *, member: Membership) -> None:
        super().__init__(data)
        self._member = member
        senders = Sender.objects.filter(is_archived=False).select_related("connection")
        self.fields["sender"].queryset = senders.order_by("value")  # type: ignore[attr-defined]
        sender = self["sender"]
        sender.field.widget.attrs["aria-describedby"] = f"{sender.auto_id}_helptext"

    def clean(self) -> dict[str, Any]:
        """What an inbound text needs: a person's number, and one of ours that takes texts."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("direction") == "inbound" and "sender" in given and "number" in given:
            self._check_inbound(given["sender"], given["number"], self._member.workspace)
        return given

    def _check_inbound(self, sender: Sender | None, number: str, workspace: Workspace) -> None:
        if sender is None:
            self.add_error("sender", _("Choose the number that the text comes to."))
        elif sender.kind == Sender.Kind.BRANDED:
            self.add_error("sender", _("Nobody can answer a name. Choose a number."))
        phone = parse_phone(number, workspace.default_region).e164
        if phone is None:
            self.add_error("number", _("This is not a phone number that texts come from."))
        elif sender is not None and find_own_sender(sender.connection, phone) is not None:
            self.add_error("number", _("This number is one of your own senders."))

    def text_as_imagined(self) -> TrialText:
        """The text of a form that is valid."""
        given = self.cleaned_data
        return TrialText(**given, member=self._member)
