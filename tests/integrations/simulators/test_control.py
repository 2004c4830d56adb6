"""The `/_sim/` addresses."""

from tests.integrations.simulators.org_client import OrgClient


def test_the_log_is_numbered_and_can_be_read_onwards(org: OrgClient) -> None:
    org.call("GET", "limits")
    org.query("SELECT Id FROM Task LIMIT 1")
    first, second = org.log()
    assert second["number"] == first["number"] + 1
    assert (second["method"], second["path"]) == ("GET", "/services/data/v60.0/query")
    assert second["notes"] == {"q": "SELECT Id FROM Task LIMIT 1"}
    assert (second["status"], second["api_requests"]) == (200, 1)
    assert second["milliseconds"] > 0
    onwards = org.control("GET", "requests", params={"after": first["number"]}).json()
    assert onwards == [second]


def test_records_can_be_filtered(org: OrgClient) -> None:
    closed = org.records("Task", IsClosed="true")
    assert closed
    assert org.records("Task", IsClosed="false") == []
    assert org.control("GET", "records/Nothing").status_code == 404
    assert org.control("GET", "records/Task", params={"Nope": "1"}).status_code == 400


def test_deleted_records_are_listed_only_on_request(org: OrgClient) -> None:
    task_id = org.create_id("Task", Subject="Gone")
    org.act("delete-record", sobject="Task", id=task_id)
    assert org.records("Task", Id=task_id) == []
    assert org.record("Task", Id=task_id, IsDeleted="true")["Subject"] == "Gone"


def test_reset_returns_to_the_seed_ids_included(org: OrgClient) -> None:
    before = org.records("Contact")
    org.create_id("Contact", LastName="Extra")
    org.act("set-limit", maximum=5)
    org.control("POST", "reset")
    after = org.records("Contact")
    assert [one["Id"] for one in after] == [one["Id"] for one in before]
    assert org.log() == []
    org.sign_in()
    assert org.call("GET", "limits").json()["DailyApiRequests"]["Max"] == 100_000


def test_what_makes_no_sense_is_explained(org: OrgClient) -> None:
    unknown = org.control("POST", "actions/fly", json={})
    assert unknown.status_code == 404
    assert "edit-record" in unknown.json()["error"]
    assert org.control("POST", "actions/refuse", json={}).json() == {"error": "sobject is missing"}
    assert org.control("POST", "actions/refuse", data=b"{").status_code == 400
    assert org.control("POST", "actions/refuse", json=[1]).status_code == 400
    assert org.control("GET", "requests", params={"after": "x"}).status_code == 400
    bad = org.control("POST", "actions/deactivate-user", json={"username": "nobody"})
    assert bad.status_code == 404
