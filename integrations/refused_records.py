"""Asking Salesforce about records because of which it refused ours (RULES C3, C6)."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import structlog

from integrations.errors import (
    CredentialsRejected,
    NeedsAttention,
    OutcomeUnknown,
    Refused,
    RetryLater,
)
from integrations.models import Connection, CrmWriteAttempt
from integrations.request_features import feature_of
from integrations.results import targets_of
from integrations.salesforce.answers import RecordResult
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.leads import find_duplicates
from integrations.salesforce.successors import find_successors

log = structlog.get_logger()
Answer = TypeVar("Answer")

#: It is asked while claimed rows wait: well inside what is left of their lease.
_SHORT_DEADLINE_SECONDS = 10.0


def ask_for_successors(
    connection: Connection, orphans: Sequence[tuple[CrmWriteAttempt, RecordResult]]
) -> Mapping[str, str] | None:
    """What took the place of records that are gone; None where Salesforce cannot say that now."""
    gone = set().union(*(targets_of(attempt.write, result) for attempt, result in orphans))
    none: Mapping[str, str] = {}
    feature = feature_of(attempt.write for attempt, _result in orphans)
    return _ask(connection, feature, lambda client: find_successors(client, gone), or_else=none)


def ask_for_duplicates(
    connection: Connection, attempt: CrmWriteAttempt, refusal: RecordResult
) -> tuple[str, ...] | None:
    """Who of those that a duplicate rule named holds the number of the Lead that it refused; None
    where Salesforce cannot say that now."""
    lead = attempt.write.new_lead or {}
    none: tuple[str, ...] = ()
    return _ask(
        connection,
        feature_of([attempt.write]),
        lambda client: find_duplicates(client, refusal.similar, lead),
        or_else=none,
    )


def _ask(
    connection: Connection,
    feature: str,
    question: Callable[[SalesforceClient], Answer],
    *,
    or_else: Answer,
) -> Answer | None:
    """The answer; ``or_else`` where Salesforce refuses one, None where a later try may get one."""
    client = SalesforceClient(connection, feature=feature, deadline_seconds=_SHORT_DEADLINE_SECONDS)
    try:
        return question(client)
    except (RetryLater, OutcomeUnknown, CredentialsRejected):
        return None
    except (NeedsAttention, Refused) as error:
        log.warning("refused_record_not_explained", connection=connection.pk, code=error.code)
        return or_else
