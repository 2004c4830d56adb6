"""A foreign client, simple-salesforce, works against the simulator."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_soql

from tests.harness.foreign_client import foreign_client, foreign_server
from tests.integrations.simulators.org_client import EXTERNAL_ID, SERVER_APP, SHARED_ID, OrgClient


@pytest.fixture
def client(org: OrgClient) -> Iterator[Any]:
    """simple-salesforce, signed in as the Sync User."""
    with foreign_client(org.url, org.tokens["access_token"]) as foreign:
        yield foreign


def test_it_reads_describes_and_queries(client: Any) -> None:
    fields = {field["name"] for field in client.Task.describe()["fields"]}
    assert "CallObject" in fields
    assert "Task" in {one["name"] for one in client.describe()["sobjects"]}
    query = format_soql("SELECT Id, Account.Name FROM Contact WHERE Name = {}", "Ana Ito")
    (record,) = client.query(query)["records"]
    assert record["Account"]["Name"] == "Northwind Robotics"
    assert client.Contact.get(record["Id"])["Phone"] == "(415) 555-0101"
    assert client.api_usage["api-usage"].total == 100_000


def test_it_writes_updates_and_deletes(client: Any) -> None:
    created = client.Task.create({"Subject": "It's a call", "CallType": "Inbound"})
    assert created["success"] is True
    assert client.Task.update(created["id"], {"Status": "Completed"}) == 204
    assert client.Task.get(created["id"])["IsClosed"] is True
    assert client.Task.delete(created["id"]) == 204
    query = format_soql("SELECT Id FROM Task WHERE Id = {}", created["id"])
    assert client.query(query)["totalSize"] == 0
    assert client.query(query, include_deleted=True)["totalSize"] == 1


def test_it_searches(client: Any) -> None:
    text = "FIND {4155550101} IN PHONE FIELDS RETURNING Contact(Id, Name)"
    assert [one["Name"] for one in client.search(text)["searchRecords"]] == ["Ana Ito"]
    assert client.quick_search("Ito")["searchRecords"]


def test_it_signs_in_as_an_app_and_again_when_its_session_ends(org: OrgClient) -> None:
    with foreign_server(org.url, SERVER_APP.consumer_key, SERVER_APP.consumer_secret) as client:
        first = client.session_id
        org.act("expire-access-tokens")
        assert client.query("SELECT Id FROM Organization")["totalSize"] == 1
        assert client.session_id != first


def test_without_the_right_secret_it_does_not_get_in(org: OrgClient) -> None:
    wrong = foreign_server(org.url, SERVER_APP.consumer_key, "wrong")
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid client credentials"), wrong:
        pass


def test_after_its_token_was_revoked_it_is_out(client: Any, org: OrgClient) -> None:
    token = {"token": client.session_id}
    assert org.session.post(f"{org.url}/services/oauth2/revoke", data=token).status_code == 200
    with pytest.raises(SalesforceExpiredSession):
        client.query("SELECT Id FROM Organization")


def test_it_sends_collections_of_450_in_three_requests(client: Any) -> None:
    leads = [
        {"attributes": {"type": "Lead"}, "LastName": f"L{n}", "Company": "C"} for n in range(450)
    ]
    leads[7].pop("LastName")
    results: list[Any] = []
    for start in range(0, len(leads), 200):
        body = {"records": leads[start : start + 200], "allOrNone": False}
        results += client.restful("composite/sobjects", method="POST", json=body)
    assert [n for n, result in enumerate(results) if not result["success"]] == [7]
    assert results[7]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    ids = [result["id"] for result in results if result["success"]]
    with pytest.raises(SalesforceMalformedRequest, match="EXCEEDED_ID_LIMIT"):
        client.restful("composite/sobjects", method="POST", json={"records": leads})
    changed = [{"attributes": {"type": "Lead"}, "Id": one, "Title": "Changed"} for one in ids[:200]]
    body = {"records": changed}
    assert all(
        one["success"] for one in client.restful("composite/sobjects", method="PATCH", json=body)
    )
    gone = client.restful("composite/sobjects", {"ids": ",".join(ids[:200])}, method="DELETE")
    assert all(one["success"] for one in gone)


def test_it_pages_through_everything(client: Any) -> None:
    records = [
        {"attributes": {"type": "Lead"}, "LastName": str(number), "Company": "Paged"}
        for number in range(200)
    ]
    for _ in range(3):
        path = "composite/sobjects"
        items = client.restful(path, method="POST", json={"records": records})
        assert all(item["success"] for item in items)
    headers = {"Sforce-Query-Options": "batchSize=250"}
    query = "SELECT Id FROM Lead WHERE Company = 'Paged'"
    assert client.query(query, headers=headers)["done"] is False
    assert client.query_all(query, headers=headers)["totalSize"] == 600
    assert len({one["Id"] for one in client.query_all_iter(query, headers=headers)}) == 600


def test_it_upserts_by_external_id(client: Any) -> None:
    path = f"{EXTERNAL_ID}/simple-1"
    assert client.Task.upsert(path, {"Subject": "One"}) == 201
    assert client.Task.upsert(path, {"Subject": "Two"}) == 200
    assert client.Task.get_by_custom_id(EXTERNAL_ID, "simple-1")["Subject"] == "Two"


def test_several_records_behind_an_external_id_are_an_error_of_their_own(client: Any) -> None:
    for _ in range(2):
        client.Lead.create({"LastName": "Twin", "Company": "T", SHARED_ID: "9"})
    with pytest.raises(SalesforceMoreThanOneRecord):
        client.Lead.get_by_custom_id(SHARED_ID, "9")


def test_it_replicates(client: Any) -> None:
    created = client.Contact.create({"LastName": "Replica"})
    now = datetime.now(UTC)
    start, end = now - timedelta(minutes=5), now + timedelta(minutes=2)
    assert created["id"] in client.Contact.updated(start, end)["ids"]
    client.Contact.delete(created["id"])
    gone = client.Contact.deleted(start, end)["deletedRecords"]
    assert created["id"] in [one["id"] for one in gone]


def test_it_sends_composites_and_reads_limits(client: Any) -> None:
    lead = {
        "method": "POST",
        "url": f"/services/data/v{client.sf_version}/sobjects/Lead",
        "referenceId": "lead",
        "body": {"LastName": "Composite", "Company": "C"},
    }
    body = {"compositeRequest": [lead], "allOrNone": True}
    answer = client.restful("composite", method="POST", json=body)
    assert [one["httpStatusCode"] for one in answer["compositeResponse"]] == [201]
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000


def test_it_understands_the_errors(client: Any, org: OrgClient) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD"):
        client.Task.create({"Nope": 1})
    with pytest.raises(SalesforceResourceNotFound):
        client.Contact.get("003000000000001AAA")
    org.act("set-limit", maximum=0)
    with pytest.raises(SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        client.query("SELECT Id FROM Task")
    org.act("expire-access-tokens")
    with pytest.raises(SalesforceExpiredSession):
        client.query("SELECT Id FROM Task")
