"""What calls cost the customer in Salesforce requests: counts, not times."""

import json
from collections.abc import Iterable
from datetime import timedelta

import requests
from django.utils import timezone

from calls.jobs import file_due_calls
from calls.models import Call
from integrations import inbox
from integrations.jobs import answer_lookups, deliver_crm_writes, drain_inbox
from integrations.models import Connection, CrmWrite, DrainLease
from integrations.models.outbox import DUE_STATES
from integrations.simulators.salesforce.seed import SYNC_USERNAME
from tests.bench.registry import Figure, benchmark
from tests.bench.simulated_org import simulated_org
from tests.bench.stage import Stage
from tests.filed_calls import Desk
from tests.harness.salesforce import SalesforceOrg

#: One full batch of writes; a count of requests does not need more.
_CALLS = 200
_PER_THOUSAND = 1000 / _CALLS


@benchmark("requests", "Salesforce requests per 1,000 calls from 1,000 people, then once more")
def measure(stage: Stage) -> Iterable[Figure]:
    """Searches and writes of a burst of calls, cold and warm."""
    numbers = [f"+1415556{number:04d}" for number in range(_CALLS)]
    with simulated_org(stage) as org:
        _add_contacts(org, numbers)
        desk = Desk(org)
        for temperature in ("cold", "warm"):
            before = len(org.requests())
            _take_calls(desk, numbers, prefix=temperature)
            paths = [request["path"] for request in org.requests()[before:]]
            searches = sum("/search" in path for path in paths)
            writes = sum("/composite" in path or "/sobjects/" in path for path in paths)
            counted = {
                "searches": searches,
                "writes": writes,
                "other requests": len(paths) - searches - writes,
            }
            for kind, count in counted.items():
                name = f"requests: {kind} per 1,000 calls, {temperature}"
                yield Figure(name, "requests", count * _PER_THOUSAND)
        yield Figure("requests: records in Salesforce", "tasks", len(org.records("Task")))


def _add_contacts(org: SalesforceOrg, numbers: list[str]) -> None:
    token = org.act("issue-tokens", username=SYNC_USERNAME)["access_token"]
    records = [
        {"attributes": {"type": "Contact"}, "LastName": f"Caller {number}", "Phone": number}
        for number in numbers
    ]
    answer = requests.post(
        f"{org.url}/services/data/v60.0/composite/sobjects",
        json={"allOrNone": True, "records": records},
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    answer.raise_for_status()


def _take_calls(desk: Desk, numbers: list[str], *, prefix: str) -> None:
    """One answered call from each number, and all that workers would do with them."""
    for number in numbers:
        call = desk.call(number, key=f"{prefix}-{number}")
        events = (
            call.payload("ringing", 0),
            call.payload("answered", 5, answered_at=5),
            call.payload("ended", 65, answered_at=5, ended_at=65, end_cause="normal"),
        )
        for place, event in enumerate(events):
            inbox.receive(
                desk.phone_system,
                handler="calls",
                dedupe_key=f"{call.key}-{place}",
                body=json.dumps(event).encode(),
            )
    assert desk.sync_user is not None
    while inbox.due(desk.phone_system.pk).exists():
        drain_inbox(desk.phone_system.pk)
    answer_lookups(desk.sync_user.pk)
    Call.unscoped.filter(plan_due_at__isnull=False).update(
        plan_due_at=timezone.now() - timedelta(seconds=1)
    )
    while Call.unscoped.filter(plan_due_at__lte=timezone.now()).exists():
        file_due_calls()
    _deliver(desk.sync_user)


def _deliver(sync_user: Connection) -> None:
    while CrmWrite.unscoped.filter(
        connection=sync_user, state__in=DUE_STATES, next_attempt_at__lte=timezone.now()
    ).exists():
        DrainLease.unscoped.update(drained_at=None)  # as if the pause between flushes were over
        deliver_crm_writes(sync_user.pk)
