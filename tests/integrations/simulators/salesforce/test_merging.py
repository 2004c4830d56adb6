"""Merges, the recycle bin, and what replication sees of them."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integrations.simulators.org_client import OrgClient, refused


def _span(**more: str) -> dict[str, str]:
    now = datetime.now(UTC)
    start, end = now - timedelta(minutes=5), now + timedelta(minutes=2)
    return {"start": start.isoformat(), "end": end.isoformat(), **more}


def test_a_merge_moves_activities_and_leaves_a_trace(org: OrgClient) -> None:
    stays = org.create_id("Contact", LastName="Master")
    goes = org.create_id("Contact", LastName="Loser", Phone="206 555 0134")
    task_id = org.create_id("Task", Subject="Call", WhoId=goes)
    org.act("merge-records", sobject="Contact", id=stays, ids=[goes])
    assert org.record("Task", Id=task_id)["WhoId"] == stays
    path = f"sobjects/Contact/{goes}"
    assert refused(org.call("GET", path)) == (404, "ENTITY_IS_DELETED")
    assert refused(org.call("PATCH", path, json={})) == (404, "ENTITY_IS_DELETED")
    assert refused(org.create("Task", WhoId=goes)) == (400, "ENTITY_IS_DELETED")
    text = f"SELECT IsDeleted, MasterRecordId FROM Contact WHERE Id = '{goes}'"
    assert org.query(text)["records"] == []
    (row,) = org.call("GET", "queryAll", params={"q": text}).json()["records"]
    assert (row["IsDeleted"], row["MasterRecordId"]) == (True, stays)
    assert org.search("FIND {2065550134} IN PHONE FIELDS RETURNING Contact(Name)") == []


def test_merges_that_make_no_sense_are_refused(org: OrgClient) -> None:
    task_id = org.create_id("Task", Subject="One")
    contact_id = org.create_id("Contact", LastName="Self")
    for arguments in (
        {"sobject": "Task", "id": task_id, "ids": [task_id]},
        {"sobject": "Contact", "id": contact_id, "ids": [contact_id]},
        {"sobject": "Contact", "id": contact_id, "ids": []},
    ):
        assert org.control("POST", "actions/merge-records", json=arguments).status_code == 400


def test_a_record_comes_back_from_the_recycle_bin_or_is_gone(org: OrgClient) -> None:
    contact_id = org.create_id("Contact", LastName="Backer", Phone="206 555 0135")
    path = f"sobjects/Contact/{contact_id}"
    find = "FIND {2065550135} IN PHONE FIELDS RETURNING Contact(Name)"
    assert org.call("DELETE", path).status_code == 204
    org.act("undelete-record", sobject="Contact", id=contact_id)
    assert org.call("GET", path).json()["LastName"] == "Backer"
    assert org.search(find) == [("Contact", "Backer")]
    assert org.call("DELETE", path).status_code == 204
    assert org.act("empty-recycle-bin")["removed"] >= 1
    assert refused(org.call("GET", path)) == (404, "NOT_FOUND")
    assert refused(org.call("PATCH", path, json={})) == (404, "INVALID_CROSS_REFERENCE_KEY")


def test_replication_lists_what_changed_and_what_went(org: OrgClient) -> None:
    contact_id = org.create_id("Contact", LastName="Fresh")
    body = org.call("GET", "sobjects/Contact/updated", params=_span()).json()
    assert contact_id in body["ids"]
    assert body["latestDateCovered"].endswith("+0000")
    org.call("DELETE", f"sobjects/Contact/{contact_id}")
    assert (
        contact_id not in org.call("GET", "sobjects/Contact/updated", params=_span()).json()["ids"]
    )
    body = org.call("GET", "sobjects/Contact/deleted", params=_span()).json()
    assert contact_id in [one["id"] for one in body["deletedRecords"]]
    assert body["earliestDateAvailable"] < body["latestDateCovered"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"start": "2020-01-01T00:00:00Z"}, "INVALID_REPLICATION_DATE"),
        ({"end": "2020-01-01T00:00:00Z"}, "INVALID_REPLICATION_DATE"),
        ({"start": "yesterday"}, "ILLEGAL_QUERY_PARAMETER_VALUE"),
    ],
)
def test_spans_that_cannot_be_answered(org: OrgClient, change: dict[str, str], code: str) -> None:
    answer = org.call("GET", "sobjects/Lead/updated", params=_span(**change))
    assert refused(answer) == (400, code)
