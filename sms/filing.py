"""Filing a message: gather the facts once, plan, and record the plan, in one transaction."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.activity_kinds import ActivityKind
from integrations.claims import by_now
from integrations.lookups import request_lookup
from integrations.models import Connection, CrmWrite, Membership, PhoneLookup, WriteState
from integrations.options import Options, options_at
from integrations.outbox import Subject
from integrations.plan_runs import keep_plan, postpone_plan, settle_postponed
from integrations.recording import recordings_of
from integrations.salesforce.precedence import Candidate
from sms.elsewhere import is_recorded
from sms.facts import MemberFacts, MessageFacts, PlanFacts
from sms.models import CampaignRecipient, Message
from sms.plan import PLANNER_VERSION, member_status_key, plan_message_writes
from sms.statuses import MessageStatus

SUBJECT_KIND = "message"
#: A text from a stranger is filed after this time even if Salesforce has not said who it is.
LONGEST_WAIT = timedelta(seconds=30)
_LOOK_AGAIN = timedelta(seconds=2)


def file_message(message_id: int) -> bool:
    """Plan one due message of the workspace in scope; False when it was not due (any more)."""
    with transaction.atomic():
        due = Message.objects.filter(pk=message_id, plan_due_at__lte=by_now())
        if not due.update(plan_due_at=None):
            return False
        message = Message.objects.select_related("workspace", "membership__user").get(pk=message_id)
        if message.erased_at is not None:
            return False  # nothing more is written about a person who was erased (C8)
        options = options_at(message.options_revision)
        connection = Connection.objects.find_sync_user()
        candidates = _candidates(message, connection, options)
        if candidates is None and message.created_at > timezone.now() - LONGEST_WAIT:
            Message.objects.filter(pk=message_id).update(plan_due_at=timezone.now() + _LOOK_AGAIN)
            return False
        _plan_and_record(message, options, connection, candidates)
        settle_postponed(message.workspace_id, SUBJECT_KIND, message_id)
    return True


def postpone(message_id: int, error: Exception) -> None:
    """Keep a message whose planning failed, and tell the admins."""
    message = Message.objects.get(pk=message_id)
    postpone_plan(message, SUBJECT_KIND, error, service=Connection.Kind.SMS_GATEWAY)


def _plan_and_record(
    message: Message,
    options: Options,
    connection: Connection | None,
    candidates: tuple[Candidate, ...] | None,
) -> None:
    facts = gather_facts(message, options, connection, candidates)
    plan = plan_message_writes(facts, options.values)
    keep_plan(
        plan,
        facts.to_json(),
        subject=Subject(SUBJECT_KIND, message.pk, phone_e164=message.phone_e164),
        planner_version=PLANNER_VERSION,
        options_revision=options.number,
        connection=connection,
        workspace_id=message.workspace_id,
    )
    Message.objects.filter(pk=message.pk).update(needs_review=plan.needs_review)


def _candidates(
    message: Message, connection: Connection | None, options: Options
) -> tuple[Candidate, ...] | None:
    """The records with a stranger's number; None while Salesforce has still to say (B1, B8)."""
    if connection is None or not is_search_needed(message, connection, options):
        return ()
    lookup = request_lookup(connection, message.phone_e164, cache_minutes=options["cache_minutes"])
    if lookup.state == PhoneLookup.State.FAILED:
        return ()
    if lookup.state != PhoneLookup.State.ANSWERED:
        return None
    return tuple(Candidate.from_json(one) for one in lookup.candidates)


def is_search_needed(message: Message, connection: Connection, options: Options) -> bool:
    """Whether Salesforce is to be asked whose number a message has (RULES B1, B8)."""
    is_known = bool(message.person_record_id) or not message.phone_e164.startswith("+")
    return bool(not is_known and connection.org_id and options["activity_history"])


def gather_facts(
    message: Message,
    options: Options,
    connection: Connection | None,
    candidates: tuple[Candidate, ...] | None,
) -> PlanFacts:
    """Everything that the planner may read about a message (RULES C9)."""
    member = message.membership
    zone = (member.salesforce_time_zone or member.time_zone) if member else ""
    return PlanFacts(
        message=_message_facts(message),
        org_id=connection.org_id if connection else "",
        closed_status=(connection.closed_task_status if connection else "") or "Completed",
        member=_member_facts(member, message) if member else None,
        candidates=candidates,
        options=dict(options.values),
        options_revision=options.number,
        default_owner=options["default_owner"]
        or (connection.salesforce_user_id if connection else "")
        or None,
        time_zone=zone or message.workspace.time_zone,
        wants_elsewhere=message.origin == Message.Origin.ELSEWHERE and is_recorded(message),
    )


def _message_facts(message: Message) -> MessageFacts:
    return MessageFacts(
        message_id=message.pk,
        is_inbound=message.direction == Message.Direction.INBOUND,
        origin=message.origin,
        purpose=message.purpose,
        state=message.state,
        state_label=str(MessageStatus(message.state).label),
        was_handed_over=message.accepted_at is not None,
        phone_e164=message.phone_e164,
        our_number=message.our_number,
        text=message.text,
        created_at=message.created_at,
        reason=message.reason,
        attachment_count=message.attachment_count,
        person_sobject=message.person_sobject,
        person_record_id=message.person_record_id,
        person_name=message.person_name,
        campaign_record_id=message.campaign_record_id,
        campaign_name=message.campaign_name,
        is_reviewed=message.reviewed_at is not None,
        **_campaign_member(message),
    )


def _campaign_member(message: Message) -> dict[str, Any]:
    """Which campaign member the message was for, and whether its status was written (D4)."""
    if message.origin != Message.Origin.CAMPAIGN:
        return {}
    recipients = CampaignRecipient.objects.filter(message=message)
    written = CrmWrite.objects.filter(
        target_key=member_status_key(message.pk), state=WriteState.DONE
    )
    return {
        "campaign_member_id": recipients.values_list("member_id", flat=True).first() or "",
        "has_member_status": written.exists(),
    }


def _member_facts(member: Membership, message: Message) -> MemberFacts:
    inbound = message.direction == Message.Direction.INBOUND
    kind = ActivityKind.MESSAGE_RECEIVED if inbound else ActivityKind.MESSAGE_SENT
    return MemberFacts(
        membership_id=member.pk,
        name=str(member),
        salesforce_user_id=member.salesforce_user_id or None,
        withheld_by=recordings_of([member.pk])[member.pk].withheld_by(kind),
    )
