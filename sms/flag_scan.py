"""Reading the checkboxes of an org on and on, so that an opt-out made there is known here (D2).

Every four minutes each object is asked for what changed since: flags are at most five minutes old
while Salesforce answers. The place up to where it was read is stored page by page, so a scan goes
on where a worker died; it waits while the org is down to its reserve of requests.
"""

import uuid
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from integrations.api_budget import is_below_reserve
from integrations.claims import by_now, claim_batch, update_claimed
from integrations.errors import NeedsAttention, PatchbayError
from integrations.models import Connection
from integrations.options import active_options
from integrations.queueing import enqueue
from integrations.salesforce.client import SalesforceClient
from integrations.tenancy import WorkspaceQuerySet, workspace_scope
from sms.mirror import FEATURE, fields_of, heed_changes
from sms.models import OptOut, OptOutMirror
from sms.opt_out_field import find_flag_fields
from sms.record_flags import (
    PAGE,
    FlaggedRecord,
    Place,
    next_place,
    read_changes,
    read_stamp,
    write_stamp,
)

log = structlog.get_logger()

SCAN_EVERY = timedelta(minutes=4)
#: A new checkbox is found, and a lost one given up, within this time.
_FIND_EVERY = timedelta(hours=1)
_PAUSE_AT_RESERVE = timedelta(minutes=15)
_PAUSE_AFTER_FAILURE = timedelta(minutes=2)
_PAUSE_BETWEEN_STEPS = timedelta(seconds=5)
LEASE_SECONDS = 300
_PAGES_A_STEP = 5
#: A record that is saved now may show with the moment at which its saving began.
_OVERLAP = timedelta(minutes=2)


def mirror_of(connection: Connection) -> OptOutMirror:
    """The mirror of a Sync User's org, made when it is first asked for; in scope."""
    mirror, _ = OptOutMirror.objects.get_or_create(
        workspace_id=connection.workspace_id,
        org_id=connection.org_id,
        defaults={"connection": connection},
    )
    if mirror.connection_id != connection.pk:
        OptOutMirror.objects.filter(pk=mirror.pk).update(connection=connection)
    return mirror


def scan_flags(connection: Connection) -> bool:
    """Read on in the org of a Sync User if that is due, in scope; whether it was."""
    claim = claim_batch(
        _due().filter(connection=connection),
        to_state=OptOutMirror.State.CLAIMED,
        limit=1,
        lease_seconds=LEASE_SECONDS,
    )
    if not claim.rows:
        return False
    [mirror] = claim.rows
    mirror.connection = connection
    try:
        _scan(mirror, claim.token)
    except PatchbayError as error:
        log.warning("opt_out_scan_failed", connection=connection.pk, code=error.code)
        # A field that Salesforce does not know any more is looked for anew.
        lost = {"found_at": None} if isinstance(error, NeedsAttention) else {}
        _wait(mirror, claim.token, _PAUSE_AFTER_FAILURE, error.message, **lost)
    return True


def _scan(mirror: OptOutMirror, token: uuid.UUID) -> None:
    if is_below_reserve(mirror.connection):
        words = "The org's API requests are down to the reserve."
        _wait(mirror, token, _PAUSE_AT_RESERVE, words)
        return
    client = SalesforceClient(mirror.connection, feature=FEATURE)
    _find_fields(client, mirror, token)
    if not mirror.fields:
        _wait(mirror, token, _FIND_EVERY, "The org has no SMS opt-out checkbox.")
        return
    began_at = timezone.now()
    complete = all(_read_object(client, mirror, token, name) for name in mirror.fields)
    if complete:
        _wait(mirror, token, SCAN_EVERY, "", scanned_at=began_at)
    else:
        _wait(mirror, token, _PAUSE_BETWEEN_STEPS, "")


def _find_fields(client: SalesforceClient, mirror: OptOutMirror, token: uuid.UUID) -> None:
    """Look for the checkboxes again where that is due; new ones are read from the beginning."""
    wanted = str(active_options()["opt_out_field"])
    is_fresh = mirror.found_at and mirror.found_at > timezone.now() - _FIND_EVERY
    if is_fresh and mirror.wanted == wanted:
        return
    found = {name: one.to_json() for name, one in find_flag_fields(client, wanted).items()}
    before = mirror.fields
    changed = [name for name in found if _name(found, name) != _name(before, name)]
    places = {name: place for name, place in mirror.read_up_to.items() if name not in changed}
    update_claimed(
        mirror, token, fields=found, read_up_to=places, found_at=timezone.now(), wanted=wanted
    )
    if changed:
        # True is written to every record with an opted-out number.
        OptOut.objects.filter(is_active=True).update(plan_due_at=timezone.now())


def _name(fields: dict[str, dict[str, object]], sobject: str) -> object:
    return fields.get(sobject, {}).get("name")


def _read_object(
    client: SalesforceClient, mirror: OptOutMirror, token: uuid.UUID, sobject: str
) -> bool:
    """Read one object on; False where pages are left for the next step."""
    region = mirror.connection.workspace.default_region
    place = _begin(mirror.read_up_to.get(sobject))
    for _ in range(_PAGES_A_STEP):
        asked_at = timezone.now()
        page = read_changes(client, sobject, fields_of(mirror)[sobject], place, region)
        heed_changes(mirror, page, asked_at)
        _plan_newcomers(page)
        is_last = len(page) < PAGE
        place = _end(place, page) if is_last else next_place(place, page)
        places = mirror.read_up_to | {sobject: asdict(place)}
        if not update_claimed(mirror, token, read_up_to=places):
            return False
        if is_last:
            return True
    return False


def _begin(stored: dict[str, str] | None) -> Place:
    if stored is not None:
        return Place(**stored)
    return Place(began_at=write_stamp(timezone.now() - _OVERLAP))


def _end(place: Place, page: Collection[FlaggedRecord]) -> Place:
    """Where the next scan begins: a little before what was read last."""
    if place.began_at:
        return Place(stamp=place.began_at)
    newest = max([one.stamp for one in page], default=None)
    if newest is None:
        return place
    return Place(stamp=write_stamp(max(newest - _OVERLAP, read_stamp(place.stamp))))


def _plan_newcomers(page: Collection[FlaggedRecord]) -> None:
    """A record that came to hold an opted-out number gets its mark; it never re-enables (D2)."""
    numbers = {number for one in page if not one.is_flagged for number in one.numbers}
    OptOut.objects.filter(phone_e164__in=numbers, is_active=True, plan_due_at=None).update(
        plan_due_at=timezone.now()
    )


def _wait(
    mirror: OptOutMirror, token: uuid.UUID, pause: timedelta, words: str, **changes: object
) -> None:
    update_claimed(
        mirror,
        token,
        state=OptOutMirror.State.WAITING,
        claim_token=None,
        lease_expires_at=None,
        next_attempt_at=timezone.now() + pause,
        waits_for=words[:300],
        **changes,
    )


def is_fresh(mirror: OptOutMirror, now: datetime) -> bool:
    """Whether flags are new enough for a campaign: at most five minutes old (D2)."""
    return mirror.scanned_at is not None and now - mirror.scanned_at <= timedelta(minutes=5)


def _due() -> WorkspaceQuerySet[OptOutMirror]:
    return OptOutMirror.unscoped.filter(
        state=OptOutMirror.State.WAITING, next_attempt_at__lte=by_now()
    )


def wake_scans() -> None:
    """Have due scans done, for the tick."""
    for connection_id in (
        _due()
        .filter(connection__state=Connection.State.ACTIVE)
        .order_by()
        .values_list("connection_id", flat=True)[:200]
    ):
        enqueue("background", "sms.jobs.scan_opt_out_flags", connection_id)


def look_after_mirrors() -> int:
    """Give every org a mirror whose workspace sends texts, and take back what dead workers left."""
    gateways = Connection.unscoped.filter(
        workspace=OuterRef("workspace"), kind=Connection.Kind.SMS_GATEWAY
    ).exclude(state=Connection.State.ARCHIVED)
    mirrored = OptOutMirror.unscoped.filter(
        connection=OuterRef("pk"), workspace=OuterRef("workspace"), org_id=OuterRef("org_id")
    )
    lacking = Connection.unscoped.sync_users().filter(
        Exists(gateways), ~Exists(mirrored), state=Connection.State.ACTIVE
    )
    for connection in lacking.exclude(org_id="")[:50]:
        with workspace_scope(connection.workspace_id):
            mirror_of(connection)
    return OptOutMirror.unscoped.filter(
        state=OptOutMirror.State.CLAIMED, lease_expires_at__lt=Now()
    ).update(state=OptOutMirror.State.WAITING, claim_token=None, lease_expires_at=None)
