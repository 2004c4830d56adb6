"""What a member does on the softphone panel (RULES A4, B3.2, B5)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.interaction_kinds import InteractionKind
from calls.interactions import keep_interaction, plan_after_wrap_up
from calls.models import Call, CallLeg, CallState
from calls.panel import current_legs
from calls.panel_feed import announce_call
from calls.review import named_record, offered_records
from calls.timeline import SETTLE_SECONDS
from integrations.errors import PatchbayError
from integrations.models import Membership


class ActionRefused(PatchbayError):  # noqa: N818
    """It cannot be done with the call as it is; the message is for the member."""


def choose_record(member: Membership, call_id: int, leg_key: str, record_id: str) -> None:
    """Keep that the member's part of a call was with ``record_id``, one of its matches.

    The latest choice counts (B3.2). While the call lasts nothing is written; what is chosen in
    the wrap-up is written at its end, in one change (A4). Raises ActionRefused.
    """
    with transaction.atomic():
        call, leg = _current(member, call_id, leg_key)
        record = next((one for one in offered_records(call) if one.record_id == record_id), None)
        if record is None:
            raise ActionRefused(
                _("This record is not among the matches any more. Look at the list again.")
            )
        keep_interaction(member, call, leg, "chosen", record)


def end_wrap_up(member: Membership, call_id: int, leg_key: str) -> None:
    """The member is done with a call that has ended; what they chose is written now.

    Raises ActionRefused while the call lasts.
    """
    with transaction.atomic():
        call, leg = _current(member, call_id, leg_key)
        if leg.state != CallState.ENDED:
            raise ActionRefused(_("The call is not over yet. Hang up first."))
        now = timezone.now()
        if not CallLeg.objects.filter(pk=leg.pk, wrapped_up_at=None).update(wrapped_up_at=now):
            return
        soon = now + timedelta(seconds=SETTLE_SECONDS)
        Call.objects.filter(pk=call.pk, plan_due_at__gt=soon).update(plan_due_at=soon)
        announce_call(call.pk, [member.pk])


def pop_record(member: Membership, call_id: int, leg_key: str, record_id: str) -> None:
    """Keep that the member opened one of the matches (B3.3). Raises ActionRefused."""
    with transaction.atomic():
        call, leg = _current(member, call_id, leg_key)
        for record in offered_records(call):
            if record.record_id == record_id:
                keep_interaction(member, call, leg, "popped", record)
                return
        raise ActionRefused(
            _("This record is not among the matches any more. Look at the list again.")
        )


def open_page(member: Membership, call_id: int, leg_key: str, page: str) -> None:
    """Keep that the member went to a record's page, named by its address or id (B3.3).

    Raises ActionRefused for a list, a home page and whatever else is no record (CRC-70).
    """
    _keep_page(member, call_id, leg_key, "opened", page)


def save_new(member: Membership, call_id: int, leg_key: str, page: str) -> None:
    """Keep that the member pressed New and saved the record, named like a page (B3.2, CRC-83).

    Raises ActionRefused where it is no record.
    """
    _keep_page(member, call_id, leg_key, "created", page)


def _keep_page(
    member: Membership, call_id: int, leg_key: str, kind: InteractionKind, page: str
) -> None:
    record = named_record(page)
    if record is None:
        raise ActionRefused(
            _("This page is no record, so the call is not filed there. Go to a record's page.")
        )
    with transaction.atomic():
        call, leg = _current(member, call_id, leg_key)
        keep_interaction(member, call, leg, kind, record)


def keep_notes(member: Membership, call_id: int, leg_key: str, note: str, disposition: str) -> None:
    """Keep what the member wrote about their part of a call; it goes into its record (A4).

    Raises ActionRefused.
    """
    with transaction.atomic():
        call, leg = _current(member, call_id, leg_key)
        CallLeg.objects.filter(pk=leg.pk).update(note=note, disposition=disposition)
        plan_after_wrap_up(call, leg)
        announce_call(call.pk, [member.pk])


def _current(member: Membership, call_id: int, leg_key: str) -> tuple[Call, CallLeg]:
    """The member's leg that is on the panel, and its call, which is held until the end."""
    call = Call.objects.select_for_update().filter(pk=call_id, erased_at=None).first()
    legs = current_legs(member, timezone.now()).filter(call_id=call_id, leg_key=leg_key)
    leg = legs.first() if call else None
    if call is None or leg is None:
        raise ActionRefused(
            _("This call has left your panel. What you chose before is kept; the call history has "
              "the call.")
        )  # fmt: skip
    return call, leg


#: What a panel may ask for, by the word that it sends, with the fields that it must give besides
#: ``call_id`` and ``leg_key``.
ACTIONS: Mapping[str, tuple[Callable[..., None], tuple[str, ...]]] = {
    "choose_record": (choose_record, ("record_id",)),
    "end_wrap_up": (end_wrap_up, ()),
    "pop_record": (pop_record, ("record_id",)),
    "open_page": (open_page, ("page",)),
    "save_new": (save_new, ("page",)),
    "keep_notes": (keep_notes, ("note", "disposition")),
}


def act(member: Membership, action: str, call_id: int, leg_key: str, **fields: Any) -> None:
    """Do one of ``ACTIONS``."""
    perform, names = ACTIONS[action]
    perform(member, call_id, leg_key, *(fields[name] for name in names))
