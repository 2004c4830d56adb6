"""Composite and batch over the wire."""

from typing import Any

from tests.integrations.simulators.org_client import OrgClient, refused

BASE = "/services/data/v60.0"


def _lead_and_task(**task: Any) -> list[dict[str, Any]]:
    return [
        {
            "method": "POST",
            "url": f"{BASE}/sobjects/Lead",
            "referenceId": "lead",
            "body": {"LastName": "Caller", "Company": "Unknown"},
        },
        {
            "method": "POST",
            "url": f"{BASE}/sobjects/Task",
            "referenceId": "call",
            "body": {"WhoId": "@{lead.id}", "CallObject": "pb-9", **task},
        },
    ]


def _send(org: OrgClient, requests: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    answer = org.call("POST", "composite", json={"compositeRequest": requests, **more})
    assert answer.status_code == 200, answer.text
    parts: list[dict[str, Any]] = answer.json()["compositeResponse"]
    return parts


def test_a_later_call_refers_to_an_earlier_answer(org: OrgClient) -> None:
    lead, call = _send(org, _lead_and_task(), allOrNone=True)
    assert (lead["httpStatusCode"], lead["referenceId"]) == (201, "lead")
    assert lead["httpHeaders"]["Location"] == f"{BASE}/sobjects/Lead/{lead['body']['id']}"
    assert org.record("Task", Id=call["body"]["id"])["WhoId"] == lead["body"]["id"]
    assert org.log()[-1]["api_requests"] == 1


def test_all_or_none_leaves_nothing_behind(org: OrgClient) -> None:
    lead, call = _send(org, _lead_and_task(CallType="Sideways"), allOrNone=True)
    assert lead["httpStatusCode"] == 400
    assert lead["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert call["body"][0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert org.records("Lead", LastName="Caller") == []


def test_without_it_the_good_ones_stay(org: OrgClient) -> None:
    _send(org, _lead_and_task(CallType="Sideways"))
    assert org.record("Lead", LastName="Caller")


def test_a_reference_to_a_failed_call_halts(org: OrgClient) -> None:
    requests = _lead_and_task()
    requests[0]["body"] = {}
    lead, call = _send(org, requests)
    assert lead["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert call["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_a_reference_reaches_into_query_results(org: OrgClient) -> None:
    query = f"{BASE}/query?q=SELECT+Id+FROM+Contact+WHERE+Name='Ana+Ito'"
    found, read = _send(
        org,
        [
            {"method": "GET", "url": query, "referenceId": "q"},
            {
                "method": "GET",
                "url": f"{BASE}/sobjects/Contact/@{{q.records[0].Id}}?fields=Name",
                "referenceId": "one",
            },
        ],
    )
    assert found["body"]["totalSize"] == 1
    assert read["body"]["Name"] == "Ana Ito"


def test_malformed_composites_are_refused(org: OrgClient) -> None:
    many = _lead_and_task() * 13
    answer = org.call("POST", "composite", json={"compositeRequest": many})
    assert refused(answer) == (400, "LIMIT_EXCEEDED")
    answer = org.call("POST", "composite", json={"compositeRequest": [{"method": "GET"}]})
    assert refused(answer) == (400, "JSON_PARSER_ERROR")
    (outside,) = _send(org, [{"method": "GET", "url": "/elsewhere", "referenceId": "x"}])
    assert outside["httpStatusCode"] == 400


def test_batch_calls_are_independent_and_each_is_charged(org: OrgClient) -> None:
    calls = [
        {"method": "GET", "url": "v60.0/limits"},
        {"method": "GET", "url": "v60.0/sobjects/Contact/003000000000001AAA"},
        {"method": "POST", "url": "v60.0/sobjects/Task", "richInput": {"Subject": "Batched"}},
    ]
    body = org.call("POST", "composite/batch", json={"batchRequests": calls}).json()
    assert body["hasErrors"] is True
    assert [one["statusCode"] for one in body["results"]] == [200, 404, 201]
    assert org.log()[-1]["api_requests"] == 3
    halting = {"batchRequests": calls, "haltOnError": True}
    body = org.call("POST", "composite/batch", json=halting).json()
    assert [one["statusCode"] for one in body["results"]] == [200, 404, 412]
    org.act("set-limit", maximum=1, used=0)
    body = org.call("POST", "composite/batch", json={"batchRequests": calls}).json()
    assert [one["statusCode"] for one in body["results"]] == [200, 403, 403]
