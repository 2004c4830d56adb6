"""Whom an activity was with: one search for an address or a number, with what is known (B1, B2)."""

from datetime import timedelta

from django.utils import timezone

from integrations.api_budget import CAN_WAIT, RESERVE_REASON, is_below_reserve
from integrations.errors import (
    CredentialsRejected,
    NeedsAttention,
    OutcomeUnknown,
    Refused,
    RetryLater,
)
from integrations.lookups import MISS_SECONDS, request_lookup
from integrations.models import Connection, PhoneLookup, ReportedActivity
from integrations.options import Options
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.lookup import search_email
from integrations.salesforce.precedence import Candidate

_FIRST_PAUSE, _PAUSE = timedelta(seconds=2), timedelta(minutes=1)
_RESERVE_PAUSE = timedelta(minutes=15)
#: A search for a number is under way; after this long it is looked at less often.
_SOON = timedelta(seconds=30)


class NotKnownYet(Exception):  # noqa: N818 - reads as what is wrong
    """Salesforce has still to say; ``pause`` is when to look again."""

    def __init__(self, reason: str, pause: timedelta) -> None:
        self.reason = reason
        self.pause = pause
        super().__init__(reason)


def find_people(
    activity: ReportedActivity, connection: Connection, options: Options
) -> tuple[tuple[Candidate, ...], str]:
    """The records with the address, else the number, of an activity, and why none could be found.

    Asks Salesforce for an address, so call it outside any transaction. Raises NotKnownYet.
    """
    if activity.record_id or not (activity.person_email or activity.phone_e164):
        return (), ""
    if activity.kind in CAN_WAIT and is_below_reserve(connection):
        raise NotKnownYet(RESERVE_REASON, _RESERVE_PAUSE)
    if not connection.is_usable:
        raise NotKnownYet("Salesforce needs to be reconnected.", _PAUSE)
    found: tuple[Candidate, ...] = ()
    error = ""
    if activity.person_email:
        found, error = _find_by_email(activity, connection, options)
    if not found and activity.phone_e164.startswith("+"):
        return _find_by_phone(activity, connection, options)
    return found, error


def _find_by_email(
    activity: ReportedActivity, connection: Connection, options: Options
) -> tuple[tuple[Candidate, ...], str]:
    known = _fresh_answer(activity, connection, options)
    if known is not None:
        return known, ""
    client = SalesforceClient(connection, feature="lookups")
    try:
        found = tuple(search_email(client, activity.person_email))
    except CredentialsRejected as error:
        raise NotKnownYet(str(error), _PAUSE) from error
    except RetryLater as error:
        raise NotKnownYet(str(error), timedelta(seconds=error.retry_after or 60)) from error
    except OutcomeUnknown as error:
        raise NotKnownYet(str(error), _PAUSE) from error
    except (NeedsAttention, Refused) as error:
        return (), str(error)
    ReportedActivity.objects.filter(pk=activity.pk).update(
        candidates=[candidate.to_json() for candidate in found],
        matched_at=timezone.now(),
        matched_org_id=connection.org_id,
    )
    return found, ""


def _fresh_answer(
    activity: ReportedActivity, connection: Connection, options: Options
) -> tuple[Candidate, ...] | None:
    """What was found lately for another activity with this address: many come in a row."""
    newest = (
        ReportedActivity.objects.filter(
            person_email=activity.person_email,
            matched_org_id=connection.org_id,
            matched_at__isnull=False,
        )
        .order_by("-matched_at")
        .first()
    )
    if newest is None or newest.matched_at is None:
        return None
    fresh_for = timedelta(minutes=options["cache_minutes"])
    if not newest.candidates:
        fresh_for = timedelta(seconds=MISS_SECONDS)
    if timezone.now() - newest.matched_at > fresh_for:
        return None
    return tuple(Candidate.from_json(one) for one in newest.candidates)


def _find_by_phone(
    activity: ReportedActivity, connection: Connection, options: Options
) -> tuple[tuple[Candidate, ...], str]:
    minutes = options["cache_minutes"]
    lookup = request_lookup(connection, activity.phone_e164, cache_minutes=minutes)
    if lookup.state == PhoneLookup.State.FAILED:
        return (), lookup.error
    if lookup.state != PhoneLookup.State.ANSWERED:
        is_new = timezone.now() - activity.created_at < _SOON
        raise NotKnownYet("Salesforce is asked for the number.", _FIRST_PAUSE if is_new else _PAUSE)
    return tuple(Candidate.from_json(one) for one in lookup.candidates), ""
