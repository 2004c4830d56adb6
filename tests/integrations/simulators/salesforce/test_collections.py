"""sObject Collections over the wire."""

from typing import Any

import pytest

from tests.integrations.simulators.org_client import EXTERNAL_ID, OrgClient, refused


def _of(name: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": name}, **fields}


def _send(org: OrgClient, method: str, *records: Any, path: str = "", **more: Any) -> Any:
    body = {"records": list(records), **more}
    answer = org.call(method, f"composite/sobjects{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_results_come_in_order_and_one_failure_spares_the_others(org: OrgClient) -> None:
    good, bad, event = _send(
        org,
        "POST",
        _of("Task", Subject="Good"),
        _of("Task", CallType="Sideways"),
        _of("Event", IsAllDayEvent=True, ActivityDate="2026-12-24"),
    )
    assert good == {"id": org.record("Task", Subject="Good")["Id"], "success": True, "errors": []}
    assert bad == {
        "success": False,
        "errors": [
            {
                "statusCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                "message": "Call Type: bad value for restricted picklist field: Sideways",
                "fields": ["CallType"],
            }
        ],
    }
    assert event["id"].startswith("00U")


def test_all_or_none_rolls_back_the_good_ones(org: OrgClient) -> None:
    before = len(org.records("Task"))
    items = _send(
        org,
        "POST",
        _of("Task", Subject="Good"),
        _of("Task", Nope=1),
        _of("Task", Subject="Good"),
        allOrNone=True,
    )
    assert [item["errors"][0]["statusCode"] for item in items] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "INVALID_FIELD",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    ]
    assert not any("id" in item for item in items)
    assert len(org.records("Task")) == before


def test_updating_many(org: OrgClient) -> None:
    first, second = org.create_id("Task", Subject="1"), org.create_id("Task", Subject="2")
    missing = "00T000000000001EAA"
    items = _send(
        org,
        "PATCH",
        _of("Task", id=first, Subject="One"),
        _of("Task", id=missing, Subject="None"),
        _of("Task", Subject="No id"),
        _of("Task", Id=second, CallType="Sideways"),
    )
    assert items[0] == {"id": first, "success": True, "errors": []}
    assert (items[1]["id"], items[1]["errors"][0]["statusCode"]) == (
        missing,
        "INVALID_CROSS_REFERENCE_KEY",
    )
    assert items[2]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    assert (items[3]["id"], items[3]["success"]) == (second, False)
    assert org.record("Task", Id=first)["Subject"] == "One"


def test_deleting_many(org: OrgClient) -> None:
    task_id = org.create_id("Task")
    ids = f"{task_id},nonsense,00T000000000001EAA"
    items = org.call("DELETE", "composite/sobjects", params={"ids": ids}).json()
    assert items[0] == {"id": task_id, "success": True, "errors": []}
    assert items[1]["errors"][0]["statusCode"] == "MALFORMED_ID"
    assert items[2]["success"] is False
    assert org.records("Task", Id=task_id) == []


def test_retrieving_many_has_null_for_the_missing(org: OrgClient) -> None:
    task_id = org.create_id("Task", Subject="Here")
    ids = [task_id, "00T000000000001EAA", "nonsense"]
    posted = org.call(
        "POST", "composite/sobjects/Task", json={"ids": ids, "fields": ["Subject"]}
    ).json()
    assert (posted[0]["Subject"], posted[1:]) == ("Here", [None, None])
    params = {"ids": ",".join(ids), "fields": "Subject"}
    assert org.call("GET", "composite/sobjects/Task", params=params).json() == posted
    unknown = org.call("GET", "composite/sobjects/Task", params={**params, "fields": "Nope"})
    assert refused(unknown) == (400, "INVALID_FIELD")


def test_upserting_many_by_external_id(org: OrgClient) -> None:
    record = _of("Task", **{EXTERNAL_ID: "pb-7"}, Subject="First")
    (created,) = _send(org, "PATCH", record, path=f"/Task/{EXTERNAL_ID}")
    (updated,) = _send(org, "PATCH", {**record, "Subject": "Second"}, path=f"/Task/{EXTERNAL_ID}")
    assert (created["created"], updated["created"]) == (True, False)
    assert created["id"] == updated["id"]
    assert org.record("Task", Id=created["id"])["Subject"] == "Second"


def test_two_hundred_records_cost_one_request_and_more_are_refused(org: OrgClient) -> None:
    records = [_of("Task", Subject=str(number)) for number in range(201)]
    refusal = org.call("POST", "composite/sobjects", json={"records": records})
    assert refused(refusal) == (400, "EXCEEDED_ID_LIMIT")
    items = _send(org, "POST", *records[:200])
    assert all(item["success"] for item in items)
    line = org.log()[-1]
    assert (line["api_requests"], line["notes"]["records"]) == (1, 200)


@pytest.mark.parametrize("body", [{}, {"records": {}}, {"records": [1]}, []])
def test_a_request_without_records_is_refused(org: OrgClient, body: object) -> None:
    answer = org.call("POST", "composite/sobjects", json=body)
    assert refused(answer) == (400, "JSON_PARSER_ERROR")


def test_a_record_without_a_type_fails_alone(org: OrgClient) -> None:
    items = _send(org, "POST", {"Subject": "?"}, _of("Nope"), _of("Task"))
    codes = [item["errors"][0]["statusCode"] if item["errors"] else None for item in items]
    assert codes == ["INVALID_TYPE", "INVALID_TYPE", None]
