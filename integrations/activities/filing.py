"""Taking on a reported activity, and filing it: match, plan, and record the plan.

Salesforce is asked for the person before the transaction that plans; meanwhile ``plan_due_at``,
moved forward, is the lease.
"""

import time
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from integrations.activities.facts import ActivityFacts, MemberFacts, PlanFacts
from integrations.activities.people import NotKnownYet, find_people
from integrations.activities.plan import PLANNER_VERSION, plan_activity_writes
from integrations.activities.relation import relate
from integrations.activity_kinds import ActivityKind
from integrations.claims import by_now
from integrations.models import Connection, Membership, PhoneLookup, ReportedActivity
from integrations.options import Options, active_options, options_at
from integrations.outbox import Subject
from integrations.plan_runs import keep_plan, plan_each, postpone_plan, settle_postponed
from integrations.queueing import enqueue
from integrations.recording import WithheldBy, recordings_of
from integrations.registry import ActivitySubject
from integrations.salesforce.precedence import Candidate
from integrations.tenancy import current_workspace_id

SUBJECT_KIND = "activity"
#: Longer than a search may take.
_LEASE = timedelta(minutes=2)
_TURN_SECONDS = 10.0


def take_on(activity: ReportedActivity) -> ReportedActivity:
    """Keep a new activity of the workspace in scope and have it planned after the commit."""
    activity.workspace_id = current_workspace_id()
    activity.options_revision = active_options().number
    activity.plan_due_at = timezone.now()
    activity.save(force_insert=True)
    wake()
    return activity


def wake() -> None:
    """Ask for what is due to be filed once the current transaction commits."""
    enqueue("lookups", "integrations.jobs.file_due_activities")


def wake_due() -> None:
    """The tick: wake a worker if anything is due."""
    if ReportedActivity.unscoped.filter(plan_due_at__lte=by_now()).exists():
        wake()


def on_lookup_answered(lookup: PhoneLookup) -> None:
    """Salesforce said whose number it is: what waited for that is planned now."""
    waiting = ReportedActivity.objects.filter(
        phone_e164=lookup.phone_e164, plan_due_at__isnull=False
    )
    if waiting.update(plan_due_at=timezone.now()):
        wake()


def file_due() -> None:
    """Plan the records of activities whose time has come, the oldest first, for a while: each may
    ask Salesforce, which may be slow, and the tick wakes a worker for the rest (RULES F4)."""
    stop_at = time.monotonic() + _TURN_SECONDS
    due = ReportedActivity.unscoped.filter(plan_due_at__lte=by_now())
    plan_each(due, lambda pk: time.monotonic() < stop_at and file_activity(pk), postpone)


def file_activity(activity_id: int) -> bool:
    """Plan one due activity of the workspace in scope; False when it was not due or has to wait."""
    lease = _take_lease(activity_id)
    if lease is None:
        return False
    activity = ReportedActivity.objects.select_related(
        "workspace", "membership__user", "reported_by"
    ).get(pk=activity_id)
    options = options_at(activity.options_revision)
    connection = Connection.objects.find_sync_user()
    withheld = _withheld(activity)
    candidates: tuple[Candidate, ...] = ()
    match_error = ""
    if connection and connection.org_id and options["activity_history"] and not withheld:
        try:
            candidates, match_error = find_people(activity, connection, options)
        except NotKnownYet as wait:
            _look_again(activity_id, lease, wait)
            return False
    facts = gather_facts(activity, options, connection, withheld, candidates, match_error)
    return _plan_and_record(activity, facts, connection, lease)


def _take_lease(activity_id: int) -> datetime | None:
    """Until when it is ours; None when it is not due (any more)."""
    until = timezone.now() + _LEASE
    due = ReportedActivity.objects.filter(pk=activity_id, plan_due_at__lte=by_now(), erased_at=None)
    return until if due.update(plan_due_at=until) else None


def _look_again(activity_id: int, lease: datetime, wait: NotKnownYet) -> None:
    ReportedActivity.objects.filter(pk=activity_id, plan_due_at=lease).update(
        plan_due_at=timezone.now() + wait.pause, waits_for=wait.reason[:300]
    )


def _plan_and_record(
    activity: ReportedActivity, facts: PlanFacts, connection: Connection | None, lease: datetime
) -> bool:
    plan = plan_activity_writes(facts, facts.options)
    with transaction.atomic():
        ours = ReportedActivity.objects.filter(pk=activity.pk, plan_due_at=lease)
        name = activity.person_name or relate(facts).name[:121]
        if not ours.update(plan_due_at=None, waits_for="", person_name=name):
            return False
        keep_plan(
            plan,
            facts.to_json(),
            subject=Subject(SUBJECT_KIND, activity.pk, phone_e164=activity.phone_e164),
            planner_version=PLANNER_VERSION,
            options_revision=facts.options_revision,
            connection=connection,
            workspace_id=activity.workspace_id,
        )
        settle_postponed(activity.workspace_id, SUBJECT_KIND, activity.pk)
    return True


def postpone(activity_id: int, error: Exception) -> None:
    """Keep an activity whose planning failed, and tell the admins."""
    activity = ReportedActivity.objects.get(pk=activity_id)
    postpone_plan(activity, SUBJECT_KIND, error, service=Connection.Kind.SALESFORCE)


def gather_facts(
    activity: ReportedActivity,
    options: Options,
    connection: Connection | None,
    withheld: WithheldBy,
    candidates: tuple[Candidate, ...],
    match_error: str,
) -> PlanFacts:
    """Everything that the planner may read about an activity (RULES C9)."""
    sync_user_id = (connection.salesforce_user_id if connection else "") or None
    return PlanFacts(
        activity=_activity_facts(activity),
        org_id=connection.org_id if connection else "",
        closed_status=(connection.closed_task_status if connection else "") or "Completed",
        member=_member_facts(activity.membership, activity, withheld),
        candidates=candidates,
        match_error=match_error,
        options=dict(options.values),
        options_revision=options.number,
        default_owner=options["default_owner"] or sync_user_id,
        sync_user_id=sync_user_id,
        time_zone=activity.workspace.time_zone,
    )


def _activity_facts(activity: ReportedActivity) -> ActivityFacts:
    return ActivityFacts(
        activity_id=activity.pk,
        kind=activity.kind,
        occurred_at=activity.occurred_at,
        subject=activity.subject,
        text=activity.text,
        link=activity.link,
        location=activity.location,
        starts_at=activity.starts_at,
        ends_at=activity.ends_at,
        person_name=activity.person_name,
        person_email=activity.person_email,
        phone_e164=activity.phone_e164,
        record_id=activity.record_id,
        related_to_id=activity.related_to_id,
        source=activity.reported_by.name if activity.reported_by else "",
    )


def _withheld(activity: ReportedActivity) -> WithheldBy:
    if activity.membership_id is None:
        return None
    recording = recordings_of([activity.membership_id])[activity.membership_id]
    return recording.withheld_by(ActivityKind(activity.kind))


def _member_facts(
    member: Membership | None, activity: ReportedActivity, withheld: WithheldBy
) -> MemberFacts | None:
    if member is None:
        return None
    return MemberFacts(
        membership_id=member.pk,
        name=str(member),
        salesforce_user_id=member.salesforce_user_id or None,
        time_zone=member.salesforce_time_zone or member.time_zone or activity.workspace.time_zone,
        withheld_by=withheld,
    )


def describe_activities_of_log(
    membership: Membership, activity_ids: Collection[int]
) -> Mapping[int, ActivitySubject]:
    """Whom each activity was with, for the activity log."""
    activities = ReportedActivity.objects.filter(pk__in=activity_ids).only(
        "pk", "person_name", "person_email", "phone_e164"
    )
    return {
        one.pk: ActivitySubject(person=one.person_name or one.person_email) for one in activities
    }
