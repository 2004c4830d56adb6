"""Composite tree and graph over the wire, and upserts by an external id that is not unique."""

from typing import Any

from tests.integrations.simulators.org_client import SHARED_ID, OrgClient, refused

BASE = "/services/data/v60.0"


def _record(sobject: str, reference: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": sobject, "referenceId": reference}, **fields}


def _tree(**contact: Any) -> dict[str, Any]:
    children = [_record("Contact", "c1", LastName="One"), _record("Contact", "c2", **contact)]
    return {"records": [_record("Account", "a", Name="Tree Co", Contacts={"records": children})]}


def test_a_tree_creates_parents_and_children(org: OrgClient) -> None:
    answer = org.call("POST", "composite/tree/Account", json=_tree(LastName="Two"))
    body = answer.json()
    assert (answer.status_code, body["hasErrors"]) == (201, False)
    ids = {one["referenceId"]: one["id"] for one in body["results"]}
    contacts = org.records("Contact", AccountId=ids["a"])
    assert {one["Id"] for one in contacts} == {ids["c1"], ids["c2"]}


def test_a_tree_is_all_or_nothing(org: OrgClient) -> None:
    answer = org.call("POST", "composite/tree/Account", json=_tree(LastName="X" * 81))
    assert answer.status_code == 400
    (failed,) = answer.json()["results"]
    assert failed["referenceId"] == "c2"
    assert failed["errors"][0]["statusCode"] == "STRING_TOO_LONG"
    assert org.records("Account", Name="Tree Co") == []


def test_trees_that_make_no_sense_are_refused(org: OrgClient) -> None:
    def send(body: object) -> tuple[int, str]:
        return refused(org.call("POST", "composite/tree/Account", json=body))

    many = [_record("Account", f"r{number}", Name="Many") for number in range(201)]
    assert send({"records": many}) == (400, "EXCEEDED_ID_LIMIT")
    assert send({"records": [_record("Lead", "r", LastName="L")]}) == (400, "INVALID_INPUT")
    assert send({"records": [many[0], many[0]]}) == (400, "INVALID_INPUT")
    assert send({}) == (400, "JSON_PARSER_ERROR")
    odd = _record("Account", "r", Name="Odd", Pets={"records": []})
    assert send({"records": [odd]}) == (400, "INVALID_FIELD")


def _graph(graph_id: str, **task: Any) -> dict[str, Any]:
    return {
        "graphId": graph_id,
        "compositeRequest": [
            {
                "method": "POST",
                "url": f"{BASE}/sobjects/Lead",
                "referenceId": "lead",
                "body": {"LastName": f"Graph {graph_id}", "Company": "G"},
            },
            {
                "method": "POST",
                "url": f"{BASE}/sobjects/Task",
                "referenceId": "task",
                "body": {"WhoId": "@{lead.id}", **task},
            },
        ],
    }


def test_each_graph_stands_or_falls_by_itself(org: OrgClient) -> None:
    wanted = {"graphs": [_graph("1"), _graph("2", CallType="Sideways")]}
    good, bad = org.call("POST", "composite/graph", json=wanted).json()["graphs"]
    assert (good["graphId"], good["isSuccessful"]) == ("1", True)
    statuses = [one["httpStatusCode"] for one in good["graphResponse"]["compositeResponse"]]
    assert statuses == [201, 201]
    assert bad["isSuccessful"] is False
    codes = [one["body"][0]["errorCode"] for one in bad["graphResponse"]["compositeResponse"]]
    assert codes == ["PROCESSING_HALTED", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]
    assert len(org.records("Lead", Company="G")) == 1


def test_graphs_have_limits(org: OrgClient) -> None:
    many = {"graphs": [_graph(str(number)) for number in range(76)]}
    assert refused(org.call("POST", "composite/graph", json=many)) == (400, "LIMIT_EXCEEDED")
    twins = {"graphs": [_graph("1"), _graph("1")]}
    assert refused(org.call("POST", "composite/graph", json=twins)) == (400, "INVALID_INPUT")
    assert refused(org.call("POST", "composite/graph", json={})) == (400, "JSON_PARSER_ERROR")


def test_a_composite_takes_few_queries_and_no_headers_of_the_whole(org: OrgClient) -> None:
    query = {"method": "GET", "url": f"{BASE}/query?q=SELECT+Id+FROM+Lead", "referenceId": "q"}
    many = [{**query, "referenceId": f"q{number}"} for number in range(6)]
    answer = org.call("POST", "composite", json={"compositeRequest": many})
    assert refused(answer) == (400, "LIMIT_EXCEEDED")
    odd = {**query, "httpHeaders": {"Authorization": "Bearer x"}}
    body = org.call("POST", "composite", json={"compositeRequest": [odd]}).json()
    assert body["compositeResponse"][0]["httpStatusCode"] == 400


def test_an_external_id_that_several_records_share(org: OrgClient) -> None:
    ids = [org.create_id("Lead", LastName="T", Company="T", **{SHARED_ID: "7"}) for _ in range(2)]
    path = f"sobjects/Lead/{SHARED_ID}/7"
    for answer in (org.call("GET", path), org.call("PATCH", path, json={"Title": "x"})):
        assert answer.status_code == 300
        assert answer.json() == [f"{BASE}/sobjects/Lead/{one}" for one in ids]
    record = {"attributes": {"type": "Lead"}, SHARED_ID: "7", "Title": "x"}
    many = f"composite/sobjects/Lead/{SHARED_ID}"
    (item,) = org.call("PATCH", many, json={"records": [record]}).json()
    assert item["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_a_record_is_created_at_the_address_of_an_upsert(org: OrgClient) -> None:
    answer = org.call("POST", "sobjects/Lead/Id", json={"LastName": "Door", "Company": "D"})
    assert answer.status_code == 201
    odd = org.call("POST", f"sobjects/Lead/{answer.json()['id']}", json={})
    assert refused(odd) == (405, "METHOD_NOT_ALLOWED")
