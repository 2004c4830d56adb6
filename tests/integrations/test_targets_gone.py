"""What a waiting Task points to dies (RULES C6): it is filed under what took its place."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from calls.models import Call
from integrations.delivery import deliver_batch
from integrations.jobs import answer_lookups, drain_inbox
from integrations.models import Connection, CrmWrite, PhoneLookup, WriteState
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from tests.factories import make_call, make_workspace
from tests.features.company import Company
from tests.harness.salesforce import SalesforceOrg
from tests.outbox_cases import planned_task, record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection(salesforce_org: SalesforceOrg, settings: Settings) -> Iterator[Connection]:
    settings.SALESFORCE_DEADLINE_SECONDS = 1.0
    connection = salesforce_org.connect(make_workspace())
    with workspace_scope(connection.workspace_id):
        yield connection


def find(org: SalesforceOrg, sobject: str, name: str) -> str:
    record_id = org.records(sobject, Name=name)[0]["Id"]
    assert isinstance(record_id, str)
    return record_id


def a_lead(org: SalesforceOrg) -> str:
    """A lead that nobody converted yet."""
    return next(str(lead["Id"]) for lead in org.records("Lead") if not lead["IsConverted"])


def written(org: SalesforceOrg) -> dict[str, object]:
    """The one Task of ours."""
    (task,) = [one for one in org.records("Task") if str(one["CallObject"]).startswith("pb-")]
    return task


def deliver(connection: Connection, times: int = 2) -> None:
    for _ in range(times):
        CrmWrite.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
        deliver_batch(connection)


def test_a_converted_lead_gives_way_to_its_contact(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    lead_id = a_lead(salesforce_org)
    made = salesforce_org.act("convert-lead", id=lead_id)
    record(connection, planned_task(WhoId=lead_id))
    deliver(connection)

    assert written(salesforce_org)["WhoId"] == made["contact_id"]
    assert CrmWrite.objects.get().attempts == 2


@pytest.mark.parametrize(("sobject", "slot"), [("Contact", "WhoId"), ("Account", "WhatId")])
def test_a_merged_record_gives_way_to_its_master(
    connection: Connection, salesforce_org: SalesforceOrg, sobject: str, slot: str
) -> None:
    stays, goes = [
        str(one["Id"])
        for one in salesforce_org.records(sobject)
        if not one.get("IsPersonAccount") and not one["IsDeleted"]
    ][:2]
    salesforce_org.act("merge-records", sobject=sobject, id=stays, ids=[goes])
    record(connection, planned_task(**{slot: goes}))
    deliver(connection)

    assert written(salesforce_org)[slot] == stays


def test_a_lead_whose_contact_was_merged_ends_at_the_master(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    lead_id = a_lead(salesforce_org)
    made = salesforce_org.act("convert-lead", id=lead_id)
    master = find(salesforce_org, "Contact", seed.ONE_CONTACT_NAME)
    salesforce_org.act("merge-records", sobject="Contact", id=master, ids=[made["contact_id"]])
    record(connection, planned_task(WhoId=lead_id))
    deliver(connection)

    assert written(salesforce_org)["WhoId"] == master


def test_a_deleted_record_leaves_the_task_under_none_and_the_call_for_review(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    contact = find(salesforce_org, "Contact", seed.ONE_CONTACT_NAME)
    salesforce_org.act("delete-record", sobject="Contact", id=contact)
    call = make_call(connection.workspace)
    record(connection, planned_task(WhoId=contact), subject=call.pk)
    deliver(connection)

    assert written(salesforce_org)["WhoId"] is None
    assert Call.objects.get(pk=call.pk).needs_review


def test_while_salesforce_cannot_say_what_took_its_place_the_task_waits(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    lead_id = a_lead(salesforce_org)
    made = salesforce_org.act("convert-lead", id=lead_id)
    salesforce_org.fault("/queryAll", "status", status=503, times=1)
    record(connection, planned_task(WhoId=lead_id))
    deliver(connection, times=1)
    write = CrmWrite.objects.get()
    assert (write.state, write.payload["WhoId"]) == (WriteState.RETRYING, lead_id)

    deliver(connection)
    assert written(salesforce_org)["WhoId"] == made["contact_id"]


def test_what_the_connected_user_may_not_use_is_left_out_if_salesforce_names_it(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    contact = find(salesforce_org, "Contact", seed.ONE_CONTACT_NAME)
    message = f"insufficient access rights on cross-reference id: {contact[:15]}"
    code = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    salesforce_org.act("refuse", sobject="Task", code=code, message=message, times=1)
    record(connection, planned_task(WhoId=contact))
    deliver(connection)

    assert written(salesforce_org)["WhoId"] is None


def test_what_was_known_of_the_number_is_asked_anew(salesforce_org: SalesforceOrg) -> None:
    """B2: the cache is dropped when a record of it turns out to be gone."""
    company = Company(salesforce_org)
    call = company.report(seed.ONE_LEAD_NUMBER)
    drain_inbox(company.phone_system.pk)
    answer_lookups(company.connection.pk)
    made = company.org.act("convert-lead", id=_lead_with(company, seed.ONE_LEAD_NUMBER))
    company.work(call)
    CrmWrite.unscoped.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    company.file()

    assert company.task()["WhoId"] == made["contact_id"]
    assert not PhoneLookup.unscoped.filter(phone_e164=seed.ONE_LEAD_NUMBER).exists()


def _lead_with(company: Company, number: str) -> str:
    return next(
        str(one["Id"])
        for one in company.org.records("Lead")
        if "".join(filter(str.isdigit, str(one["Phone"])))[-10:] == number[-10:]
    )
