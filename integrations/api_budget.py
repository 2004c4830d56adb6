"""The API budget: what Patchbay spends of the org's requests, and a reserve for what cannot wait.

The org's own counter covers all of its apps and the last 24 hours (salesforce.md 5.4). Below the
reserve, writes that nobody misses at once are held with that reason, and go on when there is room
again (PLUS-07). What a person waits for is never held.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.activity_kinds import ActivityKind
from integrations.clock import workspace_zone
from integrations.errors import PatchbayError
from integrations.models import ApiUsage, Connection, CrmWrite, Workspace, WriteState
from integrations.models.outbox import DUE_STATES
from integrations.options import active_options
from integrations.outbox import wake
from integrations.queueing import enqueue
from integrations.request_features import CALL_RECORDS, MEETINGS
from integrations.salesforce.client import SalesforceClient
from integrations.tenancy import workspace_scope

log = structlog.get_logger()

#: What can wait, declared once: statistics about messages, which say nothing that is urgent.
CAN_WAIT = frozenset(
    {ActivityKind.MESSAGE_OPENED, ActivityKind.LINK_CLICKED, ActivityKind.FILE_DOWNLOADED}
)
#: Stored with what is held, and how it is found again.
RESERVE_REASON = "The org's API requests are down to the reserve. It goes on when there is room."

#: What requests are counted under, in words. A feature that is not here shows by its own name.
FEATURE_NAMES: Mapping[str, str | Promise] = {
    CALL_RECORDS: _("Records of calls"),
    "messages": _("Records of texts"),
    MEETINGS: _("Records of meetings"),
    "activities": _("Records of other activities"),
    "lookups": _("Searches for numbers and addresses"),
    "test calls": _("Test calls and texts"),
    "unknown outcomes": _("Asking for lost answers"),
    "match doctor": _("Match doctor"),
    "opt-outs": _("Opt-outs in Salesforce"),
    "preflight": _("Preflight"),
    "daily check": _("Daily check"),
    "people": _("People and their links"),
    "campaigns": _("Lists of campaigns"),
    "compose": _("Recipients of texts"),
    "merge fields": _("Fields for templates"),
    "connecting": _("Connecting"),
    "check org": _("Checks of the org"),
    "API budget": _("Reading the counter"),
}
DAYS = 14
#: Without other requests the org's counter is read again after this time, while something waits.
_STALE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class OrgCounter:
    """What all apps of the org used of its requests in 24 hours, as Salesforce last said."""

    used: int
    maximum: int
    seen_at: datetime | None

    @property
    def left(self) -> int:
        return max(0, self.maximum - self.used)

    def reserve(self, percent: int) -> int:
        """How many requests are kept for what cannot wait."""
        return self.maximum * percent // 100

    def is_below_reserve(self, percent: int) -> bool:
        return self.left < self.reserve(percent)


def read_counter(connection: Connection) -> OrgCounter | None:
    """The newest word about the org of a connection; None before Salesforce said anything.

    Members' accounts spend from the same allowance, so whichever asked last knows best.
    """
    newest = (
        Connection.unscoped.filter(
            workspace=connection.workspace_id, org_id=connection.org_id, api_maximum__gt=0
        )
        .order_by("-last_used_at")
        .first()
    )
    if newest is None:
        return None
    return OrgCounter(newest.api_used or 0, newest.api_maximum or 0, newest.last_used_at)


def is_below_reserve(connection: Connection) -> bool:
    """Whether work that can wait must; in the workspace's scope."""
    counter = read_counter(connection)
    percent = int(active_options()["api_reserve_percent"])
    return counter is not None and counter.is_below_reserve(percent)


def hold_what_can_wait(connection: Connection) -> int:
    """Hold due writes that can wait while requests are short; returns how many."""
    waiting = CrmWrite.unscoped.filter(
        connection=connection, state__in=DUE_STATES, activity__in=CAN_WAIT
    )
    if not waiting.exists() or not is_below_reserve(connection):
        return 0
    return waiting.update(state=WriteState.HELD, held_reason=RESERVE_REASON)


def held_for_reserve() -> int:
    """How many writes of the workspace in scope wait for room."""
    return CrmWrite.objects.filter(state=WriteState.HELD, held_reason=RESERVE_REASON).count()


def release_where_room() -> int:
    """Let held writes go on where there is room again, for the sweeper; returns how many.

    While nothing else asks Salesforce, the counter is read for it every quarter of an hour.
    """
    held = CrmWrite.unscoped.filter(state=WriteState.HELD, held_reason=RESERVE_REASON)
    waiting = held.order_by().values("connection").distinct()
    released = 0
    for connection in Connection.unscoped.filter(pk__in=waiting, state=Connection.State.ACTIVE):
        with workspace_scope(connection.workspace_id):
            counter, has_room = read_counter(connection), not is_below_reserve(connection)
        if has_room:
            released += held.filter(connection=connection).update(
                state=WriteState.PLANNED, held_reason="", next_attempt_at=timezone.now()
            )
            wake(connection.pk)
        elif counter is None or _is_stale(counter):
            enqueue("background", "integrations.jobs.read_api_counter", connection.pk)
    return released


def _is_stale(counter: OrgCounter) -> bool:
    return counter.seen_at is None or counter.seen_at < timezone.now() - _STALE_AFTER


def ask_counter(connection: Connection) -> None:
    """Have Salesforce say what is left; any answer does, a refusal too. One request."""
    try:
        SalesforceClient(connection, feature="API budget").limits()
    except PatchbayError as error:
        log.info("api_limits_not_readable", connection=connection.pk, code=error.code)


@dataclass(frozen=True)
class DayOfRequests:
    """The requests of one day of the workspace, by feature."""

    day: date
    by_feature: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_feature.values())


@dataclass(frozen=True)
class Ledger:
    """What this workspace spent: the newest day first, features by what they spent.

    ``forecast`` is for today until midnight: what there is, and what followed this hour on the
    last seven days on average.
    """

    days: Sequence[DayOfRequests]
    features: Sequence[str]
    by_connection: Sequence[tuple[Connection, int]]
    forecast: int

    @property
    def today(self) -> int:
        return self.days[0].total


def read_ledger(workspace: Workspace, *, now: datetime | None = None) -> Ledger:
    """The requests of the last fourteen days of the workspace in scope, its time zone's days."""
    local = (now or timezone.now()).astimezone(workspace_zone(workspace))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    used = ApiUsage.objects.filter(hour__gte=midnight - timedelta(days=DAYS - 1), hour__lte=local)
    per_day: dict[date, Counter[str]] = defaultdict(Counter)
    later: Counter[date] = Counter()
    hours = used.order_by().values_list("feature", "hour").annotate(requests=Sum("requests"))
    for feature, hour, requests in hours:
        at = hour.astimezone(local.tzinfo)
        per_day[at.date()][feature] += requests
        if at.hour > local.hour:
            later[at.date()] += requests
    days = [
        DayOfRequests(day, per_day[day])
        for day in (local.date() - timedelta(days=back) for back in range(DAYS))
    ]
    totals: Counter[str] = Counter()
    for one in days:
        totals.update(one.by_feature)
    return Ledger(
        days=days,
        features=[feature for feature, _total in totals.most_common()],
        by_connection=_by_connection(used),
        forecast=days[0].total + _usually_later(days, later),
    )


def _usually_later(days: Sequence[DayOfRequests], later: Mapping[date, int]) -> int:
    past = [later.get(one.day, 0) for one in days[1:8] if one.total]
    return round(sum(past) / len(past)) if past else 0


def _by_connection(used: "QuerySet[ApiUsage]") -> list[tuple[Connection, int]]:
    sums = dict(used.order_by().values_list("connection").annotate(requests=Sum("requests")))
    spenders = Connection.objects.filter(pk__in=sums).select_related("membership__user")
    return sorted(((one, sums[one.pk]) for one in spenders), key=lambda pair: -pair[1])
