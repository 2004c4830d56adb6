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
        field = form.fields[name]
        if isinstance(field.widget, forms.PasswordInput):
            before[name] = after[name] = _HIDDEN
            continue
        before[name] = _readable(_row_behind(field, form.initial.get(name)))
        after[name] = _readable(form.cleaned_data.get(name))
    for formset in formsets:
        name = str(formset.model._meta.verbose_name_plural)
        _put(after, f"{name} added", formset.new_objects)
        _put(after, f"{name} changed", [row for row, _fields in formset.changed_objects])
        _put(before, f"{name} deleted", formset.deleted_objects)
    return before, after


def _row_behind(field: Any, initial: Any) -> Any:
    """Forms start from a related row's key; people know it by its name."""
    if isinstance(field, forms.ModelChoiceField) and initial is not None:
        rows: Any = field.queryset
        return rows.filter(pk=initial).first()
    return initial


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
