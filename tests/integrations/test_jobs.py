"""The daily check of a connection: what an org may change, and a session that stays alive."""

from datetime import timedelta

import pytest
import redis
from django.utils import timezone
from rq import Queue
from rq.serializers import JSONSerializer

from integrations import sweeper
from integrations.jobs import check_connection
from integrations.models import Connection
from tests.factories import make_workspace
from tests.harness.salesforce import TOKEN, SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection(salesforce_org: SalesforceOrg) -> Connection:
    return salesforce_org.connect(make_workspace())


def checks_waiting(redis_client: redis.Redis) -> int:
    return Queue("background", connection=redis_client, serializer=JSONSerializer).count


def test_a_closed_status_that_was_renamed_is_noticed(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("rename-status", **{"from": "Completed", "to": "Erledigt"})
    check_connection(connection.pk)

    connection.refresh_from_db()
    assert connection.closed_task_status == "Erledigt"


def test_an_idle_session_is_renewed_by_it(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("expire-access-tokens")
    check_connection(connection.pk)

    connection.refresh_from_db()
    assert connection.refreshed_at is not None
    assert len(salesforce_org.requests(TOKEN.strip("$"))) == 1


def test_salesforce_away_changes_nothing(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault("/query", "status", status=503)
    check_connection(connection.pk)

    connection.refresh_from_db()
    assert (connection.state, connection.closed_task_status) == ("active", "Completed")


def test_it_is_due_once_a_day(connection: Connection, redis_client: redis.Redis) -> None:
    sweeper.repair()
    assert checks_waiting(redis_client) == 1

    redis_client.flushdb()
    Connection.unscoped.update(checked_at=timezone.now() - timedelta(hours=23))
    sweeper.repair()
    assert checks_waiting(redis_client) == 0

    Connection.unscoped.update(checked_at=timezone.now() - timedelta(hours=25))
    sweeper.repair()
    assert checks_waiting(redis_client) == 1
