"""Settling unknown outcomes: nothing is created again before Salesforce was asked (RULES C2).

A write whose answer was lost is asked for at once and again, each time after half its age, until
``UNKNOWN_OUTCOME_WAIT_SECONDS`` have passed since it was sent: Salesforce ends any request after
ten minutes, so what is not there then will never come. Only then is it created again, and asked for
once more later, to see a second record if there ever is one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from integrations.claims import by_now
from integrations.delivery import record_id_of
from integrations.error_classes import error_columns
from integrations.errors import (
    CredentialsRejected,
    NeedsAttention,
    OutcomeUnknown,
    Refused,
    RetryLater,
)
from integrations.generations import return_to_waiting
from integrations.models import Connection, CrmWrite, WriteState
from integrations.notices import open_notice, resolve_notices
from integrations.results import after_done, done_changes, warn_if_written_twice
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.soql import in_list

#: Keys in one query: well inside the length of a request line (salesforce.md 3.1).
_KEYS_PER_QUERY = 100
#: How far our clock and Salesforce's may differ.
_CLOCK_SKEW = timedelta(hours=1)
_SHORTEST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(minutes=2)
_REFUSED_PAUSE = timedelta(minutes=10)
#: Nothing is wrong with the question; without credentials it waits for the reconnect.
_ASK_LATER = (RetryLater, OutcomeUnknown, CredentialsRejected)


def settle_batch(connection: Connection) -> int:
    """Ask for the due unknown writes of one connection; returns how many were asked for.

    A broken connection cannot ask: its unknown writes wait until it is mended.
    """
    connection.refresh_from_db()
    if not connection.is_usable:
        return 0
    unknown = list(
        CrmWrite.unscoped.filter(
            connection=connection, state=WriteState.UNKNOWN, next_attempt_at__lte=by_now()
        ).order_by("next_attempt_at", "id")[:_KEYS_PER_QUERY]
    )
    if unknown:
        _settle(connection, unknown)
    suspects = list(
        CrmWrite.unscoped.filter(connection=connection, verify_at__lte=by_now()).order_by(
            "verify_at"
        )[:_KEYS_PER_QUERY]
    )
    if suspects:
        _verify(connection, suspects)
    return len(unknown) + len(suspects)


def has_due(connection_id: int) -> bool:
    """Whether something of this connection should be asked for now."""
    return (
        CrmWrite.unscoped.filter(
            connection_id=connection_id, state=WriteState.UNKNOWN, next_attempt_at__lte=by_now()
        ).exists()
        or CrmWrite.unscoped.filter(connection_id=connection_id, verify_at__lte=by_now()).exists()
    )


def _settle(connection: Connection, writes: Sequence[CrmWrite]) -> None:
    asked_at = timezone.now()
    try:
        found = _find(connection, writes)
    except _ASK_LATER:
        _ask_again(writes, asked_at)
        return
    except (NeedsAttention, Refused) as error:
        _ask_a_person(connection, writes, error)
        return
    resolve_notices(connection.workspace_id, **_unsettled(connection))
    for write in writes:
        _settle_one(connection, write, found[write.pk], asked_at)


def _ask_a_person(
    connection: Connection, writes: Sequence[CrmWrite], error: NeedsAttention | Refused
) -> None:
    """The connection may not see what it wrote. The writes stay unknown: sending them again could
    make second records, so they are asked for again, seldom, until somebody has mended that."""
    CrmWrite.unscoped.filter(
        pk__in=[write.pk for write in writes], state=WriteState.UNKNOWN
    ).update(
        next_attempt_at=timezone.now() + _REFUSED_PAUSE,
        **error_columns(
            error.code, f"The answer was lost, and asking for the record failed: {error}"
        ),
    )
    open_notice(
        connection.workspace_id,
        **_unsettled(connection),
        title="Salesforce does not let Patchbay see what it wrote",
        body=f"Answers to some records were lost, and asking for them was refused: {error} "
        "Patchbay asks again every ten minutes and writes nothing twice. Let the connected "
        "Salesforce user read all Tasks and their field CallObject.",
    )


def _unsettled(connection: Connection) -> dict[str, str]:
    return {"kind": "outcome_unsettled", "subject_key": f"connection:{connection.pk}"}


def _settle_one(
    connection: Connection, write: CrmWrite, records: Sequence[Record], asked_at: datetime
) -> None:
    expected = {"state": WriteState.UNKNOWN, "attempts": write.attempts}
    if _carried_out(write, records):
        record_ids = [str(record["Id"]) for record in records]
        settled = CrmWrite.unscoped.filter(pk=write.pk, **expected)
        if settled.update(**done_changes(record_ids[0])):
            warn_if_written_twice(write, set(record_ids))
            after_done(write)
    elif asked_at >= _sure_at(write) and write.sent_as != connection.salesforce_user_id:
        _leave_to_a_person(write, expected)
    elif asked_at >= _sure_at(write):
        return_to_waiting(
            write,
            expected=expected,
            state=WriteState.RETRYING,
            next_attempt_at=asked_at,
            verify_at=asked_at + _wait(),
        )
    else:
        _ask_again([write], asked_at)


def _leave_to_a_person(write: CrmWrite, expected: Mapping[str, Any]) -> None:
    """The user who sent it is connected no more, and another one may not see what they wrote: that
    nothing is found proves nothing, so nobody but a person may have it written again."""
    return_to_waiting(
        write,
        expected=expected,
        state=WriteState.NEEDS_ATTENTION,
        **error_columns(
            "SENDER_DISCONNECTED",
            "The answer was lost, the account that sent it is disconnected, and the user who is "
            "connected now sees no such record.",
        ),
    )


def _carried_out(write: CrmWrite, records: Sequence[Record]) -> bool:
    """Whether what was sent stands at Salesforce: the record, or its changed fields."""
    if not records:
        return False
    if write.operation == CrmWrite.Operation.CREATE:
        return True
    return all(records[0].get(name) == value for name, value in write.payload.items())


def _ask_again(writes: Iterable[CrmWrite], now: datetime) -> None:
    for write in writes:
        sure_at = _sure_at(write)
        pause = min(max((now - (sure_at - _wait())) / 2, _SHORTEST_PAUSE), _LONGEST_PAUSE)
        next_ask = now + pause
        if now < sure_at < next_ask:
            next_ask = sure_at
        CrmWrite.unscoped.filter(pk=write.pk, state=WriteState.UNKNOWN).update(
            next_attempt_at=next_ask
        )


def _wait() -> timedelta:
    return timedelta(seconds=settings.UNKNOWN_OUTCOME_WAIT_SECONDS)


def _sure_at(write: CrmWrite) -> datetime:
    """From when on a record that is not there will never come."""
    return (write.last_sent_at or write.created_at) + _wait()


def _verify(connection: Connection, writes: Sequence[CrmWrite]) -> None:
    try:
        found = _find(connection, writes)
    except _ASK_LATER:
        later = timezone.now() + _LONGEST_PAUSE
        CrmWrite.unscoped.filter(pk__in=[write.pk for write in writes]).update(verify_at=later)
        return
    except (NeedsAttention, Refused):
        found = {}
    for write in writes:
        warn_if_written_twice(write, {str(record["Id"]) for record in found.get(write.pk, [])})
    CrmWrite.unscoped.filter(pk__in=[write.pk for write in writes]).update(verify_at=None)


def _find(connection: Connection, writes: Sequence[CrmWrite]) -> dict[int, list[Record]]:
    """The records at Salesforce by the primary key of their write."""
    client = SalesforceClient(connection, feature="unknown outcomes")
    found: dict[int, list[Record]] = {}
    for sobject in sorted({write.sobject for write in writes}):
        group = [write for write in writes if write.sobject == sobject]
        created = [write for write in group if write.operation == CrmWrite.Operation.CREATE]
        updated = [write for write in group if write.operation == CrmWrite.Operation.UPDATE]
        if created:
            records = client.query_all(_soql_by_key(sobject, created))
            for write in created:
                found[write.pk] = [one for one in records if one["CallObject"] == write.wire_key]
        if updated:
            records = client.query_all(_soql_by_id(sobject, updated))
            for write in updated:
                found[write.pk] = [one for one in records if one["Id"] == record_id_of(write)]
    return found


def _soql_by_key(sobject: str, writes: Sequence[CrmWrite]) -> str:
    """What we created, by whoever was the connected user then; bounded, so that it is selective."""
    since = min(write.first_sent_at or write.created_at for write in writes) - _CLOCK_SKEW
    return (
        f"SELECT Id, CallObject FROM {sobject}"  # noqa: S608 - SOQL; values are quoted
        f" WHERE CallObject IN {in_list([write.wire_key for write in writes])}"
        f" AND CreatedById IN {in_list(sorted({write.sent_as for write in writes}))}"
        f" AND CreatedDate >= {since:%Y-%m-%dT%H:%M:%SZ} ORDER BY CreatedDate, Id"
    )


def _soql_by_id(sobject: str, writes: Sequence[CrmWrite]) -> str:
    fields = {"Id"}.union(*(write.payload for write in writes))
    return (
        f"SELECT {', '.join(sorted(fields))} FROM {sobject}"  # noqa: S608 - SOQL of our own names
        f" WHERE Id IN {in_list([record_id_of(write) for write in writes])}"
    )


def mark_abandoned() -> int:
    """Give rows whose worker died their true state: claimed ones again, sent ones unknown."""
    expired = CrmWrite.unscoped.filter(lease_expires_at__lt=Now())
    returned = 0
    for write in expired.filter(state=WriteState.CLAIMED):
        returned += return_to_waiting(
            write,
            expected={"state": WriteState.CLAIMED, "claim_token": write.claim_token},
            state=WriteState.PLANNED,
        )
    return returned + expired.filter(state=WriteState.SENDING).update(
        state=WriteState.UNKNOWN,
        claim_token=None,
        lease_expires_at=None,
        next_attempt_at=timezone.now(),
    )
