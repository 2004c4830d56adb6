"""The outbox: the only door to writes in Salesforce (DESIGN 5, RULES C4).

``record_plan`` stores what a plan asks for in the transaction of the change that caused it, as a
difference to what is already stored: new, replaced while waiting, an update once done, cancelled
when it vanished while waiting. ``integrations.delivery`` carries it out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.campaigns import membership_keys, plan_membership
from integrations.frozen_json import to_json_object
from integrations.generations import payload_after
from integrations.models import Connection, CrmWrite, PlanRun, WriteState
from integrations.models.outbox import WAITING_STATES
from integrations.planning import NewLead, Plan, PlannedWrite
from integrations.queueing import enqueue
from integrations.wire_keys import wire_key
from integrations.writers import find_personal_writers


@dataclass(frozen=True)
class Subject:
    """What a plan is about, and what the activity log shows of it."""

    kind: str
    pk: int
    phone_e164: str = ""


def record_plan(
    plan: Plan, *, run: PlanRun, subject: Subject, connection: Connection
) -> list[CrmWrite]:
    """Store a plan's writes; call inside the transaction of the change that caused it.

    ``connection`` is the Sync User's; what belongs to a member with an own account that works is
    written through that (RULES C5). While a connection is broken its writes are held. Returns the
    rows that were added or changed.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("record_plan belongs into the transaction of its cause.")
    wanted = _wanted_keys(plan)
    _cancel_unwanted(subject, connection.org_id, wanted)
    recorder = _Recorder(run, subject, connection, plan)
    touched = [row for write in plan.writes if (row := recorder.record(write)) is not None]
    for connection_id in {row.connection_id for row in touched if row.connection_id is not None}:
        wake(connection_id)
    return touched


def wake(connection_id: int) -> None:
    """Ask for a delivery of this connection's writes once the current transaction commits."""
    enqueue("crm", "integrations.jobs.deliver_crm_writes", connection_id)


def _wanted_keys(plan: Plan) -> set[str]:
    return {write.target_key for write in plan.writes} | membership_keys(plan.writes)


def _cancel_unwanted(subject: Subject, org_id: str, wanted: set[str]) -> None:
    """Drop what the plan no longer asks for and nothing of which can be at Salesforce.

    A record that was about to be taken over is its old key's again.
    """
    unwanted = (
        CrmWrite.objects.of_subject(subject.kind, subject.pk)
        .filter(org_id=org_id, state__in=WAITING_STATES)
        .exclude(target_key__in=wanted)
        .select_related("depends_on")
    )
    for row in unwanted:
        CrmWrite.objects.filter(pk=row.pk, state__in=WAITING_STATES).update(
            state=WriteState.CANCELLED, held_reason="The plan no longer asks for it."
        )
        if row.takes_over and row.depends_on is not None:
            CrmWrite.objects.filter(org_id=org_id, target_key=row.depends_on.target_key).update(
                is_taken_over=False
            )


class _Recorder:
    """Compares one plan with the generations already stored for its subject."""

    def __init__(self, run: PlanRun, subject: Subject, connection: Connection, plan: Plan) -> None:
        self.run = run
        self.subject = subject
        self.sync_user = connection
        self.accounts = find_personal_writers(
            connection, {write.owner_membership_id for write in plan.writes}
        )
        wanted = _wanted_keys(plan)
        self.org_id = connection.org_id
        self.workspace_id = run.workspace_id
        generations = CrmWrite.objects.of_subject(subject.kind, subject.pk).filter(
            org_id=self.org_id
        )
        #: The newest generation of each key that counts, and the last number that was given.
        self.newest: dict[str, CrmWrite] = {}
        self.last_number: dict[str, int] = {}
        for row in generations.order_by("generation"):
            self.last_number[row.target_key] = row.generation
            if row.state != WriteState.CANCELLED and not row.is_taken_over:
                self.newest[row.target_key] = row
        self.vanished = [row for key, row in self.newest.items() if key not in wanted]

    def record(self, write: PlannedWrite) -> CrmWrite | None:
        newest = self.newest.get(write.target_key)
        if newest is not None:
            self._set_campaign(newest, write)
        if newest is None:
            after = None if write.record_id else self._take_over(write.sobject)
            return self._insert(write, after=after)
        if newest.state in WAITING_STATES and self._replace(newest, write):
            return newest
        # Others change their own records: that we wrote the same before does not say it stands.
        is_lost = bool(write.record_id) and newest.state == WriteState.DONE
        if newest.fields == dict(write.fields) and not is_lost:
            return None
        return self._insert(write, after=newest)

    def _set_campaign(self, newest: CrmWrite, write: PlannedWrite) -> None:
        """Late news may name another campaign of a record that is waiting, in flight or done."""
        campaign = _campaign_column(write)
        if newest.campaign != campaign:
            CrmWrite.objects.filter(pk=newest.pk).update(campaign=campaign)
            plan_membership(newest)

    def _take_over(self, sobject: str) -> CrmWrite | None:
        """A record that the plan no longer asks for, to be made into a new one.

        So late news (the call was answered after all, elsewhere) changes the record that stands
        at Salesforce instead of leaving it there beside a second one.
        """
        for row in self.vanished:
            if row.sobject == sobject and row.state not in WAITING_STATES:
                self.vanished.remove(row)
                CrmWrite.objects.filter(target_key=row.target_key, org_id=self.org_id).update(
                    is_taken_over=True
                )
                return row
        return None

    def _insert(self, write: PlannedWrite, *, after: CrmWrite | None) -> CrmWrite:
        fields = dict(write.fields)
        operation = CrmWrite.Operation
        writer = self._writer_of(write)
        held = not writer.is_usable
        generation = self.last_number.get(write.target_key, 0) + 1
        return CrmWrite.objects.create(
            workspace_id=self.workspace_id,
            connection=writer,
            org_id=self.org_id,
            plan_run=self.run,
            subject_kind=self.subject.kind,
            subject_id=self.subject.pk,
            owner_id=write.owner_membership_id,
            label=write.subject_label[:255],
            activity=write.activity,
            phone_e164=self.subject.phone_e164,
            feature=write.feature,
            target_key=write.target_key,
            generation=generation,
            wire_key=after.wire_key
            if after
            else wire_key(self.workspace_id, write.target_key, generation),
            operation=operation.UPDATE if after or write.record_id else operation.CREATE,
            sobject=write.sobject,
            fields=fields,
            payload=payload_after(fields, None if write.record_id else after),
            **_lead_columns(None if after else write.new_lead),
            campaign=_campaign_column(write),
            parent_key=write.parent_key or "",
            depends_on=after,
            salesforce_record_id=after.salesforce_record_id if after else write.record_id,
            state=WriteState.HELD if held else WriteState.PLANNED,
            held_reason=writer.state_reason[:200] if held else "",
        )

    def _writer_of(self, write: PlannedWrite) -> Connection:
        if write.new_lead is not None:
            # Whether there is such a Lead already must be seen by who sees them all (K-10, C3).
            return self.sync_user
        return self.accounts.get(write.owner_membership_id or 0, self.sync_user)

    def _replace(self, row: CrmWrite, write: PlannedWrite) -> bool:
        """Give a waiting row the new fields; False when it left the waiting states meanwhile."""
        fields = dict(write.fields)
        if row.fields == fields and (row.new_lead is None) == (write.new_lead is None):
            return True
        payload = payload_after(fields, None if write.record_id else row.depends_on)
        if not payload and not row.takes_over:
            return self._cancel(row)
        changes: dict[str, Any] = {
            "fields": fields,
            "payload": payload,
            "plan_run": self.run,
            "label": write.subject_label[:255],
            "parent_key": write.parent_key or "",
            **_lead_columns(None if row.depends_on else write.new_lead),
        }
        if row.first_sent_at is None and row.owner_id != write.owner_membership_id:
            changes |= self._change_owner(row, write)
        if row.state == WriteState.NEEDS_ATTENTION:
            # The facts changed: what was refused before may be accepted now.
            changes |= {"state": WriteState.PLANNED, "next_attempt_at": timezone.now()}
        waiting = CrmWrite.objects.filter(pk=row.pk, state__in=WAITING_STATES)
        if not waiting.update(**changes):
            row.refresh_from_db()
            return False
        return True

    def _change_owner(self, row: CrmWrite, write: PlannedWrite) -> dict[str, Any]:
        """What was never attempted is written through the new owner's account, if there is one."""
        writer = self._writer_of(write)
        changes: dict[str, Any] = {"owner_id": write.owner_membership_id, "connection": writer}
        if row.state == WriteState.HELD and writer.is_usable:
            changes |= {"state": WriteState.PLANNED, "held_reason": ""}
        return changes

    def _cancel(self, row: CrmWrite) -> bool:
        """The facts went back to what already stands at Salesforce."""
        return bool(
            CrmWrite.objects.filter(pk=row.pk, state__in=WAITING_STATES).update(
                state=WriteState.CANCELLED, held_reason="Nothing is left to change."
            )
        )


def _campaign_column(write: PlannedWrite) -> dict[str, Any] | None:
    return None if write.campaign is None else to_json_object(write.campaign)


def _lead_columns(lead: NewLead | None) -> dict[str, Any]:
    """A Lead goes along with a Task that is new: only that brings both back (RULES C3)."""
    if lead is None:
        return {"new_lead": None, "lead_key": ""}
    return {"new_lead": to_json_object(lead), "lead_key": lead.phone_e164}


def retry(writes: Iterable[CrmWrite]) -> int:
    """Try writes of the workspace in scope again that need attention; returns how many."""
    retried = 0
    with transaction.atomic():
        for write in writes:
            changed = CrmWrite.objects.filter(
                pk=write.pk, state__in=(WriteState.NEEDS_ATTENTION, WriteState.RETRYING)
            ).update(state=WriteState.PLANNED, attempts=0, next_attempt_at=timezone.now())
            if changed and write.connection_id is not None:
                retried += 1
                wake(write.connection_id)
    return retried
