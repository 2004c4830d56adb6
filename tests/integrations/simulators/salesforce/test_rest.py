"""Versions, sign-in, describe, one record, limits."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.integrations.simulators.org_client import EXTERNAL_ID, OrgClient, refused


def test_versions_need_no_sign_in_and_cost_nothing(org: OrgClient) -> None:
    for path in ("/services/data", "/services/data/"):
        answer = requests.get(org.url + path, timeout=5)
        versions = answer.json()
        assert (versions[0]["version"], versions[-1]["version"]) == ("31.0", "68.0")
        assert versions[-1]["label"] == "Winter '27"
        assert versions[51 - 31] == {
            "label": "Spring '21",
            "url": "/services/data/v51.0",
            "version": "51.0",
        }
        assert "Sforce-Limit-Info" not in answer.headers


def test_the_version_root_lists_resources(org: OrgClient) -> None:
    root = org.call("GET", "").json()
    assert root["sobjects"] == "/services/data/v60.0/sobjects"
    assert root["identity"].startswith(f"{org.url}/id/00D")


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [
        ("v30.0", 410, "UNSUPPORTED_API_VERSION"),
        ("v7.0", 410, "UNSUPPORTED_API_VERSION"),
        ("v69.0", 404, "NOT_FOUND"),
        ("v60", 404, "NOT_FOUND"),
        ("60.0", 404, "NOT_FOUND"),
    ],
)
def test_retired_and_unknown_versions(org: OrgClient, version: str, status: int, code: str) -> None:
    answer = org.session.get(f"{org.url}/services/data/{version}/limits", timeout=5)
    assert refused(answer) == (status, code)


def test_deprecated_versions_carry_a_warning(org: OrgClient) -> None:
    answer = org.session.get(f"{org.url}/services/data/v40.0/limits", timeout=5)
    assert answer.headers["Warning"].startswith("299 - ")
    assert "Warning" not in org.call("GET", "limits").headers


def test_sign_in_is_needed(org: OrgClient) -> None:
    url = f"{org.data}/limits"
    none = requests.get(url, timeout=5)
    assert none.json() == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]
    assert none.status_code == 401
    basic = requests.get(url, headers={"Authorization": "Basic eDp5"}, timeout=5)
    assert refused(basic) == (401, "INVALID_AUTH_HEADER")


def test_describe_global_lists_the_objects(org: OrgClient) -> None:
    body = org.call("GET", "sobjects").json()
    names = {one["name"]: one for one in body["sobjects"]}
    assert {"Account", "Contact", "Lead", "User", "Task", "Event", "Campaign"} <= set(names)
    assert {"Organization", "TaskStatus", "Opportunity", "Case"} <= set(names)
    assert (names["Task"]["keyPrefix"], names["Contact"]["searchable"]) == ("00T", True)
    assert "TaskRelation" not in names


def _fields(org: OrgClient, name: str) -> dict[str, dict[str, object]]:
    body = org.call("GET", f"sobjects/{name}/describe").json()
    return {field["name"]: field for field in body["fields"]}


@pytest.mark.parametrize(
    ("name", "required"),
    [
        ("Lead", {"LastName", "Company"}),
        ("Contact", {"LastName"}),
        ("Account", {"Name"}),
        ("Event", set()),
        ("Task", set()),
    ],
)
def test_required_fields_can_be_computed(org: OrgClient, name: str, required: set[str]) -> None:
    fields = _fields(org, name).values()
    assert all(len(field) == 57 for field in fields)
    assert required == {
        field["name"]
        for field in fields
        if field["createable"] and not field["nillable"] and not field["defaultedOnCreate"]
    }


def test_describe_tells_types_and_lengths(org: OrgClient) -> None:
    task = _fields(org, "Task")
    assert (task["Subject"]["type"], task["Subject"]["length"]) == ("combobox", 255)
    assert (task["Description"]["length"], task["Description"]["filterable"]) == (32_000, False)
    assert task["CallObject"]["filterable"] is True
    assert task["CallType"]["restrictedPicklist"] is True
    assert task["Status"]["restrictedPicklist"] is False
    assert (task["TaskSubtype"]["createable"], task["TaskSubtype"]["updateable"]) == (True, False)
    assert task["WhoId"]["referenceTo"] == ["Contact", "Lead"]
    assert task["IsClosed"]["createable"] is False
    assert _fields(org, "Contact")["Direct_Line__c"]["type"] == "phone"
    assert "IsPersonAccount" in _fields(org, "Account")
    assert org.call("GET", "sobjects/Nothing/describe").status_code == 404


def test_a_record_lives_through_create_read_update_delete(org: OrgClient) -> None:
    created = org.create("Contact", FirstName="Zed", LastName="Quill", Phone="(415) 555-0150")
    body = created.json()
    assert created.status_code == 201
    assert (body["success"], body["errors"]) == (True, [])
    path = f"sobjects/Contact/{body['id']}"
    assert created.headers["location"] == f"/services/data/v60.0/{path}"

    record = org.call("GET", path).json()
    assert record["attributes"] == {
        "type": "Contact",
        "url": f"/services/data/v60.0/{path}",
    }
    assert (record["Name"], record["Phone"]) == ("Zed Quill", "(415) 555-0150")
    assert record["OwnerId"] == record["CreatedById"] == org.user_id("sync@acme.test")
    assert record["CreatedDate"].endswith("+0000")

    updated = org.call("PATCH", path, json={"Phone": None, "LastName": "Quilt"})
    assert (updated.status_code, updated.content) == (204, b"")
    few = org.call("GET", path, params={"fields": "Name,phone"}).json()
    assert {"Name": "Zed Quilt", "Phone": None}.items() <= few.items()
    assert "OwnerId" not in few

    assert org.call("DELETE", path).status_code == 204
    assert refused(org.call("PATCH", path, json={})) == (404, "ENTITY_IS_DELETED")
    assert refused(org.call("DELETE", path)) == (404, "ENTITY_IS_DELETED")
    assert refused(org.call("GET", path)) == (404, "ENTITY_IS_DELETED")


def test_unknown_ids_differ_between_reading_and_writing(org: OrgClient) -> None:
    path = "sobjects/Contact/003000000000001AAA"
    assert refused(org.call("GET", path)) == (404, "NOT_FOUND")
    assert refused(org.call("PATCH", path, json={})) == (404, "INVALID_CROSS_REFERENCE_KEY")
    assert refused(org.call("DELETE", path)) == (404, "INVALID_CROSS_REFERENCE_KEY")


def test_ids_are_taken_in_both_lengths_and_any_case(org: OrgClient) -> None:
    record_id = org.create_id("Contact", LastName="Long")
    for form in (record_id[:15], record_id.lower(), record_id):
        assert org.call("GET", f"sobjects/Contact/{form}").json()["Id"] == record_id


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"LastName": "A", "Nope": 1}, "INVALID_FIELD"),
        ({"LastName": "A", "Id": "003000000000001AAA"}, "INVALID_FIELD"),
        ({"LastName": "A", "CreatedDate": "2026-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"FirstName": "A"}, "REQUIRED_FIELD_MISSING"),
        ({"LastName": "A" * 81}, "STRING_TOO_LONG"),
        ({"LastName": "A", "Email": "nobody"}, "INVALID_EMAIL_ADDRESS"),
        ({"LastName": "A", "AccountId": "short"}, "MALFORMED_ID"),
        ({"LastName": "A", "AccountId": "003000000000001AAA"}, "MALFORMED_ID"),
        ({"LastName": "A", "AccountId": "001000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"LastName": "A", "DoNotCall": "perhaps"}, "JSON_PARSER_ERROR"),
    ],
)
def test_bad_values_are_refused(org: OrgClient, fields: dict[str, object], code: str) -> None:
    before = len(org.records("Contact"))
    assert refused(org.create("Contact", **fields)) == (400, code)
    assert len(org.records("Contact")) == before


def test_record_errors_have_fields_and_request_errors_have_not(org: OrgClient) -> None:
    assert org.create("Contact").json() == [
        {
            "message": "Required fields are missing: [LastName]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName"],
        }
    ]
    assert "fields" not in org.create("Contact", Nope=1).json()[0]


def test_a_body_that_is_not_json(org: OrgClient) -> None:
    assert refused(org.call("POST", "sobjects/Contact", data=b"{x")) == (400, "JSON_PARSER_ERROR")
    assert refused(org.call("POST", "sobjects/Contact", json=[])) == (400, "JSON_PARSER_ERROR")


def test_methods_and_addresses_that_do_not_exist(org: OrgClient) -> None:
    assert refused(org.call("PUT", "sobjects/Contact", json={})) == (405, "METHOD_NOT_ALLOWED")
    assert refused(org.call("GET", "nowhere")) == (404, "NOT_FOUND")
    assert refused(org.call("POST", "sobjects/Nothing", json={})) == (404, "NOT_FOUND")


def test_the_method_can_be_overridden(org: OrgClient) -> None:
    record_id = org.create_id("Contact", LastName="Old")
    path = f"sobjects/Contact/{record_id}?_HttpMethod=PATCH"
    assert org.call("POST", path, json={"LastName": "New"}).status_code == 204
    assert org.record("Contact", Id=record_id)["LastName"] == "New"


def test_upsert_by_external_id(org: OrgClient) -> None:
    path = f"sobjects/Task/{EXTERNAL_ID}/pb%2F1"
    created = org.call("PATCH", path, json={"Subject": "One"})
    assert (created.status_code, created.json()["created"]) == (201, True)
    updated = org.call("PATCH", path, json={"Subject": "Two"})
    assert (updated.status_code, updated.json()["created"]) == (200, False)
    assert updated.json()["id"] == created.json()["id"]
    assert org.record("Task", **{EXTERNAL_ID: "pb/1"})["Subject"] == "Two"
    assert org.call("GET", path).json()["Subject"] == "Two"
    again = org.create("Task", **{EXTERNAL_ID: "PB/1"})
    assert refused(again) == (400, "DUPLICATE_VALUE")
    repeated = org.call("PATCH", path, json={EXTERNAL_ID: "pb/1"})
    assert refused(repeated) == (400, "INVALID_FIELD")
    missing = org.call("PATCH", f"sobjects/Task/{EXTERNAL_ID}/2?updateOnly=true", json={})
    assert refused(missing) == (404, "NOT_FOUND")
    assert refused(org.call("PATCH", "sobjects/Task/Subject/x", json={})) == (404, "NOT_FOUND")


def test_requests_are_charged_up_to_the_limit(org: OrgClient) -> None:
    org.act("set-limit", maximum=12, used=10)
    assert org.call("GET", "limits").headers["Sforce-Limit-Info"] == "api-usage=11/12"
    assert org.call("GET", "limits").json()["DailyApiRequests"] == {"Max": 12, "Remaining": 0}
    over = org.create("Task", Subject="Too many")
    assert refused(over) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert over.json()[0]["message"] == "TotalRequests Limit exceeded."
    assert org.records("Task", Subject="Too many") == []


def test_many_clients_at_once_do_not_disturb_each_other(org: OrgClient) -> None:
    def create(number: int) -> str:
        headers = {"Authorization": org.session.headers["Authorization"]}
        url = f"{org.data}/sobjects/Task"
        body = {"Subject": "Crowd", "CallObject": f"pb-{number}"}
        return str(requests.post(url, json=body, headers=headers, timeout=10).json()["id"])

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(create, range(80)))
    assert len(set(ids)) == 80
    assert {one["Id"] for one in org.records("Task", Subject="Crowd")} == set(ids)
