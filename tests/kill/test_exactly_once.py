"""A thousand calls under fire: the org holds exactly the records of the rules (C2, F15, PLUS-03).

Processes die at every named failpoint, one request in five loses its answer (carried out, at once
or late), events arrive out of order and repeated, and Redis is killed and started empty meanwhile.
The same calls delivered once and in order, without any of that, say what must stand in the end.
"""

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django.fixtures import Settings

from calls.jobs import file_due_calls
from calls.models import Call
from integrations import queueing
from integrations.jobs import answer_lookups, deliver_crm_writes, drain_inbox
from integrations.models import (
    Connection,
    CrmWrite,
    DrainLease,
    InboundEvent,
    Notice,
    OptionsRevision,
    Workspace,
    WriteState,
)
from integrations.tenancy import workspace_scope
from tests.deliveries import post_event
from tests.factories import make_member, make_phone_system, make_workspace
from tests.harness.figures import Tell
from tests.harness.salesforce import COLLECTIONS, SalesforceOrg
from tests.kill.conftest import ProcessPool
from tests.kill.scenarios import Scenario, in_chaos, make_scenarios

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

WORKSPACES = 4
CALLS_PER_WORKSPACE = 250
DEATHS = 22
FAILPOINTS = (
    "inbox.after_claim",
    "inbox.before_record",
    "outbox.after_claim",
    "outbox.after_attempt",
    "http.mid_request",
    "outbox.after_answer",
    "outbox.before_record",
    "outbox.after_record",
)
FINAL_STATES = (WriteState.DONE, WriteState.CANCELLED)
#: What must be equal, by the acceptance line: WhoId, owner, duration and direction.
COMPARED = ("WhoId", "WhatId", "OwnerId", "CallDurationInSeconds", "CallType", "Subject")


class Company:
    """A workspace with a phone system and three agents, connected to the simulated org."""

    def __init__(self, org: SalesforceOrg, name: str) -> None:
        self.workspace: Workspace = make_workspace(name)
        self.phone_system: Connection = make_phone_system(self.workspace)
        self.sync_user: Connection = org.connect(self.workspace)
        agents = [user for user in org.records("User") if user["IsActive"]][:3]
        for extension, user in zip(("201", "202", "203"), agents, strict=True):
            make_member(
                self.workspace,
                ("call_agent",),
                extension=extension,
                salesforce_user_id=user["Id"],
                salesforce_time_zone=user["TimeZoneSidKey"],
            )
        OptionsRevision.unscoped.create(
            workspace=self.workspace, number=1, values={"activity_history": True}, is_active=True
        )

    def scenarios(self) -> list[Scenario]:
        return list(make_scenarios(self.phone_system, CALLS_PER_WORKSPACE, prefix="c"))

    def records(self, tasks: dict[str, dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
        """What the org holds for each record of ours, by the phone system's key of the call."""
        calls = Call.unscoped.filter(workspace=self.workspace)
        call_keys = dict(calls.values_list("pk", "call_key"))
        standing = {}
        # Every generation of a key that was taken over is another key's record now.
        writes = CrmWrite.unscoped.filter(
            workspace=self.workspace, state=WriteState.DONE, is_taken_over=False
        )
        for write in writes.order_by("generation", "pk"):
            task = tasks[write.salesforce_record_id]
            leg = write.target_key.split(":", 2)[2]
            standing[f"{call_keys[write.subject_id]}:{leg}"] = tuple(
                task[name] for name in COMPARED
            )
        return standing


def run_in_peace(company: Company, scenarios: list[Scenario]) -> None:
    """Deliver every event once and in order, and let everything be done in this process."""
    for scenario in scenarios:
        for event_id, payload in scenario.deliveries:
            post_event(company.phone_system, payload, event_id=event_id)
    while InboundEvent.unscoped.filter(
        workspace=company.workspace, state=InboundEvent.State.RECEIVED
    ).exists():
        drain_inbox(company.phone_system.pk)
    answer_lookups(company.sync_user.pk)
    due = Call.unscoped.filter(workspace=company.workspace, plan_due_at__isnull=False)
    while due.update(plan_due_at=timezone.now()):
        file_due_calls()
    unfinished = CrmWrite.unscoped.filter(workspace=company.workspace).exclude(
        state__in=FINAL_STATES
    )
    while unfinished.exists():
        DrainLease.unscoped.update(drained_at=None)
        deliver_crm_writes(company.sync_user.pk)


def unfinished_work(workspaces: list[Workspace]) -> dict[str, int]:
    """What still has to happen in these workspaces."""
    return {
        "events": InboundEvent.unscoped.filter(workspace__in=workspaces)
        .exclude(state=InboundEvent.State.PROCESSED)
        .count(),
        "calls": Call.unscoped.filter(workspace__in=workspaces, plan_due_at__isnull=False).count(),
        "writes": CrmWrite.unscoped.filter(workspace__in=workspaces)
        .exclude(state__in=FINAL_STATES)
        .count(),
    }


def wait_until_done(workspaces: list[Workspace], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any((left := unfinished_work(workspaces)).values()):
        assert time.monotonic() < deadline, f"not finished: {left}"
        time.sleep(0.5)


def test_a_thousand_calls_under_fire_leave_exactly_the_records_of_the_rules(
    salesforce_org: SalesforceOrg,
    process_pool: ProcessPool,
    restarted_redis: Callable[[], int],
    settings: Settings,
    tell: Tell,
) -> None:
    settings.INTAKE_RATE_LIMIT = "100000/second"
    settings.SALESFORCE_DEADLINE_SECONDS = 10.0
    queueing.redis_client.cache_clear()
    # Five grants of one user is what Salesforce allows (salesforce.md 1.9).
    calm = Company(salesforce_org, "Calm")
    stormy = [Company(salesforce_org, f"Stormy {n}") for n in range(WORKSPACES)]
    plays = [company.scenarios() for company in stormy]
    run_in_peace(calm, calm.scenarios())
    expected = calm.records({task["Id"]: task for task in salesforce_org.records("Task")})
    assert len(expected) == sum(scenario.records for scenario in plays[0])

    salesforce_org.fault(COLLECTIONS, "after", share=0.1)
    salesforce_org.fault(COLLECTIONS, "late", seconds=1.0, share=0.1)
    environment = {
        "PATCHBAY_FAILPOINTS": json.dumps(dict.fromkeys(FAILPOINTS, 0.25)),
        "PATCHBAY_FAILPOINT_DEATHS": str(DEATHS),
        "REDIS_URL": django_settings.REDIS_URL,
        # Many small batches, so that every place is reached often.
        "POOL_BATCH": "5",
        "POOL_FLUSH_SECONDS": "0.2",
        "SALESFORCE_DEADLINE_SECONDS": "1",
        "OUTBOX_LEASE_SECONDS": "3.5",
        "UNKNOWN_OUTCOME_WAIT_SECONDS": "5",
        "SALESFORCE_LOGIN_URL": salesforce_org.url,
        "OAUTHLIB_INSECURE_TRANSPORT": "1",
    }
    processes = ["calls", "calls", "lookups", "crm", "crm", "crm", "sweep"]
    storms = [in_chaos(scenarios) for scenarios in plays]
    with process_pool.run(processes, **environment):
        for deliveries in zip(*storms, strict=True):
            for company, (event_id, payload) in zip(stormy, deliveries, strict=True):
                assert (
                    post_event(company.phone_system, payload, event_id=event_id).status_code == 202
                )
        wait_until_done([company.workspace for company in stormy], seconds=600)

    tasks = {task["Id"]: task for task in salesforce_org.records("Task")}
    keys = Counter(task["CallObject"] for task in tasks.values() if task["CallObject"])
    ours = set(
        CrmWrite.unscoped.filter(
            workspace__in=[company.workspace for company in stormy]
        ).values_list("wire_key", flat=True)
    )
    deaths = process_pool.deaths()
    rows = [(company, company.records(tasks)) for company in stormy]
    tell(_table(expected, [found for _, found in rows], deaths, restarted_redis()))

    assert max(keys[key] for key in ours) == 1
    for company, found in rows:
        assert found == expected
        with workspace_scope(company.workspace):
            assert not Notice.objects.filter(kind="written_twice").exists()
    assert sum(keys[key] for key in ours) == WORKSPACES * len(expected)
    assert {name: deaths[name] for name in FAILPOINTS if deaths[name] < 20} == {}
    assert restarted_redis() > 0


def _table(
    expected: dict[str, tuple[Any, ...]],
    found: list[dict[str, tuple[Any, ...]]],
    deaths: Counter[str],
    restarts: int,
) -> str:
    """The result as people read it."""
    lines = [f"{'':<26}{'wanted':>8}{'held':>8}{'equal':>8}"]
    for number, records in enumerate(found):
        equal = sum(records.get(key) == fields for key, fields in expected.items())
        lines.append(f"workspace {number:<16}{len(expected):>8}{len(records):>8}{equal:>8}")
    lines += [f"died at {name:<26}{deaths[name]:>6} times" for name in FAILPOINTS]
    return "\n".join([*lines, f"Redis killed and started empty {restarts} times"])
