"""Leads made with their Tasks, and members' own accounts, under fire (RULES C2, C3, C5, F15).

Processes die at every step of a delivery and answers are lost. Two workspaces of one org make Leads
of the same strangers; in a third, members write through accounts of their own, one of which breaks
and is mended meanwhile.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import settings as django_settings

from integrations import queueing
from integrations.holding import hold_writes, release_writes
from integrations.models import Connection, CrmWrite, Membership, Notice, WriteState
from integrations.planning import NewLead, PlannedWrite
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace
from tests.harness.figures import Tell
from tests.harness.salesforce import SalesforceOrg
from tests.kill.conftest import ProcessPool
from tests.outbox_cases import planned_task, record

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

STRANGERS = [f"+1604555{number:04}" for number in range(1000, 1070)]
TASKS_OF_EACH_ACCOUNT = 45
PEOPLE = ("agent@acme.test", "agent2@acme.test", "member@acme.test", "manager@acme.test")
DEATHS = 20
FAILPOINTS = (
    "outbox.after_claim",
    "outbox.after_attempt",
    "http.mid_request",
    "outbox.after_answer",
    "outbox.before_record",
    "outbox.after_record",
)
PROCESSES = ["crm", "crm", "crm", "crm", "sweep"]


def lead_with_task(number: str) -> PlannedWrite:
    """A stranger's call: a Task and the Lead that it hangs on."""
    lead = NewLead(phone_e164=number, last_name=number, company="[not provided]", phone=number)
    return replace(planned_task(f"call:{number}:task"), new_lead=lead)


class Office:
    """A workspace whose members write through accounts of their own, and the Sync User."""

    def __init__(self, org: SalesforceOrg) -> None:
        self.workspace = make_workspace("Office")
        self.sync_user = org.connect(self.workspace)
        self.members: list[Membership] = [make_member(self.workspace) for _person in PEOPLE]
        self.accounts: list[Connection] = [
            org.connect(self.workspace, username, membership=member)
            for username, member in zip(PEOPLE, self.members, strict=True)
        ]

    def writes(self, number: int) -> Iterator[PlannedWrite]:
        """One Task of everybody, and one of the Sync User."""
        for owner in (None, *(member.pk for member in self.members)):
            key = f"call:{number}:leg:{owner}:task"
            yield replace(planned_task(key), owner_membership_id=owner)

    def user_of(self, write: CrmWrite) -> str:
        """The Salesforce user whose account is the owner's."""
        account = next((one for one in self.accounts if one.membership_id == write.owner_id), None)
        return (account or self.sync_user).salesforce_user_id

    def break_account(self) -> list[int]:
        """The first account stops working; the writes that were tried through it, by key."""
        account = self.accounts[0]
        Connection.unscoped.filter(pk=account.pk).update(
            state=Connection.State.NEEDS_RECONNECT, state_reason="Revoked."
        )
        with workspace_scope(self.workspace):
            hold_writes(Connection.unscoped.get(pk=account.pk), "Revoked.")
        tried = CrmWrite.unscoped.filter(connection=account, first_sent_at__isnull=False)
        return list(tried.values_list("pk", flat=True))

    def mend_account(self) -> None:
        """It works again, and what was held goes on."""
        account = self.accounts[0]
        Connection.unscoped.filter(pk=account.pk).update(
            state=Connection.State.ACTIVE, state_reason=""
        )
        with workspace_scope(self.workspace):
            release_writes(Connection.unscoped.get(pk=account.pk))


def count_done() -> int:
    return CrmWrite.unscoped.filter(state=WriteState.DONE).count()


def wait_for(done: int, *, deadline: float) -> None:
    """Until so many writes stand in Salesforce."""
    while count_done() < done:
        left = Counter(CrmWrite.unscoped.values_list("state", flat=True))
        assert time.monotonic() < deadline, f"not finished: {left}"
        time.sleep(0.1)


def test_leads_and_accounts_under_fire_leave_one_of_each(
    salesforce_org: SalesforceOrg, process_pool: ProcessPool, tell: Tell
) -> None:
    queueing.redis_client.cache_clear()
    legacy = [salesforce_org.connect(make_workspace(name)) for name in ("North", "South")]
    office = Office(salesforce_org)
    for connection in legacy:
        with workspace_scope(connection.workspace_id):
            for subject, number in enumerate(STRANGERS):
                record(connection, lead_with_task(number), subject=subject)
    with workspace_scope(office.workspace):
        for subject in range(TASKS_OF_EACH_ACCOUNT):
            record(office.sync_user, *office.writes(subject), subject=subject)

    salesforce_org.fault(r"/composite(/sobjects)?$", "after", method="POST", share=0.1)
    salesforce_org.fault(r"/composite(/sobjects)?$", "late", method="POST", seconds=0.7, share=0.05)
    environment = {
        "PATCHBAY_FAILPOINTS": json.dumps(dict.fromkeys(FAILPOINTS, 0.4)),
        "PATCHBAY_FAILPOINT_DEATHS": str(DEATHS),
        "REDIS_URL": django_settings.REDIS_URL,
        "POOL_BATCH": "4",
        "POOL_FLUSH_SECONDS": "0.05",
        "POOL_TICK_SECONDS": "0.2",
        "SALESFORCE_DEADLINE_SECONDS": "0.5",
        "OUTBOX_LEASE_SECONDS": "1",
        "UNKNOWN_OUTCOME_WAIT_SECONDS": "3",
        "SALESFORCE_LOGIN_URL": salesforce_org.url,
        "OAUTHLIB_INSECURE_TRANSPORT": "1",
    }
    began = time.monotonic()
    everything = CrmWrite.unscoped.all()
    with process_pool.run(PROCESSES, **environment):
        wait_for(len(STRANGERS), deadline=began + 200)
        tried = office.break_account()
        wait_for(count_done() + 20, deadline=began + 200)
        office.mend_account()
        wait_for(everything.count(), deadline=began + 300)

    deaths = process_pool.deaths()
    tasks = {task["Id"]: task for task in salesforce_org.records("Task")}
    keys = Counter(task["CallObject"] for task in tasks.values())
    leads = [lead for lead in salesforce_org.records("Lead") if lead["Phone"] in STRANGERS]
    tell(
        f"{everything.count()} writes by {len(legacy) + 1 + len(PEOPLE)} accounts, {len(leads)} "
        f"Leads of {len(STRANGERS)} strangers in {time.monotonic() - began:.0f} s"
    )
    tell("\n".join(f"died at {name:<26}{deaths[name]:>6} times" for name in FAILPOINTS))

    assert {write.wire_key: keys[write.wire_key] for write in everything} == {
        write.wire_key: 1 for write in everything
    }
    assert sorted(lead["Phone"] for lead in leads) == STRANGERS
    lead_of = {lead["Phone"]: lead["Id"] for lead in leads}
    for write in everything.exclude(lead_key=""):
        assert tasks[write.salesforce_record_id]["WhoId"] == lead_of[write.lead_key]
    for write in everything.filter(workspace=office.workspace):
        author = tasks[write.salesforce_record_id]["CreatedById"]
        could_pass_on = write.owner_id == office.members[0].pk and write.pk not in tried
        if not (could_pass_on and author == office.sync_user.salesforce_user_id):
            assert author == office.user_of(write)
    assert not Notice.unscoped.filter(kind="written_twice").exists()
    assert {name: deaths[name] for name in FAILPOINTS if deaths[name] < DEATHS} == {}
