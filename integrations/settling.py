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
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from integrations.claims import by_now
from integrations.error_classes import error_columns
from integrations.errors import (
    CredentialsRejected,
    NeedsAttention,
    OutcomeUnknown,
    Refused,
    RetryLater,
)
from integrations.generations import return_to_waiting
from integrations.marks import UNIQUE_OBJECTS
from integrations.models import Connection, CrmWrite, WriteState
from integrations.notices import open_notice, resolve_notices
from integrations.results import after_done, done_changes, warn_if_written_twice
from integrations.salesforce.client import Record
from integrations.sightings import Sighting, see, was_carried_out

#: Keys in one query: well inside the length of a request line (salesforce.md 3.1).
_KEYS_PER_QUERY = 100
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
        seen = see(connection, writes)
    except _ASK_LATER:
        _ask_again(writes, asked_at)
        return
    except (NeedsAttention, Refused) as error:
        _ask_a_person(connection, writes, error)
        return
    resolve_notices(connection.workspace_id, **_unsettled(connection))
    for write in writes:
        _settle_one(connection, write, seen[write.pk], asked_at)


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
        "Salesforce user read all Tasks and Events, and the fields CallObject and Description.",
    )


def _unsettled(connection: Connection) -> dict[str, str]:
    return {"kind": "outcome_unsettled", "subject_key": f"connection:{connection.pk}"}


def _settle_one(
    connection: Connection, write: CrmWrite, sighting: Sighting, asked_at: datetime
) -> None:
    expected = {"state": WriteState.UNKNOWN, "attempts": write.attempts}
    if was_carried_out(write, sighting):
        record_ids = [str(record["Id"]) for record in sighting.records]
        settled = CrmWrite.unscoped.filter(pk=write.pk, **expected)
        with transaction.atomic():
            is_settled = settled.update(**done_changes(record_ids[0]))
            if is_settled:
                after_done(write)
        if is_settled:
            warn_if_written_twice(write, set(record_ids))
    elif asked_at < _sure_at(write):
        _ask_again([write], asked_at)
    elif write.sent_as != connection.salesforce_user_id:
        _leave_to_a_person(write, expected, *_SENDER_GONE)
    elif sighting.look_alikes:
        _leave_to_a_person(write, expected, *_looks_written(sighting.look_alikes))
    else:
        return_to_waiting(
            write,
            expected=expected,
            state=WriteState.RETRYING,
            next_attempt_at=asked_at,
            verify_at=asked_at + _wait(),
        )


#: Another user may not see what the sender wrote: that nothing is found proves nothing.
_SENDER_GONE = (
    "SENDER_DISCONNECTED",
    (
        "The answer was lost, the account that sent it is disconnected, and the user who is "
        "connected now sees no such record."
    ),
)


def _looks_written(look_alikes: Sequence[Record]) -> tuple[str, str]:
    """Code and text for a record that may be ours and has lost its mark (RULES C3)."""
    record_ids = ", ".join(str(record["Id"]) for record in look_alikes)
    return "LOOKS_WRITTEN", f"The answer was lost, and the org holds the like: {record_ids}."


def _leave_to_a_person(
    write: CrmWrite, expected: Mapping[str, Any], code: str, message: str
) -> None:
    """Whether it stands there cannot be known: only a person may have it written again."""
    return_to_waiting(
        write,
        expected=expected,
        state=WriteState.NEEDS_ATTENTION,
        **error_columns(code, message),
    )


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
        seen = see(connection, writes)
    except _ASK_LATER:
        later = timezone.now() + _LONGEST_PAUSE
        CrmWrite.unscoped.filter(pk__in=[write.pk for write in writes]).update(verify_at=later)
        return
    except (NeedsAttention, Refused):
        seen = {}
    for write in writes:
        records = seen.get(write.pk, Sighting()).records
        warn_if_written_twice(write, {str(record["Id"]) for record in records})
    CrmWrite.unscoped.filter(pk__in=[write.pk for write in writes]).update(verify_at=None)


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
    sent = expired.filter(state=WriteState.SENDING)
    free = {"claim_token": None, "lease_expires_at": None, "next_attempt_at": timezone.now()}
    returned += sent.filter(sobject__in=UNIQUE_OBJECTS).update(state=WriteState.RETRYING, **free)
    return returned + sent.update(state=WriteState.UNKNOWN, **free)
