"""The client against the simulated org, over real HTTP."""

import pytest

from integrations.errors import (
    CredentialsRejected,
    NeedsAttention,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from integrations.models import ApiUsage, Connection
from integrations.salesforce.client import MAX_RECORDS, SalesforceClient, to_record
from integrations.salesforce.soql import quote
from integrations.simulators.salesforce.seed import ONE_CONTACT_NAME
from tests.factories import make_workspace
from tests.harness.salesforce import COLLECTIONS, TOKEN, SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection(salesforce_org: SalesforceOrg) -> Connection:
    return salesforce_org.connect(make_workspace())


@pytest.fixture
def client(connection: Connection) -> SalesforceClient:
    return SalesforceClient(connection, feature="tests")


def task(subject: str = "Call", **fields: object) -> dict[str, object]:
    return to_record("Task", {"Subject": subject, "Status": "Completed", **fields})


def test_queries_follow_every_page(client: SalesforceClient) -> None:
    wanted = [task(f"Call {number}") for number in range(MAX_RECORDS)]
    for _ in range(11):
        client.create_records(wanted)
    records = client.query("SELECT Id FROM Task WHERE Subject LIKE 'Call %'")
    assert len({record["Id"] for record in records}) == 11 * MAX_RECORDS


def test_values_survive_quoting(client: SalesforceClient) -> None:
    subject = 'O\'Brien \\ said: "50% off"\nand more'
    [created] = client.create_records([task(subject)])
    [found] = client.query(f"SELECT Id FROM Task WHERE Subject = {quote(subject)}")
    assert found["Id"] == created.record_id


def test_deleted_records_are_found_by_query_all_only(
    client: SalesforceClient, salesforce_org: SalesforceOrg
) -> None:
    [created] = client.create_records([task("Gone")])
    salesforce_org.act("delete-record", sobject="Task", id=created.record_id)
    soql = "SELECT Id FROM Task WHERE Subject = 'Gone'"
    assert client.query(soql) == []
    assert [record["Id"] for record in client.query_all(soql)] == [created.record_id]


def test_each_record_of_a_collection_has_its_own_result(
    client: SalesforceClient, salesforce_org: SalesforceOrg
) -> None:
    good, bad = client.create_records([task("Good"), task("Bad", CallType="Sideways")])
    assert good.success
    assert (bad.success, bad.record_id) == (False, None)
    assert bad.error_code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert bad.error_fields == ("CallType",)
    assert [record["Subject"] for record in salesforce_org.records("Task", Subject="Good")]
    assert salesforce_org.records("Task", Subject="Bad") == []


def test_updates_change_fields_in_place(
    client: SalesforceClient, salesforce_org: SalesforceOrg
) -> None:
    [created] = client.create_records([task("Before")])
    assert created.record_id is not None
    [updated] = client.update_records([to_record("Task", {"Subject": "After"}, created.record_id)])
    assert updated.success
    assert client.get_record("Task", created.record_id, ["Subject"])["Subject"] == "After"


def test_the_org_describes_itself(client: SalesforceClient) -> None:
    assert "51.0" in client.versions()
    assert client.userinfo()["preferred_username"] == "sync@acme.test"
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
    fields = {field["name"] for field in client.describe("Contact")["fields"]}
    assert {"Phone", "MobilePhone"} <= fields


def test_everything_goes_to_the_rest_api_of_version_51(
    client: SalesforceClient, salesforce_org: SalesforceOrg
) -> None:
    client.query("SELECT Id FROM Contact LIMIT 1")
    client.create_records([task()])
    paths = [request["path"] for request in salesforce_org.requests()]
    assert paths[-2:] == ["/services/data/v51.0/query", "/services/data/v51.0/composite/sobjects"]


def test_an_expired_session_is_renewed_and_the_request_repeated_once(
    client: SalesforceClient, connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("expire-access-tokens")
    [result] = client.create_records([task("Renewed")])
    assert result.success
    assert len(salesforce_org.records("Task", Subject="Renewed")) == 1
    before = connection.credentials
    connection.refresh_from_db()
    assert connection.credentials["refresh_token"] != before["refresh_token"]
    assert connection.is_usable


def test_a_revoked_grant_needs_a_person(
    client: SalesforceClient, connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("revoke-grant")
    with pytest.raises(CredentialsRejected):
        client.query("SELECT Id FROM Contact LIMIT 1")
    connection.refresh_from_db()
    assert connection.state == Connection.State.NEEDS_RECONNECT
    arrived = len(salesforce_org.requests())
    with pytest.raises(CredentialsRejected):
        client.query("SELECT Id FROM Contact LIMIT 1")
    assert len(salesforce_org.requests()) == arrived, "a parked connection asks nobody"


def test_a_session_that_stays_refused_is_no_loop(
    client: SalesforceClient, connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    body = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    salesforce_org.fault("/query$", "status", status=401, body=body)
    with pytest.raises(CredentialsRejected):
        client.query("SELECT Id FROM Contact LIMIT 1")
    assert len(salesforce_org.requests("/query")) == 2
    assert len(salesforce_org.requests("/token")) == 1
    connection.refresh_from_db()
    assert connection.state == Connection.State.NEEDS_RECONNECT


def test_a_missing_scope_is_never_refreshed(
    client: SalesforceClient, connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    message = "This session is not valid for use with the REST API"
    body = [{"message": message, "errorCode": "INVALID_SESSION_ID"}]
    salesforce_org.fault("/query$", "status", status=401, body=body)
    with pytest.raises(NeedsAttention, match="not valid for use"):
        client.query("SELECT Id FROM Contact LIMIT 1")
    assert salesforce_org.requests("/token") == []


@pytest.mark.parametrize("fault", ["after", "cut", "late", "before"])
def test_a_write_whose_answer_is_lost_has_an_unknown_outcome(
    client: SalesforceClient, salesforce_org: SalesforceOrg, fault: str
) -> None:
    salesforce_org.fault(COLLECTIONS, fault, times=1, seconds=0)
    with pytest.raises(OutcomeUnknown):
        client.create_records([task()])


def test_a_read_whose_answer_is_lost_is_merely_unavailable(
    client: SalesforceClient, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault("/query$", "after", times=1)
    with pytest.raises(Unavailable):
        client.query("SELECT Id FROM Contact LIMIT 1")


def failure(code: str, message: str = "no") -> list[dict[str, str]]:
    return [{"errorCode": code, "message": message}]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (503, "<html>Maintenance</html>", OutcomeUnknown),
        (500, failure("UNKNOWN_EXCEPTION"), OutcomeUnknown),
        (502, "", OutcomeUnknown),
        (200, "<html>fine</html>", OutcomeUnknown),
        (200, [], OutcomeUnknown),
        (200, [{"success": True, "errors": []}], OutcomeUnknown),
        (200, {"success": True}, OutcomeUnknown),
        (503, failure("SERVER_UNAVAILABLE"), Unavailable),
        (500, failure("UNABLE_TO_LOCK_ROW"), Unavailable),
        (403, failure("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), RateLimited),
        (429, "", RateLimited),
        (403, failure("API_DISABLED_FOR_ORG"), NeedsAttention),
        (414, "", NeedsAttention),
        (410, failure("GONE"), NeedsAttention),
    ],
)
def test_answers_to_a_write_say_whether_it_may_have_happened(
    client: SalesforceClient,
    salesforce_org: SalesforceOrg,
    status: int,
    body: object,
    expected: type[Exception],
) -> None:
    salesforce_org.fault(COLLECTIONS, "status", status=status, body=body)
    with pytest.raises(expected) as caught:
        client.create_records([task()])
    assert type(caught.value) is expected


def test_a_retired_version_is_reported_by_name(connection: Connection) -> None:
    connection.api_version = "21.0"
    with pytest.raises(NeedsAttention, match=r"retired API version 21\.0") as caught:
        SalesforceClient(connection, feature="tests").query("SELECT Id FROM Contact LIMIT 1")
    assert caught.value.code == "UNSUPPORTED_API_VERSION"


def test_requests_are_counted_by_feature_and_the_limit_is_kept(
    client: SalesforceClient, connection: Connection
) -> None:
    client.query("SELECT Id FROM Contact LIMIT 1")
    client.create_records([task()])
    client.versions()
    usage = ApiUsage.unscoped.get(connection=connection)
    assert (usage.feature, usage.requests) == ("tests", 2)
    connection.refresh_from_db()
    assert connection.api_maximum == 100_000
    assert connection.api_used is not None
    assert connection.last_used_at is not None


def test_a_stranger_named_by_the_row_never_sees_the_token(
    client: SalesforceClient, connection: Connection
) -> None:
    Connection.unscoped.filter(pk=connection.pk).update(instance_url="https://evil.example.com")
    with pytest.raises(NeedsAttention, match="not a Salesforce host"):
        client.query("SELECT Id FROM Contact LIMIT 1")


def test_batches_of_the_wrong_size_are_a_bug_of_ours(client: SalesforceClient) -> None:
    with pytest.raises(ValueError, match="1 to 200"):
        client.create_records([])
    with pytest.raises(ValueError, match="1 to 200"):
        client.create_records([task()] * 201)


def test_the_seeded_contact_is_there(client: SalesforceClient) -> None:
    [contact] = client.query(f"SELECT Id FROM Contact WHERE Name = {quote(ONE_CONTACT_NAME)}")
    assert contact["attributes"]["type"] == "Contact"


def test_tokens_never_reach_an_error(
    client: SalesforceClient, connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    token = str(connection.credentials["access_token"])
    salesforce_org.fault("/query$", "status", status=400, body=failure("ODD", f"bad {token}"))
    salesforce_org.fault(TOKEN, "status", status=400, body={"error": f"bad {token}"})
    with pytest.raises(NeedsAttention) as caught:
        client.query("SELECT Id FROM Contact LIMIT 1")
    assert token not in str(caught.value)
