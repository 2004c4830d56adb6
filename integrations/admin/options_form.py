"""The form of the integration options, made from the catalogue, and its rows as they are shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from integrations.options import (
    OPTION_SPECS,
    Group,
    Kind,
    Options,
    OptionSpec,
    Situation,
    option_labels,
)
from integrations.options.specs import Text, effect_now, surface_name, why_not


class WordsField(forms.CharField):
    """A list of words, separated by commas."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        return [word.strip() for word in str(value or "").split(",") if word.strip()]


def _field_of(spec: OptionSpec) -> forms.Field:
    common: dict[str, Any] = {"label": spec.label, "required": False}
    if spec.kind is Kind.SWITCH:
        return forms.BooleanField(**common)
    if spec.kind is Kind.CHOICE:
        return forms.ChoiceField(choices=list((spec.choices or {}).items()), **common)
    if spec.kind is Kind.NUMBER:
        return forms.IntegerField(min_value=spec.minimum, max_value=spec.maximum, **common)
    return WordsField(**common) if spec.kind is Kind.LIST else forms.CharField(**common)


class OptionsForm(forms.Form):
    """One field an option, by its key. ``offered`` names the controls that were not greyed: what a
    browser leaves out of the others keeps its stored value (K-05)."""

    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self, data: QueryDict | None = None, *, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}), auto_id="option-%s")
        self._sent = data if data is not None else QueryDict()
        for spec in OPTION_SPECS:
            self.fields[spec.key] = _field_of(spec)

    @classmethod
    def of(cls, options: Options, changed: Mapping[str, Any] | None = None) -> "OptionsForm":
        """The form as the options stand, with some values chosen otherwise."""
        return cls(initial={**options.values, **(changed or {}), "based_on": options.number})

    @property
    def offered(self) -> frozenset[str]:
        """The keys whose controls could be used."""
        return frozenset(self._sent.getlist("offered"))

    def clean(self) -> dict[str, Any]:
        """Beyond the fields' own rules those of the catalogue."""
        cleaned: dict[str, Any] = super().clean() or {}
        for spec in OPTION_SPECS:
            if spec.key not in self.offered:
                # A greyed control is not sent, so nothing can be wrong with it.
                self.errors.pop(spec.key, None)
            elif spec.key in cleaned and (problem := spec.find_problem(cleaned[spec.key])):
                self.add_error(spec.key, problem[:1].upper() + problem[1:])
        return cleaned

    def wanted(self) -> dict[str, Any]:
        """The values of what was offered and is right."""
        return {
            key: value
            for key, value in self.cleaned_data.items()
            if key in self.offered and key in self.fields and key not in self.errors
        }


@dataclass(frozen=True)
class OptionRow:
    """One option on the page: its control, what holds now, and why it is greyed if it is."""

    spec: OptionSpec
    field: BoundField
    reason: str
    now: str
    is_editable: bool

    @property
    def is_switch(self) -> bool:
        return self.spec.kind is Kind.SWITCH

    @property
    def default(self) -> str:
        """The default in words."""
        return self.spec.say(self.spec.default)

    @property
    def surface(self) -> str:
        """The only dress of Salesforce that it is for; empty for any."""
        return surface_name(self.spec.surface)


@dataclass(frozen=True)
class Topic:
    """Rows under one heading."""

    title: Text
    rows: Sequence[OptionRow]


def build_rows(form: OptionsForm, situation: Situation, *, may_edit: bool) -> Iterator[OptionRow]:
    """Every option as it stands in ``situation``; greyed ones say why."""
    labels = option_labels()
    for spec in OPTION_SPECS:
        reason = why_not(spec, situation, labels)
        is_editable = may_edit and not reason
        described = {"aria-describedby": f"now-{spec.key}"}
        form.fields[spec.key].widget.attrs |= described
        form.fields[spec.key].disabled = not is_editable
        yield OptionRow(
            spec, form[spec.key], reason, effect_now(spec, situation, labels), is_editable
        )


def group_rows(rows: Sequence[OptionRow]) -> dict[str, list[Topic]]:
    """The rows by group and topic, for the template."""
    grouped: dict[str, list[Topic]] = {}
    for group in Group:
        # Topics keep the order of their first option.
        order: dict[str, int] = {}
        for row in rows:
            order.setdefault(str(row.spec.topic), len(order))
        of_group = [row for row in rows if row.spec.group is group]
        of_group.sort(key=lambda row: order[str(row.spec.topic)])
        grouped[group.value] = [
            Topic(topic, list(members))
            for topic, members in groupby(of_group, key=lambda row: str(row.spec.topic))
        ]
    return grouped
