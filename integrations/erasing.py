"""Erasing a person from a workspace: by number or record id, in small steps (RULES C8).

Three passes. *Subjects*: the rows that are about the person (calls, messages, look-ups …), each
with its writes, attempts and plans, by the `Eraser` of their model. *Mentions*: every column that
the registry of personal data says may hold such words is searched by key range, and the number or
id is taken out. *Once more*: what came in meanwhile. Keys, ids, states and times stay, so that
nothing is taken on or written a second time.

What waits to be written about the person is cancelled: they are not to be told to a further
system after they asked. What is on its way is waited for, since only its own row can tell whether
it arrived.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from integrations.mentions import GAP, Identity
from integrations.models import (
    AuditEntry,
    CrmWrite,
    CrmWriteAttempt,
    InboundEvent,
    Notice,
    PlanRun,
    WriteState,
)
from integrations.models.outbox import WAITING_STATES
from integrations.personal_data import ERASABLE
from integrations.registry import Eraser, registry

#: States in which a write stays for good.
ENDED_STATES = (WriteState.DONE, WriteState.CANCELLED)

#: Subjects in one transaction: with their events, writes and plans well below a thousand rows.
SUBJECTS = 25


def blanks(model: type[models.Model]) -> dict[str, Any]:
    """The columns of a model that tell about somebody outside, each with what empties it."""
    columns = registry.personal_data[model._meta.label].of_kinds(*ERASABLE)
    return {name: _empty(model._meta.get_field(name)) for name in columns}


def _empty(field: Any) -> Any:
    if field.null:
        return None
    if isinstance(field, models.JSONField):
        return field.get_default() if field.has_default() else {}
    return ""


@dataclass
class Progress:
    """Rows erased by table, those that must wait for a write or text on its way, and whether the
    time was up before all had been looked at."""

    erased: Counter[str] = field(default_factory=Counter)
    on_their_way: int = 0
    is_cut_short: bool = False


def erase_subjects(identity: Identity, *, stop_at: float) -> Progress:
    """Erase the rows about a person in the workspace in scope, until ``time.monotonic()`` is
    ``stop_at``."""
    progress = Progress()
    for eraser in registry.erasers:
        last = 0
        while chunk := _next_chunk(eraser.find(identity), last):
            done = _erase_chunk(eraser, identity, chunk)
            progress.erased[eraser.model._meta.label] += done
            progress.on_their_way += len(chunk) - done
            last = chunk[-1]
            if time.monotonic() > stop_at:
                progress.is_cut_short = True
                return progress
    return progress


def _next_chunk(rows: "models.QuerySet[Any]", last: int) -> list[int]:
    following = rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
    return list(following.distinct()[:SUBJECTS])


def _erase_chunk(eraser: Eraser, identity: Identity, chunk: Collection[int]) -> int:
    with transaction.atomic():
        # Whoever is at one of them (a fold, a plan) is done first and finds it erased afterwards.
        locked = eraser.model._base_manager.select_for_update().filter(pk__in=chunk)
        rows = set(locked.order_by("pk").values_list("pk", flat=True))
        busy = set(eraser.busy(rows)) | stop_writes(eraser.subject_kind, rows)
        if ready := rows - busy:
            eraser.erase(identity, ready)
            blank_writes(eraser.subject_kind, ready)
    return len(chunk) - len(busy)


def stop_writes(kind: str, subject_ids: Collection[int]) -> set[int]:
    """Cancel what waits to be written about subjects; returns those with something on its way."""
    if not kind:
        return set()
    about = CrmWrite.objects.filter(subject_kind=kind, subject_id__in=subject_ids)
    about.filter(state__in=WAITING_STATES).update(
        state=WriteState.CANCELLED, held_reason="The person was erased."
    )
    # One that came back from Salesforce since, to be tried again, is cancelled next time.
    on_their_way = about.filter(~Q(state__in=ENDED_STATES) | Q(verify_at__isnull=False))
    return set(on_their_way.values_list("subject_id", flat=True))


def blank_writes(kind: str, subject_ids: Collection[int]) -> None:
    """Empty the writes, attempts and plans about subjects; keys, states and times stay."""
    if not kind:
        return
    about = {"subject_kind": kind, "subject_id__in": subject_ids}
    writes = CrmWrite.objects.filter(**about)
    _blank_words_about(kind, subject_ids, dict(writes.values_list("pk", "label")))
    CrmWriteAttempt.objects.filter(write__in=writes.values("pk")).update(**blanks(CrmWriteAttempt))
    writes.update(**blanks(CrmWrite))
    PlanRun.objects.filter(**about).update(**blanks(PlanRun))


def _blank_words_about(kind: str, subject_ids: Collection[int], labels: Mapping[int, str]) -> None:
    """Empty what people were told, and what was noted of what they did, in the words of a write:
    its label may be a name."""
    keys = [f"{kind}:{pk}" for pk in subject_ids] + [f"crm_write:{pk}" for pk in labels]
    told = Notice.objects.filter(subject_key__in=keys)
    told.filter(resolved_at=None).update(resolved_at=timezone.now())
    told.update(title=GAP, body="")
    noted = AuditEntry.objects.filter(target_label__in=set(labels.values()) - {""})
    noted.filter(action__startswith="crm_write.").update(**blanks(AuditEntry))


def blank_events(event_ids: Collection[int | None]) -> None:
    """Empty what arrived about a person; that it arrived stays, so that a repeat is told apart."""
    if known := [pk for pk in event_ids if pk]:
        InboundEvent.objects.filter(pk__in=known).update(**blanks(InboundEvent))


def delete_rows(model: type[models.Model]) -> Callable[[Identity, Collection[int]], None]:
    """For what is a copy or a finding of ours, and no record of what happened."""

    def delete(_identity: Identity, primary_keys: Collection[int]) -> None:
        model._default_manager.filter(pk__in=primary_keys).delete()

    return delete
