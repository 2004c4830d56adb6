"""What people enter about a gateway."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.models import Connection
from sms.backends.mitto import CALLBACK_FIELDS, MittoGateway
from sms.backends.twilio import TwilioGateway

_HIDDEN = {"class": "pb-input", "autocomplete": "new-password"}
_PLAIN = {"class": "pb-input", "autocomplete": "off", "spellcheck": "false"}


class MittoForm(forms.Form):
    """The key of a Mitto account."""

    title: Promise = _("Mitto")
    product_key = forms.RegexField(
        regex=r"^\S+$",
        max_length=200,
        label=_("Product key"),
        widget=forms.PasswordInput(attrs=_HIDDEN),
        help_text=_("Your account manager gives it to you, together with the setup link."),
    )

    def credentials(self) -> dict[str, Any]:
        """What is sealed."""
        return {key: value for key, value in self.cleaned_data.items() if value}


class TwilioForm(MittoForm):
    """The account, its token, and perhaps a service that sends."""

    title = _("Twilio")
    account_sid = forms.RegexField(
        regex=r"^AC[0-9a-fA-F]{32}$",
        label=_("Account SID"),
        widget=forms.TextInput(attrs=_PLAIN),
        error_messages={"invalid": _("It reads AC and 32 more characters.")},
    )
    product_key = forms.RegexField(
        regex=r"^\S+$",
        max_length=200,
        label=_("Auth Token"),
        widget=forms.PasswordInput(attrs=_HIDDEN),
        help_text=_("It is also what proves that reports and replies come from Twilio."),
    )
    messaging_service_sid = forms.RegexField(
        regex=r"^MG[0-9a-fA-F]{32}$",
        required=False,
        label=_("Messaging Service SID"),
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("Only if a Messaging Service sends for you. It reads MG and 32 characters."),
        error_messages={"invalid": _("It reads MG and 32 more characters.")},
    )
    field_order = ("account_sid", "product_key", "messaging_service_sid")

    def credentials(self) -> dict[str, Any]:
        """With an empty service where there is none any more."""
        return {"messaging_service_sid": "", **super().credentials()}


FORMS: Mapping[str, type[MittoForm]] = {
    MittoGateway.key: MittoForm,
    TwilioGateway.key: TwilioForm,
}


class SigningKeyForm(forms.Form):
    """A key that Twilio signs with besides the Auth Token, and names (sms.md 2.3)."""

    key_id = forms.RegexField(
        regex=r"^[A-Za-z0-9._-]+$",
        max_length=100,
        label=_("Id of the key"),
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("As Twilio names it in each callback that this key signed."),
        error_messages={
            "invalid": _("An id is made of letters, digits, dots, dashes and underscores.")
        },
    )
    secret = forms.RegexField(
        regex=r"^\S+$",
        max_length=200,
        label=_("Secret of the key"),
        widget=forms.PasswordInput(attrs=_HIDDEN),
    )


class CallbackForm(forms.Form):
    """How callbacks are read where the vendor publishes no format (sms.md 1.5)."""

    callback_header = forms.RegexField(
        regex=r"^[A-Za-z0-9-]+$",
        required=False,
        max_length=60,
        label=_("Header that carries the secret"),
        help_text=_("Only if the gateway sends the secret in a header instead of the address."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    reports_each_part = forms.BooleanField(
        required=False,
        label=_("Every part of a long text is reported by itself"),
        help_text=_("Then a text is delivered when all of its parts are."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, usual in CALLBACK_FIELDS.items():
            self.fields[f"field_{name}"] = forms.CharField(
                required=False,
                max_length=200,
                label=_("Field for %(name)s") % {"name": _LABELS[name]},
                help_text=_("Looked for anyway: %(names)s.") % {"names": ", ".join(usual)},
                widget=forms.TextInput(attrs=_PLAIN),
            )
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"

    @classmethod
    def of(cls, gateway: Connection) -> "CallbackForm":
        """The form as the connection stands."""
        credentials = gateway.credentials
        own = credentials.get("callback_fields", {})
        return cls(
            initial={
                "callback_header": credentials.get("callback_header", ""),
                "reports_each_part": credentials.get("reports_each_part", True),
                **{f"field_{name}": ", ".join(own.get(name, [])) for name in CALLBACK_FIELDS},
            }
        )

    def reading(self) -> dict[str, Any]:
        """What `sms.gateways.change_callback_reading` stores."""
        data = self.cleaned_data
        named = {name: data[f"field_{name}"].replace(",", " ").split() for name in CALLBACK_FIELDS}
        return {
            "callback_header": data["callback_header"],
            "reports_each_part": data["reports_each_part"],
            "callback_fields": {name: names for name, names in named.items() if names},
        }


_LABELS: Mapping[str, Promise] = {
    "id": _("the message’s id"),
    "reference": _("our reference"),
    "status": _("the status"),
    "error": _("the error code"),
    "from": _("who wrote"),
    "to": _("to whom"),
    "text": _("the text"),
    "time": _("the time"),
}
