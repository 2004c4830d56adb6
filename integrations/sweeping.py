"""Searching every table for mentions of a person who is erased, by key range (RULES C8).

It follows the registry of personal data, so that a table of a later release is searched too.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from django.db import models, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from integrations.erasing import ENDED_STATES, blanks
from integrations.mentions import Identity, strike
from integrations.models import AuditEntry, CrmWrite, InboundEvent
from integrations.personal_data import ERASABLE, models_with_data
from integrations.registry import registry
from integrations.tenancy import WorkspaceOwned

#: Rows that one step looks at, in one transaction.
RANGE = 1_000
#: Who is named in one of these is what the rest of the row is about, so all of it goes.
_GONE_WHOLE = (InboundEvent, AuditEntry)
_UNREAD = (InboundEvent.State.RECEIVED, InboundEvent.State.CLAIMED)


def tables_to_sweep() -> Iterator[type[models.Model]]:
    """The tables of a workspace that may hold words about somebody outside, in a fixed order."""
    for model in models_with_data():
        if issubclass(model, WorkspaceOwned) and blanks(model):
            yield model


def sweep_range(model: type[models.Model], identity: Identity, after: int) -> tuple[int, int]:
    """Take the mentions out of the next thousand rows of the workspace in scope.

    Returns the key up to which it looked, 0 at the end of the table, and how many rows changed.
    """
    rows = _settled(model, identity)
    keys = rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:RANGE]
    if not (primary_keys := list(keys)):
        return 0, 0
    with transaction.atomic():
        mentioning = _mentioning(rows.filter(pk__in=primary_keys), identity)
        changed = sum(_strike_row(row, identity) for row in mentioning.select_for_update())
    return primary_keys[-1], changed


def waits_to_be_understood(identity: Identity) -> bool:
    """Whether something about the person has arrived that nobody has looked at yet."""
    return _mentioning(InboundEvent.objects.filter(state__in=_UNREAD), identity).exists()


def waits_to_be_written(identity: Identity) -> bool:
    """Whether a record about somebody else that mentions the person has still to be written."""
    return _mentioning(CrmWrite.objects.exclude(state__in=ENDED_STATES), identity).exists()


def _settled(model: type[models.Model], identity: Identity) -> "models.QuerySet[Any]":
    """Rows that nobody is working on: those are erased once they are understood or written."""
    rows: models.QuerySet[Any] = model._default_manager.all()
    for eraser in registry.erasers:
        if eraser.model is model:  # came in meanwhile: all of it goes, not the mention alone
            rows = rows.exclude(pk__in=eraser.find(identity).order_by().values("pk"))
    if model is InboundEvent:
        return rows.exclude(state__in=_UNREAD)
    if model is CrmWrite:
        return rows.filter(state__in=ENDED_STATES)
    return rows


def _mentioning(rows: "models.QuerySet[Any]", identity: Identity) -> "models.QuerySet[Any]":
    names = registry.personal_data[rows.model._meta.label].of_kinds(*ERASABLE)
    words = {f"{name}_words": Cast(name, TextField()) for name in names}
    found = Q()
    for name, spelling in product(words, identity.spellings):
        found |= Q(**{f"{name}__contains": spelling})
    mentioning: models.QuerySet[Any] = rows.annotate(**words).filter(found)
    return mentioning


def _strike_row(row: Any, identity: Identity) -> int:
    """Take the mentions out of one row. Returns 1 if there were any."""
    struck = {name: strike(getattr(row, name), identity) for name in blanks(type(row))}
    changed = {name: value for name, value in struck.items() if value != getattr(row, name)}
    if changed and isinstance(row, _GONE_WHOLE):
        changed = blanks(type(row))
    if changed and isinstance(row, InboundEvent):
        changed["state"] = InboundEvent.State.PROCESSED  # nothing is left to be understood
    if changed:
        type(row)._default_manager.filter(pk=row.pk).update(**changed)
    return bool(changed)
