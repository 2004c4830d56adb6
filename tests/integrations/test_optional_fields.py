"""An org with the unique key field: a second copy of a record is refused by Salesforce itself."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from integrations import delivery, preflights, settling
from integrations.jobs import run_preflight
from integrations.models import Connection, CrmWrite, CrmWriteAttempt, WriteState
from integrations.simulators.salesforce.app import make_app
from integrations.simulators.salesforce.config import DEMO_APP, OrgConfig
from integrations.simulators.server import run_in_thread
from integrations.tenancy import workspace_scope
from tests.factories import make_workspace
from tests.harness.salesforce import COLLECTIONS, SalesforceOrg
from tests.outbox_cases import planned_task, record

pytestmark = pytest.mark.django_db(transaction=True)

KEY_FIELD = "Patchbay_Key__c"


@pytest.fixture
def keyed_org(salesforce_org: SalesforceOrg) -> Iterator[SalesforceOrg]:
    config = OrgConfig(apps=(DEMO_APP,), index_lag_seconds=0, external_id_field=KEY_FIELD)
    app = make_app(config)
    with run_in_thread(app) as server:
        yield SalesforceOrg(server.url)
    app.state.org.store.close()


@pytest.fixture
def connection(keyed_org: SalesforceOrg) -> Iterator[Connection]:
    connection = keyed_org.connect(make_workspace())
    with workspace_scope(connection.workspace_id):
        preflights.request_preflight(connection)
        run_preflight(connection.pk)
        connection.refresh_from_db()
        yield connection


def deliver(connection: Connection) -> CrmWrite:
    CrmWrite.objects.update(next_attempt_at=timezone.now())
    settling.settle_batch(connection)
    delivery.deliver_batch(connection)
    return CrmWrite.objects.get()


def our_tasks(org: SalesforceOrg) -> list[str]:
    return [task[KEY_FIELD] for task in org.records("Task") if task.get(KEY_FIELD)]


def test_the_preflight_finds_the_field_and_records_carry_their_key(
    connection: Connection, keyed_org: SalesforceOrg
) -> None:
    assert connection.has_key_field
    record(connection, planned_task())
    write = deliver(connection)
    assert write.state == WriteState.DONE
    assert our_tasks(keyed_org) == [write.wire_key]


def test_a_copy_that_is_refused_is_looked_for_and_found(
    connection: Connection, keyed_org: SalesforceOrg
) -> None:
    record(connection, planned_task())
    write = deliver(connection)
    # As after a restored backup: what stands in the org is not known here any more.
    CrmWriteAttempt.objects.all().delete()
    CrmWrite.objects.update(state=WriteState.PLANNED, salesforce_record_id="", first_sent_at=None)
    write = deliver(connection)
    assert write.state == WriteState.UNKNOWN
    write = deliver(connection)
    assert write.state == WriteState.DONE
    assert our_tasks(keyed_org) == [write.wire_key]


def test_a_field_that_was_hidden_meanwhile_is_given_up(
    connection: Connection, keyed_org: SalesforceOrg
) -> None:
    keyed_org.act("restrict-field", sobject="Task", field=KEY_FIELD)
    record(connection, planned_task())
    deliver(connection)
    connection.refresh_from_db()
    assert not connection.has_key_field
    assert deliver(connection).state == WriteState.DONE
    assert len([one for one in keyed_org.requests() if COLLECTIONS[:-1] in one["path"]]) == 2
