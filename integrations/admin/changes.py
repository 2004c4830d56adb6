"""What a submitted form changed, in words fit for the audit: never a secret."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db import models

_HIDDEN = "•••"

Values = dict[str, Any]


def describe_change(form: forms.ModelForm[Any], formsets: Iterable[Any]) -> tuple[Values, Values]:
    """The changed fields of a valid form as (before, after), both readable as JSON."""
    before: Values = {}
    after: Values = {}
    for name in form.changed_data:
        hidden = isinstance(form.fields[name].widget, forms.PasswordInput)
        before[name] = _HIDDEN if hidden else _readable(form.initial.get(name))
        after[name] = _HIDDEN if hidden else _readable(form.cleaned_data.get(name))
    for formset in formsets:
        name = str(formset.model._meta.verbose_name_plural)
        _put(after, f"{name} added", formset.new_objects)
        _put(after, f"{name} changed", [row for row, _fields in formset.changed_objects])
        _put(before, f"{name} deleted", formset.deleted_objects)
    return before, after


def _put(values: Values, name: str, rows: Iterable[models.Model]) -> None:
    labels = [str(row) for row in rows]
    if labels:
        values[name] = labels


def _readable(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | set | frozenset | models.QuerySet):
        return [_readable(item) for item in value]
    return str(value)
