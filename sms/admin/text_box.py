"""The box in which texts are written: a counter below it, on every page that has one (MIT-39)."""

from typing import Any, ClassVar

from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sms.counter import reckon, show_count
from sms.messaging import MOST_SEGMENTS
from sms.segments import Encoding, normalize_text
from sms.typography import REPLACEMENTS


class SmsTextBox(forms.Textarea):
    """A text area with ``<sms-counter>``; what the browser needs stands beside it as JSON."""

    template_name = "patchbay/sms/parts/text_box.html"

    class Media:
        css: ClassVar = {"all": ("sms/sms.css",)}
        js = (Script("sms/counter.js", type="module"),)

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "pb-input sms-text", "rows": 5, **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        box = context["widget"]["attrs"]
        described = [box.get("aria-describedby", ""), f"{box['id']}_count"]
        box["aria-describedby"] = " ".join(filter(None, described))
        return context | describe_counter(str(value or ""))

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        # The project's templates, where a form would only look into those of Django.
        return super().render(name, value, attrs, TemplatesSetting())


class SmsTextField(forms.CharField):
    """A text as it will be counted and sent: nothing is cut off its ends."""

    widget = SmsTextBox

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"strip": False, "max_length": 5_000, **kwargs})

    def to_python(self, value: Any) -> str:
        return normalize_text(str(super().to_python(value) or ""))


def describe_counter(text: str) -> dict[str, Any]:
    """What the counter opens with, and what it needs to go on by itself."""
    reckoning = reckon(text)
    return {
        "line": show_count(reckoning.counted),
        "alphabet": _alphabets()[reckoning.counted.encoding],
        "is_approximate": reckoning.is_approximate,
        "is_too_long": reckoning.counted.segments > MOST_SEGMENTS,
        "most": MOST_SEGMENTS,
        "settings": {"replacements": REPLACEMENTS, "words": _words(), "most": MOST_SEGMENTS},
    }


def _alphabets() -> dict[Encoding, str]:
    return {Encoding.GSM_7: _("Regular"), Encoding.UCS_2: _("Unicode")}


def _words() -> dict[str, str]:
    """The sentences of counter.js; names in single braces are filled in there."""
    return {
        "regular": _("Regular"),
        "unicode": _("Unicode"),
        "spokenOne": _("{units} of {limit} characters, {segments} message, {alphabet}."),
        "spokenMany": _("{units} of {limit} characters, {segments} messages, {alphabet}."),
        "estimated": _("Each field counts ten characters."),
        "exact": _("Exactly, for {name}:"),
        "empty": _("Nothing stands in {fields}: add a fallback, as in {{FirstName|there}}."),
        "costly": _(
            "These characters turn the whole text into Unicode, where a message holds 70 "
            "characters instead of 160."
        ),
        "replaceAll": _("Replace all"),
        "replace": _("Replace by {replacement}"),
        "replaceAt": _("Replace by {replacement} at character {position}"),
        "position": _("character {position}, {code}"),
        "stays": _("has no plain form"),
        "nothing": _("nothing"),
        "space": _("a space"),
        "more": _("and {count} more"),
    }
