"""The match doctor: finds numbers in the org that can never match a call, and those on several
records, which make activities ambiguous (PLUS-12).

It reads the phone fields page by page, a few pages a minute and at most ``REQUESTS_A_DAY`` requests
a day, and waits while the org is down to its reserve. Each page is stored with the place up to
where it was read, so a run goes on where a worker died.
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.api_budget import ask_counter, is_below_reserve
from integrations.claims import by_now, claim_batch, update_claimed
from integrations.countries import find_region
from integrations.errors import NeedsAttention, OutcomeUnknown, PatchbayError, RetryLater
from integrations.models import CheckedPhone, Connection, PhoneCheckup
from integrations.phone_verdicts import judge
from integrations.queueing import enqueue
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.phone_pages import OBJECTS, PAGE, PhonePage, read_page

log = structlog.get_logger()

LEASE_SECONDS = 300
REQUESTS_A_DAY = 200
PAGES_A_STEP = 5
_PAUSE = timedelta(minutes=1)
_PAUSE_AT_RESERVE = timedelta(minutes=15)
_PAUSE_AFTER_FAILURE = timedelta(minutes=5)
_DELETED_AT_ONCE, _BATCHES_A_STEP = 1_000, 50
_NUMBERS_AT_ONCE = 500
#: What follows the last object.
_COUNTING, _CLEANING = "counting", "cleaning"
Problem = CheckedPhone.Problem


def find_checkup() -> PhoneCheckup | None:
    """The run of the workspace in scope; None before the first."""
    return PhoneCheckup.objects.first()


def request_checkup(connection: Connection) -> bool:
    """Start a run through the org of a Sync User; False while one is under way."""
    checkup, is_new = PhoneCheckup.objects.get_or_create(
        workspace_id=connection.workspace_id, defaults={"connection": connection}
    )
    ended = (PhoneCheckup.State.DONE, PhoneCheckup.State.FAILED)
    now = timezone.now()
    started = is_new or PhoneCheckup.objects.filter(pk=checkup.pk, state__in=ended).update(
        connection=connection,
        state=PhoneCheckup.State.WAITING,
        run=checkup.run + 1,
        sobject="",
        last_id="",
        records_read=0,
        requests=0,
        waits_for="",
        error="",
        requested_at=now,
        next_attempt_at=now,
    )
    if started:
        wake(connection.pk)
    return bool(started)


def wake(connection_id: int) -> None:
    """Ask a worker for the next pages once the current transaction commits."""
    enqueue("background", "integrations.jobs.examine_phones", connection_id)


def findings(problem: str = "") -> "QuerySet[CheckedPhone]":
    """What the last run that came to an end found, in the workspace in scope."""
    checkup = find_checkup()
    rows = CheckedPhone.objects.filter(run=checkup.done_run if checkup else 0).exclude(
        problem=Problem.NONE
    )
    return rows.filter(problem=problem) if problem else rows


def count_findings() -> dict[str, int]:
    """How many fields have each problem; one indexed query."""
    return dict(findings().order_by().values_list("problem").annotate(count=Count("pk")))


def take_step(connection: Connection) -> int:
    """Read the next pages of a connection's run if it is due; returns how many. Runs in scope."""
    claim = claim_batch(
        _due().filter(connection=connection),
        to_state=PhoneCheckup.State.CLAIMED,
        limit=1,
        lease_seconds=LEASE_SECONDS,
    )
    if not claim.rows:
        return 0
    [checkup] = claim.rows
    try:
        return _read_on(connection, checkup, claim.token)
    except (RetryLater, OutcomeUnknown) as error:
        _wait(checkup, claim.token, _PAUSE_AFTER_FAILURE, error.message)
    except PatchbayError as error:
        log.warning("phone_checkup_failed", connection=connection.pk, code=error.code)
        _end(checkup, claim.token, state=PhoneCheckup.State.FAILED, error=error.message[:300])
    return 0


def _read_on(connection: Connection, checkup: PhoneCheckup, token: uuid.UUID) -> int:
    if not connection.is_usable:
        raise NeedsAttention(_("Salesforce must be connected again."))
    for pages in range(PAGES_A_STEP):
        if checkup.sobject == _COUNTING:
            _mark_shared(checkup, token)
        if checkup.sobject == _CLEANING:
            _clean(checkup, token)
            return pages
        if reason := _why_wait(connection, checkup):
            _wait(checkup, token, _PAUSE_AT_RESERVE, reason)
            return pages
        client = SalesforceClient(connection, feature="match doctor")
        page = read_page(client, checkup.sobject or OBJECTS[0], checkup.last_id)
        if not _store(connection, checkup, token, page, client.requests):
            return pages
    _wait(checkup, token, _PAUSE, "")
    return PAGES_A_STEP


def _why_wait(connection: Connection, checkup: PhoneCheckup) -> str:
    if checkup.budget_day != timezone.now().date():
        checkup.budget_day, checkup.requests_of_day = timezone.now().date(), 0
    if checkup.requests_of_day >= REQUESTS_A_DAY:
        return _("It used its %(count)s requests of today and goes on tomorrow.") % {
            "count": REQUESTS_A_DAY
        }
    if is_below_reserve(connection):
        ask_counter(connection)  # nobody else may be asking
        if is_below_reserve(connection):
            return _("The org’s API requests are down to the reserve. It goes on when there is "
                     "room.")  # fmt: skip
    return ""


def _store(
    connection: Connection,
    checkup: PhoneCheckup,
    token: uuid.UUID,
    page: PhonePage,
    requests: int,
) -> bool:
    """Keep a page and the place after it, both or neither; False if the claim was lost."""
    following = {**dict(pairwise(OBJECTS)), OBJECTS[-1]: _COUNTING}
    sobject = checkup.sobject or OBJECTS[0]
    rows = list(_judge(connection, checkup, page))
    with transaction.atomic():
        owned = update_claimed(
            checkup,
            token,
            sobject=following[sobject] if page.is_last else sobject,
            last_id="" if page.is_last else page.last_id,
            records_read=checkup.records_read + len(page.records),
            requests=checkup.requests + requests,
            budget_day=checkup.budget_day,
            requests_of_day=checkup.requests_of_day + requests,
        )
        if owned:
            CheckedPhone.objects.bulk_create(rows, batch_size=PAGE, ignore_conflicts=True)
    return owned


def _judge(
    connection: Connection, checkup: PhoneCheckup, page: PhonePage
) -> Iterator[CheckedPhone]:
    for record in page.records:
        region = find_region(record.country) or connection.workspace.default_region
        for field, raw in record.phones.items():
            verdict, e164 = judge(raw, region)
            yield CheckedPhone(
                workspace_id=checkup.workspace_id,
                run=checkup.run,
                problem=verdict.value,
                sobject=page.sobject,
                record_id=record.record_id,
                record_name=record.name[:121],
                field=field,
                raw=raw[:120],
                phone_e164=e164,
            )


def _mark_shared(checkup: PhoneCheckup, token: uuid.UUID) -> None:
    """Name what stands on several records; from here on the pages show this run."""
    rows = CheckedPhone.objects.filter(run=checkup.run)
    shared = (
        rows.exclude(phone_e164="")
        .order_by()
        .values("phone_e164")
        .annotate(records=Count("record_id", distinct=True))
        .filter(records__gt=1)
    )
    numbers = list(shared.values_list("phone_e164", flat=True))
    for start in range(0, len(numbers), _NUMBERS_AT_ONCE):
        rows.filter(phone_e164__in=numbers[start : start + _NUMBERS_AT_ONCE]).update(
            problem=Problem.DUPLICATE
        )
    update_claimed(
        checkup, token, sobject=_CLEANING, done_run=checkup.run, finished_at=timezone.now()
    )


def _clean(checkup: PhoneCheckup, token: uuid.UUID) -> None:
    """Drop older runs and what is fine, at most a thousand rows a transaction (RULES C8)."""
    outdated = (
        CheckedPhone.objects.filter(run__lt=checkup.run),
        CheckedPhone.objects.filter(run=checkup.run, problem=Problem.NONE),
    )
    for rows in outdated:
        for _batch in range(_BATCHES_A_STEP):
            keys = list(rows.order_by("pk").values_list("pk", flat=True)[:_DELETED_AT_ONCE])
            if not keys:
                break
            CheckedPhone.objects.filter(pk__in=keys).delete()
        else:
            _wait(checkup, token, timedelta(0), "")
            return
    _end(checkup, token, state=PhoneCheckup.State.DONE, waits_for="")


def _wait(checkup: PhoneCheckup, token: uuid.UUID, pause: timedelta, reason: str) -> None:
    _end(
        checkup,
        token,
        state=PhoneCheckup.State.WAITING,
        next_attempt_at=timezone.now() + pause,
        waits_for=reason[:200],
    )


def _end(checkup: PhoneCheckup, token: uuid.UUID, **changes: Any) -> None:
    update_claimed(checkup, token, claim_token=None, lease_expires_at=None, **changes)


def _due() -> "QuerySet[PhoneCheckup]":
    return PhoneCheckup.unscoped.filter(
        state=PhoneCheckup.State.WAITING, next_attempt_at__lte=by_now()
    )


def connections_due() -> list[int]:
    """Connections whose run may go on, for the tick."""
    return list(_due().order_by().values_list("connection_id", flat=True)[:50])


def release_expired() -> int:
    """Give back what a dead worker left; a page that is read twice changes nothing."""
    return PhoneCheckup.unscoped.filter(
        state=PhoneCheckup.State.CLAIMED, lease_expires_at__lt=Now()
    ).update(state=PhoneCheckup.State.WAITING, claim_token=None, lease_expires_at=None)
