"""Keeping what members do about their calls; it is planned with the call (RULES A4, B3 to B5)."""

from datetime import timedelta

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from calls.interaction_kinds import INTERACTION_KINDS, InteractionKind
from calls.models import Call, CallLeg, Interaction
from calls.panel_feed import announce_call
from calls.panel_state import WRAP_UP_SECONDS
from calls.review import NAME_COLUMNS, name_the_person
from integrations.models import Membership
from integrations.salesforce.precedence import Candidate


def keep_interaction(
    member: Membership, call: Call, leg: CallLeg, kind: InteractionKind, record: Candidate
) -> bool:
    """Keep what ``member`` did with ``record`` on their ``leg``; False where it is what they did
    last: a second tab, or a click too many.

    Call it in a transaction that holds the call's row, after the member's right to the leg was
    checked. While the leg lasts nothing is written; what is done in the wrap-up is written at its
    end, in one change.
    """
    latest = Interaction.objects.filter(call=call, leg_key=leg.leg_key).last()
    if latest and latest.kind == kind and _is_of(latest, record):
        return False
    Interaction.objects.create(
        workspace_id=call.workspace_id,
        call=call,
        leg_key=leg.leg_key,
        membership=member,
        kind=kind,
        record=record.to_json(),
    )
    if INTERACTION_KINDS[kind].rule == "B3.2":
        name_the_person(call, record)
        call.save(update_fields=NAME_COLUMNS)
    plan_after_wrap_up(call, leg)
    announce_call(call.pk, [member.pk])
    return True


def plan_after_wrap_up(call: Call, leg: CallLeg) -> None:
    """Have what is done in the wrap-up written at its end; while the leg lasts nothing is due."""
    if leg.ended_at:
        ends_at = leg.ended_at + timedelta(seconds=WRAP_UP_SECONDS)
        # A plan that is due already takes it along.
        Call.objects.filter(pk=call.pk).update(
            plan_due_at=Coalesce(F("plan_due_at"), Value(ends_at))
        )


def _is_of(interaction: Interaction, record: Candidate) -> bool:
    known = str((interaction.record or {}).get("record_id", ""))
    return known[:15] == record.record_id[:15]
