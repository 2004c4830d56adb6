"""What Salesforce does to Tasks, Events, leads and person accounts."""

from datetime import date

import pytest

from integrations.simulators.salesforce.seed import INACTIVE_USERNAME, QUEUE_NAME
from tests.integrations.simulators.org_client import OrgClient, refused

CALL = {"Subject": "Call", "Status": "Completed", "TaskSubtype": "Call", "CallType": "Inbound"}


def _contact(org: OrgClient) -> dict[str, str]:
    return org.record("Contact", Name="Ana Ito")


def test_a_finished_call_is_completed_by_salesforce(org: OrgClient) -> None:
    contact = _contact(org)
    task_id = org.create_id(
        "Task",
        **CALL,
        WhoId=contact["Id"],
        CallDurationInSeconds=187,
        CallObject="pb-1",
        ActivityDate="2026-11-20",
        Description="Line 1\nLine 2",
    )
    task = org.record("Task", Id=task_id)
    assert (task["IsClosed"], task["Priority"], task["IsDeleted"]) == (True, "Normal", False)
    assert task["CompletedDateTime"] <= task["CreatedDate"] == task["SystemModstamp"]
    assert task["AccountId"] == contact["AccountId"]
    assert task["OwnerId"] == task["LastModifiedById"] == org.user_id("sync@acme.test")
    assert (task["CallDurationInSeconds"], task["ActivityDate"]) == (187, "2026-11-20")
    assert _contact(org)["LastActivityDate"] == max("2026-11-20", contact["LastActivityDate"] or "")


def test_the_account_follows_the_related_record_first(org: OrgClient) -> None:
    opportunity = org.records("Opportunity")[1]
    task_id = org.create_id("Task", WhoId=_contact(org)["Id"], WhatId=opportunity["Id"])
    assert org.record("Task", Id=task_id)["AccountId"] == opportunity["AccountId"]


def test_a_lead_excludes_a_related_record(org: OrgClient) -> None:
    lead_id = org.record("Lead", Name="Lena Sole")["Id"]
    account_id = org.records("Account")[0]["Id"]
    answer = org.create("Task", WhoId=lead_id, WhatId=account_id)
    assert refused(answer) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert org.create("Task", WhoId=lead_id).status_code == 201


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        (
            {"CallType": "Sideways"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Call Type: bad value for restricted picklist field: Sideways",
        ),
        ({"TaskSubtype": "Sms"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Task Subtype: bad"),
        ({"Subject": "x" * 256}, "STRING_TOO_LONG", "(max length=255)"),
        ({"Description": "x" * 32_001}, "STRING_TOO_LONG", "(max length=32000)"),
        ({"CallDurationInSeconds": 10**9}, "NUMBER_OUTSIDE_VALID_RANGE", "Call Duration"),
        ({"IsClosed": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", "IsClosed"),
        ({"WhoId": "00Q000000000001EAA"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross"),
        ({"WhatId": "003000000000001AAA"}, "MALFORMED_ID", "Related To ID: id value"),
        ({"ActivityDate": "soon"}, "JSON_PARSER_ERROR", "instance of date"),
        ({"ReminderDateTime": "2026-11-20T10:00:00"}, "JSON_PARSER_ERROR", "datetime"),
    ],
)
def test_a_task_with_a_bad_value(
    org: OrgClient, fields: dict[str, object], code: str, message: str
) -> None:
    answer = org.create("Task", **fields)
    assert refused(answer) == (400, code)
    assert message in answer.json()[0]["message"]


def test_status_and_priority_take_anything_and_unknown_ones_are_open(org: OrgClient) -> None:
    task_id = org.create_id("Task", Status="Erledigt", Priority="Whatever")
    task = org.record("Task", Id=task_id)
    assert (task["Status"], task["IsClosed"], task["CompletedDateTime"]) == (
        "Erledigt",
        False,
        None,
    )


def test_a_renamed_closed_status_no_longer_closes_under_its_old_name(org: OrgClient) -> None:
    org.act("rename-status", **{"from": "Completed", "to": "Erledigt"})
    closed = org.query("SELECT ApiName, MasterLabel FROM TaskStatus WHERE IsClosed = true")
    assert [one["ApiName"] for one in closed["records"]] == ["Erledigt"]
    assert org.record("Task", Id=org.create_id("Task", **CALL))["IsClosed"] is False
    done = org.create_id("Task", **{**CALL, "Status": "Erledigt"})
    assert org.record("Task", Id=done)["IsClosed"] is True
    describe = org.call("GET", "sobjects/Task/describe").json()
    status = next(one for one in describe["fields"] if one["name"] == "Status")
    assert "Erledigt" in [value["value"] for value in status["picklistValues"]]


def test_closing_and_reopening_moves_the_completion_time(org: OrgClient) -> None:
    task_id = org.create_id("Task", Subject="Later")
    path = f"sobjects/Task/{task_id}"
    org.call("PATCH", path, json={"Status": "Completed"})
    completed = org.record("Task", Id=task_id)["CompletedDateTime"]
    assert completed is not None
    org.call("PATCH", path, json={"Subject": "Changed"})
    assert org.record("Task", Id=task_id)["CompletedDateTime"] == completed
    org.call("PATCH", path, json={"Status": "Not Started"})
    assert org.record("Task", Id=task_id)["CompletedDateTime"] is None


def test_the_subtype_can_only_be_set_on_create(org: OrgClient) -> None:
    task_id = org.create_id("Task", **CALL)
    answer = org.call("PATCH", f"sobjects/Task/{task_id}", json={"TaskSubtype": "Task"})
    assert refused(answer) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_an_owner_must_be_active_and_may_be_a_queue(org: OrgClient) -> None:
    inactive = org.create("Task", OwnerId=org.user_id(INACTIVE_USERNAME))
    assert refused(inactive) == (400, "INACTIVE_OWNER_OR_USER")
    queue_id = org.record("Group", Name=QUEUE_NAME)["Id"]
    task_id = org.create_id("Task", OwnerId=queue_id)
    owner = org.query(f"SELECT Owner.Name, Owner.Type FROM Task WHERE Id = '{task_id}'")
    assert owner["records"][0]["Owner"]["Name"] == QUEUE_NAME
    assert owner["records"][0]["Owner"]["Type"] == "Group"


def test_what_was_deleted_cannot_be_referred_to(org: OrgClient) -> None:
    contact_id = _contact(org)["Id"]
    org.act("delete-record", sobject="Contact", id=contact_id)
    assert refused(org.create("Task", WhoId=contact_id)) == (400, "ENTITY_IS_DELETED")


def test_a_validation_rule_of_the_customer_refuses_and_is_lifted(org: OrgClient) -> None:
    org.act("refuse", sobject="Task", message="Calls need a result.")
    answer = org.create("Task", **CALL)
    assert answer.json() == [
        {
            "message": "Calls need a result.",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": [],
        }
    ]
    assert org.act("allow", sobject="Task") == {"left": 0}
    assert org.create("Task", **CALL).status_code == 201
    org.act("refuse", sobject="Task", operation="update", code="UNABLE_TO_LOCK_ROW", times=1)
    path = f"sobjects/Task/{org.create_id('Task', **CALL)}"
    assert refused(org.call("PATCH", path, json={})) == (400, "UNABLE_TO_LOCK_ROW")
    assert org.call("PATCH", path, json={}).status_code == 204


def test_an_event_needs_a_start_and_an_end_that_agree(org: OrgClient) -> None:
    start, end = "2026-11-20T10:00:00+01:00", "2026-11-20T10:30:00+01:00"
    event_id = org.create_id("Event", Subject="Call back", StartDateTime=start, EndDateTime=end)
    event = org.record("Event", Id=event_id)
    assert event["StartDateTime"] == event["ActivityDateTime"] == "2026-11-20T09:00:00.000+0000"
    assert (event["DurationInMinutes"], event["ActivityDate"]) == (30, "2026-11-20")
    by_duration = org.create_id("Event", ActivityDateTime=start, DurationInMinutes=45)
    assert org.record("Event", Id=by_duration)["EndDateTime"] == "2026-11-20T09:45:00.000+0000"
    assert refused(org.create("Event", StartDateTime=start)) == (400, "REQUIRED_FIELD_MISSING")
    assert refused(org.create("Event", EndDateTime=end)) == (400, "REQUIRED_FIELD_MISSING")
    disagree = org.create("Event", StartDateTime=start, EndDateTime=end, DurationInMinutes=5)
    assert refused(disagree) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert org.create("Event", IsAllDayEvent=True, ActivityDate="2026-12-24").status_code == 201
    path = f"sobjects/Event/{event_id}"
    later = {"StartDateTime": "2026-11-20T11:00:00Z", "EndDateTime": "2026-11-20T12:00:00Z"}
    assert org.call("PATCH", path, json=later).status_code == 204
    assert org.record("Event", Id=event_id)["DurationInMinutes"] == 60


def test_a_converted_lead_is_read_only_and_its_activities_move(org: OrgClient) -> None:
    lead_id = org.record("Lead", Name="Lena Sole")["Id"]
    task_id = org.create_id("Task", WhoId=lead_id)
    made = org.act("convert-lead", id=lead_id)
    lead = org.record("Lead", Id=lead_id)
    assert (lead["IsConverted"], lead["ConvertedContactId"]) == (True, made["contact_id"])
    assert lead["ConvertedDate"] == date.fromisoformat(lead["ConvertedDate"]).isoformat()
    assert org.record("Task", Id=task_id)["WhoId"] == made["contact_id"]
    assert org.record("Contact", Id=made["contact_id"])["Phone"] == "(206) 555-0111"
    update = org.call("PATCH", f"sobjects/Lead/{lead_id}", json={"Phone": "1"})
    assert refused(update) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    task = org.create("Task", WhoId=lead_id)
    assert refused(task) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    assert task.json()[0]["message"] == "cannot reference converted lead"


def test_a_person_account_and_its_hidden_contact_are_one(org: OrgClient) -> None:
    account = org.record("Account", Name="Inés Soler")
    contact_id = account["PersonContactId"]
    assert account["IsPersonAccount"] is True
    path = f"sobjects/Account/{account['Id']}"
    assert org.call("PATCH", path, json={"PersonMobilePhone": "+34 1"}).status_code == 204
    assert org.record("Contact", Id=contact_id)["MobilePhone"] == "+34 1"
    renamed = org.call("PATCH", path, json={"Name": "X"})
    assert refused(renamed) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    deleted = org.call("DELETE", f"sobjects/Contact/{contact_id}")
    assert refused(deleted) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    task_id = org.create_id("Task", WhoId=contact_id)
    assert org.record("Task", Id=task_id)["AccountId"] == account["Id"]


def test_a_user_edits_a_record_in_salesforce(org: OrgClient) -> None:
    contact_id = _contact(org)["Id"]
    fields = {"Phone": "+1 415 555 0151"}
    org.act("edit-record", sobject="Contact", id=contact_id, fields=fields)
    contact = org.record("Contact", Id=contact_id)
    assert contact["Phone"] == "+1 415 555 0151"
    assert contact["LastModifiedById"] == org.user_id("admin@acme.test")
