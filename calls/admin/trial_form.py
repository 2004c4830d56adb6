"""The form of a test call: the call as somebody imagines it, and switches turned for it."""

import secrets
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.plan_options import PlanOptions
from calls.trial import KEY_PREFIX, TrialCall
from integrations.models import Membership
from integrations.options import OPTION_SPECS, Kind, Options, OptionSpec

_LONGEST_TALK_SECONDS = 24 * 3600
_TEXT = {"class": "pb-input", "autocomplete": "off", "spellcheck": "false"}
#: What is not the planner's alone to read, but asks or spares Salesforce a search.
_FOR_THE_SEARCH = "retrieve_contacts"


def switches_that_count() -> Sequence[OptionSpec]:
    """The switches that a call record depends on."""
    read = {field.name for field in fields(PlanOptions)} | {_FOR_THE_SEARCH}
    return [spec for spec in OPTION_SPECS if spec.key in read and spec.kind is Kind.SWITCH]


class TrialForm(forms.Form):
    """What is asked for, and unseen the key and the end of a call that was tried already."""

    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        choices=[("inbound", gettext_lazy("Inbound")), ("outbound", gettext_lazy("Outbound"))],
        widget=forms.Select(attrs={"class": "pb-field pb-field-short"}),
    )
    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=80,
        help_text=gettext_lazy(
            "As the phone shows or dials it. An extension makes it an internal call, “anonymous” "
            "a call without a number."
        ),
        widget=forms.TextInput(attrs=_TEXT),
    )
    member: "forms.ModelChoiceField[Membership]" = forms.ModelChoiceField(
        label=gettext_lazy("Member"),
        queryset=None,  # of a workspace, so known per request
        empty_label=None,
        widget=forms.Select(attrs={"class": "pb-field"}),
    )
    talk_seconds = forms.IntegerField(
        label=gettext_lazy("Talk, in seconds"),
        min_value=0,
        max_value=_LONGEST_TALK_SECONDS,
        initial=60,
        help_text=gettext_lazy("0 for a call that nobody answers."),
        widget=forms.NumberInput(attrs={"class": "pb-input"}),
    )
    did = forms.CharField(
        label=gettext_lazy("Our number"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("The number that was called, or shown to the other side."),
        widget=forms.TextInput(attrs=_TEXT),
    )
    switched = forms.MultipleChoiceField(
        label=gettext_lazy("What if these were the other way round?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    key = forms.RegexField(
        regex=rf"^{KEY_PREFIX}[0-9a-f]{{16}}$", required=False, widget=forms.HiddenInput
    )
    ended_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, options: Options) -> None:
        super().__init__(data)
        members = Membership.objects.active().select_related("user")
        self.fields["member"].queryset = members  # type: ignore[attr-defined]
        self.fields["member"].initial = members.exclude(extension="").order_by("extension").first()
        self.fields["switched"].choices = [  # type: ignore[attr-defined]
            (spec.key, _("%(label)s (now %(value)s)") % {
                "label": spec.label, "value": spec.say(options[spec.key])
            })
            for spec in switches_that_count()
        ]  # fmt: skip
        for field in self.visible_fields():
            if field.help_text:
                field.field.widget.attrs["aria-describedby"] = f"{field.auto_id}_helptext"

    def clean_ended_at(self) -> datetime:
        """Now; for a call that was tried already its own end, if that was lately."""
        now = timezone.now().astimezone(UTC)
        stated: datetime | None = self.cleaned_data["ended_at"]
        return stated if stated and now - timedelta(days=1) < stated <= now else now

    def call(self) -> TrialCall:
        """The call; one that is new gets a key of its own."""
        given = self.cleaned_data
        return TrialCall(
            key=given["key"] or KEY_PREFIX + secrets.token_hex(8),
            direction=given["direction"],
            number=given["number"],
            member=given["member"],
            talk_seconds=given["talk_seconds"],
            ended_at=given["ended_at"].astimezone(UTC).replace(microsecond=0),
            did=given["did"],
        )
