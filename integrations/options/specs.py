"""What an integration option is: declared once, and read by page, YAML, command line and docs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Text = str | Promise


class Kind(StrEnum):
    """What values an option takes."""

    SWITCH = "switch"
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    LIST = "list"


class Group(StrEnum):
    """Where an option stands: in sight, behind *Advanced*, or behind *Legacy Options* (CTM-04)."""

    STANDARD = "standard"
    ADVANCED = "advanced"
    LEGACY = "legacy"


class Surface(StrEnum):
    """The dress of Salesforce that an option is for (K-05)."""

    ANY = "any"
    CLASSIC = "classic"
    LIGHTNING = "lightning"


@dataclass(frozen=True)
class Situation:
    """What decides how the options act together: every value, defaults included, and the dress of
    Salesforce that the company's people use."""

    values: Mapping[str, Any]
    surface: Surface = Surface.LIGHTNING

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


@dataclass(frozen=True, kw_only=True)
class OptionSpec:
    """One option.

    ``on`` and ``off`` say what each position of a switch means; other kinds have ``choices`` or
    ``help`` alone. ``effect`` says in one sentence what holds now, all options taken together.
    ``needs`` are switches without which it does nothing, ``awaits`` a part of Patchbay that this
    release does not have yet. ``price`` is what it costs in Salesforce requests, and
    ``consequences`` are what people should have read before they switch it on.
    """

    key: str
    label: Text
    default: Any
    effect: Callable[[Situation], str]
    kind: Kind = Kind.SWITCH
    help: Text = ""
    on: Text = ""
    off: Text = ""
    choices: Mapping[str, Text] | None = None
    minimum: int = 0
    maximum: int = 1_000_000
    pattern: str = ""
    pattern_help: Text = ""
    topic: Text = ""
    group: Group = Group.STANDARD
    surface: Surface = Surface.ANY
    needs: tuple[str, ...] = ()
    awaits: Text = ""
    price: Text = ""
    consequences: tuple[Text, ...] = ()

    def find_problem(self, value: Any) -> str:
        """What is wrong with a value, as a sentence; empty when it may be stored."""
        return _CHECKS[self.kind](self, value)

    def say(self, value: Any) -> str:
        """A value as people read it."""
        if self.kind is Kind.SWITCH:
            return _("On") if value else _("Off")
        if self.kind is Kind.CHOICE:
            return str((self.choices or {}).get(value, value))
        if isinstance(value, list | tuple):
            return ", ".join(map(str, value)) or _("none")
        return _("none") if value in ("", None) else str(value)


def _check_switch(spec: OptionSpec, value: Any) -> str:
    return "" if isinstance(value, bool) else _("must be true or false.")


def _check_choice(spec: OptionSpec, value: Any) -> str:
    choices = list(spec.choices or ())
    if isinstance(value, str) and value in choices:
        return ""
    return _("must be one of: %(choices)s.") % {"choices": ", ".join(choices)}


def _check_number(spec: OptionSpec, value: Any) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if is_number and spec.minimum <= value <= spec.maximum:
        return ""
    return _("must be a whole number from %(minimum)s to %(maximum)s.") % {
        "minimum": spec.minimum,
        "maximum": spec.maximum,
    }


def _check_text(spec: OptionSpec, value: Any) -> str:
    if isinstance(value, str) and (not value or re.fullmatch(spec.pattern or r".{1,200}", value)):
        return ""
    return _("must be %(form)s, or empty.") % {"form": spec.pattern_help or _("a short text")}


def _check_list(spec: OptionSpec, value: Any) -> str:
    is_list = isinstance(value, list) and len(value) <= spec.maximum
    if is_list and all(isinstance(one, str) and re.fullmatch(spec.pattern, one) for one in value):
        return ""
    return _("must be a list of %(form)s.") % {"form": spec.pattern_help}


_CHECKS: Mapping[Kind, Callable[[OptionSpec, Any], str]] = {
    Kind.SWITCH: _check_switch,
    Kind.CHOICE: _check_choice,
    Kind.NUMBER: _check_number,
    Kind.TEXT: _check_text,
    Kind.LIST: _check_list,
}

_SURFACE_NAMES: Mapping[Surface, Text] = {
    Surface.CLASSIC: gettext_lazy("Salesforce Classic"),
    Surface.LIGHTNING: gettext_lazy("Lightning Experience"),
}


def surface_name(surface: Surface) -> str:
    """A dress of Salesforce as people call it; empty for any."""
    return str(_SURFACE_NAMES.get(surface, ""))


def why_not(spec: OptionSpec, situation: Situation, labels: Mapping[str, Text]) -> str:
    """Why an option does not apply as things stand; empty when it does. ``labels`` are by key."""
    if spec.awaits:
        return _("Acts as soon as Patchbay has %(part)s; this release has not.") % {
            "part": spec.awaits
        }
    if spec.surface not in (Surface.ANY, situation.surface):
        return _("Does not apply: your people use %(used)s, which does not support this.") % {
            "used": surface_name(situation.surface)
        }
    for key in spec.needs:
        if not situation[key]:
            return _("Has no effect while “%(label)s” is off.") % {"label": labels[key]}
    return ""


def effect_now(spec: OptionSpec, situation: Situation, labels: Mapping[str, Text]) -> str:
    """What an option does now, in a sentence, with the others as they are."""
    return why_not(spec, situation, labels) or spec.effect(situation)
