"""Erasing the calls with a person: who it was goes, that it was stays (RULES C8)."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.event_words import without_person
from calls.filing import SUBJECT_KIND
from calls.models import Call, CallLeg, DialRequest, Interaction, LegEvent
from integrations.erasing import blank_events, blanks
from integrations.mentions import Identity
from integrations.own_erasers import about
from integrations.registry import Eraser


def _find_calls(identity: Identity) -> "QuerySet[Any]":
    named = about(identity, phone="external_e164", record="contact_record_id")
    return Call.objects.filter(named, erased_at=None)


def _erase_calls(_identity: Identity, primary_keys: Collection[int]) -> None:
    events = LegEvent.objects.filter(call__in=primary_keys)
    blank_events(events.values_list("inbound_event_id", flat=True))
    for event in events:
        event.payload = without_person(event.payload)
    LegEvent.objects.bulk_update(events, ["payload"])
    CallLeg.objects.filter(call__in=primary_keys).update(**blanks(CallLeg))
    Interaction.objects.filter(call__in=primary_keys).update(**blanks(Interaction))
    DialRequest.objects.filter(call__in=primary_keys).update(**blanks(DialRequest))
    Call.objects.filter(pk__in=primary_keys).update(
        **blanks(Call), erased_at=timezone.now(), plan_due_at=None, needs_review=False
    )


def _find_dials(identity: Identity) -> "QuerySet[Any]":
    return DialRequest.objects.filter(
        about(identity, phone="phone_e164", record="record__record_id")
    )


def _erase_dials(_identity: Identity, primary_keys: Collection[int]) -> None:
    DialRequest.objects.filter(pk__in=primary_keys).update(**blanks(DialRequest))


ERASERS = (
    Eraser(Call, _("calls"), _find_calls, _erase_calls, SUBJECT_KIND),
    Eraser(DialRequest, _("numbers that were dialled"), _find_dials, _erase_dials),
)
