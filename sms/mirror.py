"""Keeping opt-outs and the checkboxes of people in Salesforce in step (RULES D2, PLUS-10).

What is seen there is judged once, with its proof as an event of the number; what should stand there
goes through the outbox. Our own `OptOut` decides about every text in any case, so a Salesforce that
is away or refuses a write never lets one through.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from integrations.errors import CredentialsRejected, OutcomeUnknown, RetryLater
from integrations.models import Connection, CrmWrite, WriteState
from integrations.outbox import Subject
from integrations.plan_runs import keep_plan, postpone_plan, settle_postponed
from integrations.salesforce.client import SalesforceClient
from sms import consent
from sms.flag_rules import (
    PLANNER_VERSION,
    FlagFacts,
    KnownFlag,
    RecordFacts,
    Verdict,
    judge,
    others_flagged,
    plan_flag_writes,
)
from sms.models import OptOut, OptOutEvent, OptOutMirror, RecordFlag
from sms.opt_out_field import FlagField
from sms.record_flags import FlaggedRecord, read_number

log = structlog.get_logger()

SUBJECT_KIND = "opt_out"
FEATURE = "opt-outs"
_SALESFORCE = OptOutEvent.Source.SALESFORCE
#: Salesforce that does not answer is asked again after this.
_ASK_AGAIN = timedelta(minutes=5)


def find_mirror() -> OptOutMirror | None:
    """How the connected org marks opt-outs, in the workspace in scope; None where it does not."""
    connection = Connection.objects.find_sync_user()
    if connection is None or not connection.org_id:
        return None
    mirror = OptOutMirror.objects.filter(org_id=connection.org_id).exclude(fields={}).first()
    if mirror is not None:
        mirror.connection = connection
    return mirror


def fields_of(mirror: OptOutMirror) -> dict[str, FlagField]:
    """The checkbox of each object that has one."""
    return {name: FlagField.from_json(data) for name, data in mirror.fields.items()}


def look_up(
    mirror: OptOutMirror,
    phone_e164: str,
    *,
    and_record: FlaggedRecord | None = None,
    deadline_seconds: float | None = None,
) -> None:
    """Ask Salesforce how every record with a number stands now, and do what D2 says about it.

    ``and_record`` is one that was just read and that a search may not show yet. Raises what the
    client raises; nothing has changed then.
    """
    began_at = timezone.now()
    everyone = _read(mirror, phone_e164, deadline_seconds)
    if and_record and and_record.record_id not in {one.record_id for one in everyone}:
        everyone.append(and_record)
    with transaction.atomic():
        _heed(mirror, phone_e164, everyone, began_at)


def mirror_opt_out(opt_out_id: int) -> bool:
    """Bring the records with one due number in step; False when it was not due (any more)."""
    row = OptOut.objects.filter(pk=opt_out_id, plan_due_at__isnull=False).first()
    if row is None:
        return False
    this_time = OptOut.objects.filter(pk=opt_out_id, plan_due_at=row.plan_due_at)
    mirror = find_mirror()
    if mirror is None:
        this_time.update(plan_due_at=None)  # all are due once a checkbox is found
        return False
    began_at = timezone.now()
    try:
        records = _read(mirror, row.phone_e164)
    except (RetryLater, OutcomeUnknown, CredentialsRejected) as error:
        log.info("opt_out_not_mirrored", opt_out=row.pk, code=error.code)
        this_time.update(plan_due_at=timezone.now() + _ASK_AGAIN)
        return False
    with transaction.atomic():
        if not this_time.update(plan_due_at=None):
            return False
        _heed(mirror, row.phone_e164, records, began_at)
        _plan(mirror, OptOut.objects.get(pk=opt_out_id), records)
        settle_postponed(row.workspace_id, SUBJECT_KIND, opt_out_id)
    return True


def postpone(opt_out_id: int, error: Exception) -> None:
    """Keep a number due whose checkboxes could not be planned, and tell the admins."""
    row = OptOut.objects.get(pk=opt_out_id)
    postpone_plan(row, SUBJECT_KIND, error, service=Connection.Kind.SALESFORCE)


def heed_changes(
    mirror: OptOutMirror, records: Collection[FlaggedRecord], began_at: datetime
) -> None:
    """Do what D2 says about records that changed, each for all of its numbers.

    Where a mark was taken off, Salesforce is asked for the others with the number first. Raises
    what the client raises; what was done until then is done, and again is harmless.
    """
    known = _known_flags(mirror, records, began_at)
    for record in records:
        for number in record.numbers:
            before = known.get((record.record_id, number))
            if not record.is_flagged and before is None:
                continue  # nobody whom this concerns
            if judge(record, before, _our_users(mirror)) is Verdict.TAKEN_OFF:
                look_up(mirror, number, and_record=record)
            elif before is None or before.stamp != record.stamp:
                with transaction.atomic():
                    _heed(mirror, number, [record], began_at)


def _read(
    mirror: OptOutMirror, phone_e164: str, deadline_seconds: float | None = None
) -> list[FlaggedRecord]:
    client = SalesforceClient(mirror.connection, feature=FEATURE, deadline_seconds=deadline_seconds)
    region = mirror.connection.workspace.default_region
    found = read_number(client, fields_of(mirror), phone_e164, region)
    # The search speaks more countries' notations than a record of another country does.
    return [record for record in found if phone_e164 in record.numbers]


def _our_users(mirror: OptOutMirror) -> set[str]:
    return {mirror.connection.salesforce_user_id}


def _heed(
    mirror: OptOutMirror,
    phone_e164: str,
    everyone: Collection[FlaggedRecord],
    began_at: datetime,
) -> None:
    """Judge these records for one number, and keep what was seen."""
    known = _known_flags(mirror, everyone, began_at)
    for record in everyone:
        before = known.get((record.record_id, phone_e164))
        verdict = judge(record, before, _our_users(mirror))
        left = False
        if verdict is Verdict.OPTS_OUT:
            consent.opt_out(phone_e164, _SALESFORCE, evidence=_proof(record))
        elif verdict is Verdict.TAKEN_OFF:
            left = not _opt_in(record, phone_e164, everyone)
        if record.is_flagged or before is not None:
            _keep(mirror, record, phone_e164, began_at, left=left)


def _opt_in(record: FlaggedRecord, phone_e164: str, everyone: Iterable[FlaggedRecord]) -> bool:
    """A mark was taken off: opt in, unless another record says otherwise. Whether it could be."""
    others = others_flagged(record, phone_e164, everyone)
    proof = _proof(record)
    if others:
        proof["still_set_on"] = [_short(other) for other in others]
        consent.note_flag(phone_e164, proof)
        return False
    consent.opt_in(phone_e164, _SALESFORCE, evidence=proof)
    return True


def _proof(record: FlaggedRecord) -> dict[str, Any]:
    return {
        **_short(record),
        "flag": record.is_flagged,
        "editor": record.editor_name or record.editor_id,
        "edited_at": record.stamp.isoformat(),
    }


def _short(record: FlaggedRecord) -> dict[str, str]:
    return {"sobject": record.sobject, "record_id": record.record_id, "name": record.name}


def _keep(
    mirror: OptOutMirror, record: FlaggedRecord, phone_e164: str, seen_at: datetime, *, left: bool
) -> None:
    flag, is_new = RecordFlag.objects.get_or_create(
        workspace_id=mirror.workspace_id,
        org_id=mirror.org_id,
        record_id=record.record_id,
        phone_e164=phone_e164,
        defaults=_seen(record, seen_at) | {"left_at": seen_at if left else None},
    )
    if is_new or record.stamp < flag.stamp:
        return
    changes = _seen(record, seen_at)
    if record.is_flagged or left:
        changes["left_at"] = seen_at if left else None
    RecordFlag.objects.filter(pk=flag.pk).update(**changes)


def _seen(record: FlaggedRecord, seen_at: datetime) -> dict[str, Any]:
    return {
        "sobject": record.sobject,
        "is_flagged": record.is_flagged,
        "stamp": record.stamp,
        "seen_at": seen_at,
    }


def _known_flags(
    mirror: OptOutMirror, records: Collection[FlaggedRecord], began_at: datetime
) -> Mapping[tuple[str, str], KnownFlag]:
    """What is known of these records by record and number: as seen last, or as written since.

    A write that ended after Salesforce was asked says nothing about its answer.
    """
    ids = [record.record_id for record in records]
    rows = {
        (row.record_id, row.phone_e164): row
        for row in RecordFlag.objects.filter(org_id=mirror.org_id, record_id__in=ids)
    }
    written = _written(mirror, records, began_at)
    known = {}
    for record in records:
        for number in record.numbers:
            key = (record.record_id, number)
            row, write = rows.get(key), written.get(record.record_id)
            if write and write.done_at and (row is None or write.done_at > row.seen_at):
                known[key] = KnownFlag(is_flagged=any(write.fields.values()))
            elif row is not None:
                known[key] = KnownFlag(row.is_flagged, row.stamp)
    return known


def _written(
    mirror: OptOutMirror, records: Iterable[FlaggedRecord], began_at: datetime
) -> dict[str, CrmWrite]:
    """The last change that we made to each record, by its id."""
    numbers = {number for record in records for number in record.numbers}
    opt_outs = OptOut.objects.filter(phone_e164__in=numbers).values_list("pk", flat=True)
    done = CrmWrite.objects.filter(
        org_id=mirror.org_id,
        subject_kind=SUBJECT_KIND,
        subject_id__in=list(opt_outs),
        state=WriteState.DONE,
        done_at__lte=began_at,
    )
    return {write.salesforce_record_id: write for write in done.order_by("done_at", "pk")}


def _plan(mirror: OptOutMirror, row: OptOut, everyone: Iterable[FlaggedRecord]) -> None:
    fields = fields_of(mirror)
    left = set(
        RecordFlag.objects.filter(
            org_id=mirror.org_id, phone_e164=row.phone_e164, left_at__gte=row.since
        ).values_list("record_id", flat=True)
    )
    facts = FlagFacts(
        opt_out_id=row.pk,
        phone_e164=row.phone_e164,
        org_id=mirror.org_id,
        is_opted_out=row.is_active,
        since=row.since,
        records=tuple(
            RecordFacts(
                sobject=record.sobject,
                record_id=record.record_id,
                name=record.name,
                is_flagged=record.is_flagged,
                field=fields[record.sobject].name if fields[record.sobject].is_writable else "",
                was_left=record.record_id in left,
            )
            for record in everyone
        ),
    )
    keep_plan(
        plan_flag_writes(facts),
        facts.to_json(),
        subject=Subject(SUBJECT_KIND, row.pk, phone_e164=row.phone_e164),
        planner_version=PLANNER_VERSION,
        options_revision=0,
        connection=mirror.connection,
        workspace_id=row.workspace_id,
    )
