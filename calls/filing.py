"""Filing a call: gather the facts once, plan, and record the plan, in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from calls.facts import (
    CallFacts,
    InteractionFacts,
    LegFacts,
    LookupFacts,
    MemberFacts,
    OrgFacts,
    PlanFacts,
    TrackedNumberFacts,
)
from calls.matching import adopt_answer, find_lookup, own_numbers
from calls.models import Call, CallLeg, Direction, Interaction, MatchState, TrackedNumber
from calls.panel_feed import announce_to_all
from calls.plan import PLANNER_VERSION, plan_call_writes
from calls.softphone_layouts import searched_objects_of
from integrations.activity_kinds import ActivityKind
from integrations.claims import by_now
from integrations.frozen_json import from_json_object
from integrations.models import Connection, Membership, PlanRun, Workspace
from integrations.options import Options, options_at
from integrations.outbox import Subject
from integrations.phones import parse_phone
from integrations.plan_runs import keep_plan, postpone_plan, settle_postponed
from integrations.planning import Plan
from integrations.recording import WithheldBy, recordings_of
from integrations.registry import LostAssociation
from integrations.salesforce.precedence import Candidate

SUBJECT_KIND = "call"
#: A record is planned this long after the end even if a fact is still missing (RULES A1), seconds.
LONGEST_WAIT_SECONDS = 30

_LOOKUP_STATES = {
    MatchState.NOT_NEEDED: "not needed",
    MatchState.PENDING: "pending",
    MatchState.FOUND: "found",
    MatchState.FAILED: "failed",
}


def file_call(call_id: int) -> bool:
    """Plan one due call of the workspace in scope; False when it was not due (any more)."""
    with transaction.atomic():
        due = Call.objects.filter(pk=call_id, plan_due_at__lte=by_now())
        if not due.update(plan_due_at=None):
            return False
        call = Call.objects.select_related("workspace").get(pk=call_id)
        if call.erased_at is not None:
            return False  # nothing more is written about a person who was erased (C8)
        options = options_at(call.options_revision)
        before = call.match_state
        adopt_answer(call, find_lookup(call), options)
        if _should_wait(call):
            call.save()
            return False
        plan_and_record(call, options)
        settle_postponed(call.workspace_id, SUBJECT_KIND, call_id)
        if call.match_state != before:
            announce_to_all([call_id])
    return True


def postpone(call_id: int, error: Exception) -> None:
    """Keep a call whose planning failed, and tell the admins."""
    call = Call.objects.get(pk=call_id)
    postpone_plan(call, SUBJECT_KIND, error, service=Connection.Kind.PHONE_SYSTEM)


def ask_for_review(call_id: int, lost: LostAssociation) -> None:
    """Salesforce lets a call not be filed where it was to be: a person must choose (C3, C6).

    It is planned again, so that the facts and the trace say so from now on.
    """
    with transaction.atomic():
        kept = Call.objects.filter(pk=call_id, erased_at=None)
        if not kept.update(needs_review=True, plan_due_at=Now()):
            return
        call = Call.objects.get(pk=call_id)
        call.gone_records = sorted(lost.gone.union(call.gone_records or ()))
        call.similar_records = sorted(lost.similar.union(call.similar_records or ()))
        call.save(update_fields=["gone_records", "similar_records"])


def _should_wait(call: Call) -> bool:
    """Whether the search is still out and the end (or, where it is planned at the answer, that) is
    not long ago; then looks again later."""
    if call.match_state != MatchState.PENDING:
        return False
    moments = [leg.ended_at or leg.answered_at for leg in call.legs.all()]
    latest = max(moment for moment in moments if moment) + timedelta(seconds=LONGEST_WAIT_SECONDS)
    if timezone.now() >= latest:
        return False
    call.plan_due_at = latest
    return True


def plan_and_record(call: Call, options: Options) -> Plan:
    """Plan a call from its facts as they stand, keep the run, and give the writes to the outbox."""
    connection = Connection.objects.find_sync_user()
    facts = gather_facts(call, options, connection)
    plan = plan_call_writes(facts, options.values)
    keep_plan(
        plan,
        facts.to_json(),
        subject=Subject(SUBJECT_KIND, call.pk, phone_e164=call.external_e164),
        planner_version=PLANNER_VERSION,
        options_revision=options.number,
        connection=connection,
        workspace_id=call.workspace_id,
    )
    call.needs_review = plan.needs_review
    call.planned_version = call.version
    call.save()
    return plan


def gather_facts(call: Call, options: Options, connection: Connection | None) -> PlanFacts:
    """Everything that the planner may read about a call (RULES C9)."""
    legs = list(call.legs.select_related("membership__user", "membership__workspace"))
    return build_facts(call, legs, options, connection, lookup_error=_lookup_reason(call))


def build_facts(
    call: Call,
    legs: Sequence[CallLeg],
    options: Options,
    connection: Connection | None,
    *,
    lookup_error: str = "",
) -> PlanFacts:
    """The facts of a call with these legs, which need not be rows. ``lookup_error`` says why a
    search failed."""
    sync_user_id = connection.salesforce_user_id if connection else ""
    earlier = _earlier_facts(call)
    members = {leg.membership_id for leg in legs if leg.membership_id}
    withheld = _withheld_calls(earlier, members)
    searched = searched_objects_of(legs, earlier)
    return PlanFacts(
        call=_call_facts(call),
        legs=tuple(_leg_facts(call, leg, withheld, searched) for leg in legs),
        org=_org_facts(connection),
        lookup=LookupFacts(
            state=_LOOKUP_STATES[MatchState(call.match_state)],  # type: ignore[arg-type]
            reason=lookup_error,
        ),
        candidates=tuple(Candidate.from_json(one) for one in call.candidates),
        interactions=_interactions(call),
        options=dict(options.values),
        options_revision=options.number,
        default_owner=options["default_owner"] or sync_user_id or None,
        own_numbers=own_numbers(call),
        workspace_time_zone=call.workspace.time_zone,
        gone_records=frozenset(call.gone_records or ()),
        similar_records=frozenset(call.similar_records or ()),
        tracked_number=_tracked_number(call, earlier),
    )


def _org_facts(connection: Connection | None) -> OrgFacts:
    if connection is None:
        return OrgFacts(org_id="")
    return OrgFacts(
        org_id=connection.org_id,
        closed_status=connection.closed_task_status or "Completed",
        has_start_field=connection.has_start_field,
        task_parents=frozenset(connection.task_parents) if connection.task_parents else None,
    )


def _lookup_reason(call: Call) -> str:
    if call.match_state != MatchState.FAILED:
        return ""
    lookup = find_lookup(call)
    return lookup.error if lookup else ""


def _call_facts(call: Call) -> CallFacts:
    return CallFacts(
        call_id=call.pk or 0,  # a made-up call is no row
        call_key=call.call_key,
        direction=call.direction,  # type: ignore[arg-type]
        external_raw=call.external_raw,
        external_e164=call.external_e164 or None,
        is_internal=call.is_internal,
        is_withheld=call.is_withheld,
        started_at=call.started_at,
        ended_at=call.ended_at,
        did=call.did or None,
        outcome=call.outcome or None,  # type: ignore[arg-type]
        queue=call.queue or None,
        caller_name=call.caller_name or None,
        dial_source=call.dial_source or None,  # type: ignore[arg-type]
    )


def _interactions(call: Call) -> tuple[InteractionFacts, ...]:
    matches = [Candidate.from_json(one) for one in call.candidates]
    kept = Interaction.objects.filter(call_id=call.pk).select_related("membership__user")
    return tuple(
        InteractionFacts(
            leg_key=one.leg_key,
            happened_at=one.happened_at,
            by=str(one.membership or "A former member"),
            record=_as_known(Candidate.from_json(one.record), matches) if one.record else None,
            kind=one.kind,  # type: ignore[arg-type]
        )
        for one in kept
    )


def _as_known(record: Candidate, matches: Sequence[Candidate]) -> Candidate:
    """The record as the search found it, where somebody had only its id."""
    same = (one for one in matches if one.record_id[:15] == record.record_id[:15])
    return record if record.name else next(same, record)


def _earlier_facts(call: Call) -> Mapping[str, Any]:
    """The facts of the last plan; empty before the first. Some of them are pinned: what an admin
    changes later holds for later calls, as RULES C1 pins the options."""
    runs = PlanRun.objects.filter(subject_kind=SUBJECT_KIND, subject_id=call.pk)
    return runs.order_by("-id").values_list("facts", flat=True).first() or {}


def _tracked_number(call: Call, earlier: Mapping[str, Any]) -> TrackedNumberFacts | None:
    """What the company's number that was called stood for when the call was first planned."""
    e164 = parse_phone(call.did, call.workspace.default_region).e164
    pinned = earlier.get("tracked_number")
    if pinned and pinned["e164"] == e164:
        return from_json_object(TrackedNumberFacts, pinned)
    number = TrackedNumber.objects.filter(phone_e164=e164).first() if e164 else None
    if number is None:
        return None
    return TrackedNumberFacts(
        number.phone_e164, number.label, number.campaign_id, number.campaign_name
    )


def _withheld_calls(
    earlier: Mapping[str, Any], membership_ids: Collection[int]
) -> Mapping[int, WithheldBy]:
    """Who keeps calls of which member out of Salesforce, as it was when the call was first planned:
    a record that stands is never touched."""
    members = [leg["member"] for leg in earlier.get("legs", ()) if leg.get("member")]
    pinned = {one["membership_id"]: one.get("calls_withheld_by") for one in members}
    new = recordings_of(set(membership_ids) - set(pinned))
    return pinned | {key: one.withheld_by(ActivityKind.CALL) for key, one in new.items()}


def _leg_facts(
    call: Call,
    leg: CallLeg,
    withheld: Mapping[int, WithheldBy],
    searched: Mapping[str, frozenset[str]],
) -> LegFacts:
    return LegFacts(
        leg_key=leg.leg_key,
        direction=leg.direction,  # type: ignore[arg-type]
        state=leg.state,  # type: ignore[arg-type]
        ring_started_at=leg.ring_started_at,
        answered_at=leg.answered_at,
        ended_at=leg.ended_at,
        held_seconds=leg.held_seconds,
        talk_seconds=leg.talk_seconds,
        is_internal=call.is_internal or leg.direction == Direction.INTERNAL,
        member=_member_facts(leg.membership, call.workspace, withheld) if leg.membership else None,
        extension=leg.extension or None,
        external_raw=leg.external_raw or call.external_raw,
        end_cause=leg.end_cause or None,
        transferred_to_leg_key=leg.transferred_to_leg_key or None,
        transferred_to_extension=leg.transferred_to_extension or None,
        transferred_from_leg_key=leg.transferred_from_leg_key or None,
        is_consult=leg.is_consult,
        had_panel=leg.had_panel,
        recording_url=leg.recording_url or None,
        voicemail_url=leg.voicemail_url or None,
        searched_objects=searched.get(leg.leg_key),
        note=leg.note,
        disposition=leg.disposition,
    )


def _member_facts(
    member: Membership, workspace: Workspace, withheld: Mapping[int, WithheldBy]
) -> MemberFacts:
    linked = bool(member.salesforce_user_id and member.salesforce_time_zone)
    return MemberFacts(
        membership_id=member.pk,
        name=str(member),
        salesforce_user_id=member.salesforce_user_id or None,
        time_zone=member.salesforce_time_zone
        if linked
        else member.time_zone or workspace.time_zone,
        is_salesforce_zone=linked,
        extension=member.extension,
        calls_withheld_by=withheld[member.pk],
    )
