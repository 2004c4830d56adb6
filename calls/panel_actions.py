"""What a member does on the softphone panel (RULES A4, B3.2, B5)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import Call, CallLeg, CallState, Interaction
from calls.panel import current_legs
from calls.panel_feed import announce_call
from calls.panel_state import WRAP_UP_SECONDS
from calls.review import NAME_COLUMNS, name_the_person, offered_records
from calls.timeline import SETTLE_SECONDS
from integrations.errors import PatchbayError
from integrations.models import Membership
from integrations.salesforce.precedence import Candidate


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
        if _is_chosen(call, leg, record):
            return
        Interaction.objects.create(
            workspace_id=call.workspace_id,
            call=call,
            leg_key=leg.leg_key,
            membership=member,
            record=record.to_json(),
        )
        name_the_person(call, record)
        call.save(update_fields=NAME_COLUMNS)
        if leg.ended_at:
            ends_at = leg.ended_at + timedelta(seconds=WRAP_UP_SECONDS)
            # A plan that is due already takes the choice with it.
            Call.objects.filter(pk=call.pk).update(
                plan_due_at=Coalesce(F("plan_due_at"), Value(ends_at))
            )
        announce_call(call.pk, [member.pk])


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


def _current(member: Membership, call_id: int, leg_key: str) -> tuple[Call, CallLeg]:
    """The member's leg that is on the panel, and its call, which is held until the end."""
    call = Call.objects.select_for_update().filter(pk=call_id).first()
    legs = current_legs(member, timezone.now()).filter(call_id=call_id, leg_key=leg_key)
    leg = legs.first() if call else None
    if call is None or leg is None:
        raise ActionRefused(
            _("This call has left your panel. What you chose before is kept; the call history has "
              "the call.")
        )  # fmt: skip
    return call, leg


def _is_chosen(call: Call, leg: CallLeg, record: Candidate) -> bool:
    """Whether the same was chosen just before: a second tab, or a click too many."""
    latest = Interaction.objects.filter(call=call, leg_key__in=("", leg.leg_key)).last()
    return bool(latest and latest.record and latest.record["record_id"] == record.record_id)


#: What a panel may ask for, by the word that it sends, with the fields that it must give besides
#: ``call_id`` and ``leg_key``.
ACTIONS: Mapping[str, tuple[Callable[..., None], tuple[str, ...]]] = {
    "choose_record": (choose_record, ("record_id",)),
    "end_wrap_up": (end_wrap_up, ()),
}


def act(member: Membership, action: str, call_id: int, leg_key: str, **fields: Any) -> None:
    """Do one of ``ACTIONS``."""
    perform, names = ACTIONS[action]
    perform(member, call_id, leg_key, *(fields[name] for name in names))
