"""What happened at Acme besides calls: how it began, and what went wrong with Salesforce since.

Everything goes through the product's services and pages, or through the simulated org's controls.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import requests
from django.contrib.auth.hashers import make_password

from integrations import outbox
from integrations.demo.agenda import Agenda
from integrations.demo.outside import act
from integrations.demo.parts import Demo
from integrations.demo.people import ACME, CONSULTANT, hire
from integrations.demo.salesforce import connect_salesforce, reconnect_salesforce
from integrations.jobs import check_connection, deliver_crm_writes
from integrations.memberships import deactivate
from integrations.models import Connection, CrmWrite, Membership, User, Workspace, WriteState
from integrations.options import active_options, change_options
from integrations.simulators.salesforce.seed import SYNC_USERNAME
from integrations.tenancy import workspace_scope

_COLLECTIONS = r"/composite/sobjects$"
_PURPOSE_MISSING = "Purpose must be filled in"


def plan_beginning(demo: Demo, agenda: Agenda) -> None:
    """Ada connects Salesforce; a consultant sets options, of which Ada takes one back."""

    def after(hours: float, did: Callable[[], object]) -> None:
        agenda.plan(agenda.begins + timedelta(hours=hours), did)

    ada = ACME.people[0].email
    after(0.2, partial(connect_salesforce, demo))
    after(0.3, partial(_choose, ada, "Let us begin", activity_history=True))
    after(1, _hire_consultant)
    quieter = partial(_choose, CONSULTANT.email, "Fewer records", record_unanswered="none")
    after(3, quieter)
    after(50, partial(_choose, ada, "Sales asks for missed calls", record_unanswered="one"))
    after(52, _say_goodbye)


def plan_troubles(demo: Demo, agenda: Agenda) -> None:
    """Weeks of small troubles; those that a person must see to are seen to, but for the last."""
    _plan_checks(agenda, agenda.begins, every=timedelta(days=1))
    salesforce = demo.facts["salesforce"]["url"]

    def on(days_ago: int, hour: float, did: Callable[[], object]) -> None:
        moment = _workday(agenda.ends, days_ago, hour)
        if moment > agenda.begins:
            agenda.plan(moment, did)

    refuse = partial(act, salesforce, "refuse", sobject="Task")
    on(29, 11, partial(_break, salesforce, fault="status", status=503, times=2))
    on(24, 14, partial(refuse, code="UNABLE_TO_LOCK_ROW", times=1))
    on(18, 10.5, partial(_break, salesforce, fault="after", times=1))
    on(12, 15.5, partial(act, salesforce, "revoke-grant", username=SYNC_USERNAME))
    on(11, 9.2, partial(reconnect_salesforce, demo))
    on(9, 10, partial(refuse, message=_PURPOSE_MISSING, times=3))
    on(9, 16, _retry_what_was_refused)
    on(6, 13, partial(_break, salesforce, fault="after", times=1))
    on(4, 10, partial(refuse, code="REQUIRED_FIELD_MISSING", times=1))
    on(3, 11, partial(refuse, code="INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", times=1))


def plan_recent_troubles(demo: Demo, agenda: Agenda) -> None:
    """One record of today was refused, and nobody has looked yet."""
    # As in the weeks before, which are played elsewhere: a session that nobody uses dies.
    _plan_checks(agenda, agenda.ends - demo.past, every=timedelta(days=14))
    refused = partial(act, demo.facts["salesforce"]["url"], "refuse", sobject="Task", times=1)
    agenda.plan(agenda.ends - timedelta(hours=2.5), partial(refused, message=_PURPOSE_MISSING))


def _plan_checks(agenda: Agenda, first: datetime, *, every: timedelta) -> None:
    while first < agenda.ends:
        agenda.plan(first, _check_connection)
        first += every


def _check_connection() -> None:
    with workspace_scope(_acme()):
        sync_user = Connection.objects.find_sync_user()
    if sync_user is not None:
        check_connection(sync_user.pk)


def _workday(ends: datetime, days_ago: int, hour: float) -> datetime:
    """That hour of a day, or of the Friday before where nobody works."""
    day = ends.astimezone(ZoneInfo(ACME.time_zone)).date() - timedelta(days=days_ago)
    day -= timedelta(days=max(day.weekday() - 4, 0))
    midnight = datetime.combine(day, time(), ZoneInfo(ACME.time_zone))
    return midnight + timedelta(hours=hour)


def _acme() -> Workspace:
    return Workspace.objects.get(slug=ACME.slug)


def _choose(email: str, comment: str, **changes: Any) -> None:
    with workspace_scope(_acme()):
        change_options(
            changes,
            based_on=active_options().number,
            actor=User.objects.get(email=email),
            comment=comment,
        )


def _hire_consultant() -> None:
    with workspace_scope(_acme()):
        hire(_acme(), CONSULTANT, make_password(None))  # nobody signs in with it


def _say_goodbye() -> None:
    with workspace_scope(_acme()):
        consultant = Membership.objects.get(user__email=CONSULTANT.email)
        deactivate(consultant, actor=User.objects.get(email=ACME.people[0].email))


def _break(salesforce: str, **fault: Any) -> None:
    requests.post(
        f"{salesforce}/_sim/faults", json={"path": _COLLECTIONS, **fault}, timeout=10
    ).raise_for_status()


def _retry_what_was_refused() -> None:
    """Somebody mended the rule and pressed Retry."""
    with workspace_scope(_acme()):
        outbox.retry(CrmWrite.objects.filter(state=WriteState.NEEDS_ATTENTION))
        sync_user = Connection.objects.find_sync_user()
    if sync_user is not None:
        deliver_crm_writes(sync_user.pk)
