"""Erasing the texts with a person; who had opted out stays so without being named (RULES C8)."""

from collections.abc import Collection
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.erasing import ENDED_STATES, blank_events, blanks, delete_rows
from integrations.mentions import Identity
from integrations.models import CrmWrite
from integrations.own_erasers import about
from integrations.registry import Eraser
from sms import mirror
from sms.filing import SUBJECT_KIND
from sms.models import (
    CampaignRecipient,
    DeliveryReport,
    Message,
    OptOut,
    OptOutEvent,
    OptOutSuggestion,
    RecordFlag,
)
from sms.statuses import RANK, MessageStatus
from sms.suppression import suppress

#: On their way to the gateway, by now perhaps at it.
_ON_THEIR_WAY = (MessageStatus.CLAIMED, MessageStatus.SUBMITTING)


def _find_messages(identity: Identity) -> "QuerySet[Any]":
    named = about(identity, phone="phone_e164", record="person_record_id")
    return Message.objects.filter(named, erased_at=None)


def _busy_messages(primary_keys: Collection[int]) -> Collection[int]:
    on_their_way = Message.objects.filter(pk__in=primary_keys, state__in=_ON_THEIR_WAY)
    return list(on_their_way.values_list("pk", flat=True))


def _erase_messages(_identity: Identity, primary_keys: Collection[int]) -> None:
    texts = Message.objects.filter(pk__in=primary_keys)
    now = timezone.now()
    texts.filter(state=MessageStatus.QUEUED).update(
        state=MessageStatus.SKIPPED, rank=RANK[MessageStatus.SKIPPED], final_at=now
    )
    texts.filter(direction=Message.Direction.INBOUND, read_at=None).update(read_at=now)
    _settle_suggestions(primary_keys)
    reports = DeliveryReport.objects.filter(message__in=primary_keys)
    blank_events(reports.values_list("inbound_event_id", flat=True))
    reports.update(**blanks(DeliveryReport))
    texts.update(**blanks(Message), erased_at=now, plan_due_at=None, needs_review=False)


def _find_recipients(identity: Identity) -> "QuerySet[Any]":
    return CampaignRecipient.objects.filter(about(identity, phone="phone_e164", record="record_id"))


def _erase_recipients(_identity: Identity, primary_keys: Collection[int]) -> None:
    """They count as before; who had still to get the text gets none."""
    rows = CampaignRecipient.objects.filter(pk__in=primary_keys)
    rows.filter(state=CampaignRecipient.State.ELIGIBLE).update(
        state=CampaignRecipient.State.SKIPPED, reason=CampaignRecipient.Reason.REMOVED
    )
    # Nobody's, and no two alike: a campaign has a member and a number once.
    nobody = Concat(Value("erased "), Cast("pk", CharField()))
    rows.update(**blanks(CampaignRecipient) | {"member_id": nobody, "phone_e164": nobody})


def _settle_suggestions(message_ids: Collection[int]) -> None:
    """Nobody can decide any more whether it meant stop: then it did, and nothing is ever sent."""
    suggestions = OptOutSuggestion.objects.filter(message__in=message_ids)
    for one in suggestions.filter(decision=""):
        suppress(one.phone_e164, one.created_at)
    suggestions.filter(decision="").update(
        decision=OptOutSuggestion.Decision.OPTED_OUT, decided_at=timezone.now()
    )
    suggestions.update(**blanks(OptOutSuggestion))


def _find_opt_outs(identity: Identity) -> "QuerySet[Any]":
    return OptOut.objects.filter(about(identity, phone="phone_e164"))


def _erase_opt_outs(_identity: Identity, primary_keys: Collection[int]) -> None:
    rows = OptOut.objects.filter(pk__in=primary_keys)
    for row in rows.filter(is_active=True):
        suppress(row.phone_e164, row.since)
    _find_ticks().filter(subject_id__in=primary_keys).delete()
    rows.delete()


def _find_ticks() -> "QuerySet[CrmWrite]":
    return CrmWrite.objects.filter(subject_kind=mirror.SUBJECT_KIND)


def _find_ticks_of(identity: Identity) -> "QuerySet[Any]":
    return _find_ticks().filter(about(identity, record="salesforce_record_id"))


def _busy_ticks(primary_keys: Collection[int]) -> Collection[int]:
    open_ones = _find_ticks().filter(pk__in=primary_keys).exclude(state__in=ENDED_STATES)
    return list(open_ones.values_list("pk", flat=True))


def _find_events(identity: Identity) -> "QuerySet[Any]":
    return OptOutEvent.objects.filter(about(identity, phone="phone_e164"))


def _erase_events(_identity: Identity, primary_keys: Collection[int]) -> None:
    OptOutEvent.objects.filter(pk__in=primary_keys).update(**blanks(OptOutEvent))


def _find_flags(identity: Identity) -> "QuerySet[Any]":
    return RecordFlag.objects.filter(about(identity, phone="phone_e164", record="record_id"))


ERASERS = (
    # Before its events: the number is suppressed in the transaction that forgets it.
    Eraser(OptOut, _("opt-outs"), _find_opt_outs, _erase_opt_outs, mirror.SUBJECT_KIND),
    Eraser(OptOutEvent, _("proofs of opting out or in"), _find_events, _erase_events),
    # Before the messages that are made of them.
    Eraser(CampaignRecipient, _("recipients of campaigns"), _find_recipients, _erase_recipients),
    Eraser(
        Message,
        _("text messages"),
        _find_messages,
        _erase_messages,
        SUBJECT_KIND,
        busy=_busy_messages,
    ),
    # Their key is the record's id. Made again, they would come to the same: a tick in a checkbox.
    Eraser(
        CrmWrite,
        _("opt-out checkboxes ticked in Salesforce"),
        _find_ticks_of,
        delete_rows(CrmWrite),
        busy=_busy_ticks,
    ),
    Eraser(
        RecordFlag, _("opt-out checkboxes seen in Salesforce"), _find_flags, delete_rows(RecordFlag)
    ),
)
