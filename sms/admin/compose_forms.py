"""What people fill in to send one text."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sms.admin.text_box import SmsTextField
from sms.models import Sender, Template


class ReplyForm(forms.Form):
    """A text and the key by which asking twice sends once."""

    text = SmsTextField(label=_("Text"))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid.uuid4())


class ComposeForm(ReplyForm):
    """To which number, from which sender, with which template. Choices are the caller's."""

    number = forms.ChoiceField(label=_("Number"), widget=forms.RadioSelect)
    sender = forms.TypedChoiceField(label=_("From"), required=False, coerce=int, empty_value=None)
    template = forms.TypedChoiceField(
        label=_("Template"), required=False, coerce=int, empty_value=None
    )
    #: The template whose words stand in the box already, changed or not.
    used_template = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("number", "sender", "template", "text")

    def __init__(
        self,
        *args: Any,
        numbers: Sequence[tuple[str, str]],
        senders: Sequence[Sender],
        templates: Sequence[Template],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["number"].choices = numbers
        fields["sender"].choices = [
            ("", _("Chosen for the number")),
            *((sender.pk, _described(sender)) for sender in senders),
        ]
        fields["template"].choices = [("", _("None")), *((one.pk, one.name) for one in templates)]
        for name in ("sender", "template"):
            fields[name].widget.attrs["class"] = "pb-input"


def _described(sender: Sender) -> str:
    return f"{sender}, {sender.label}" if sender.label else str(sender)
