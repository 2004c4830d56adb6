"""Fields that an administrator adds by the Tooling API, and what it tells about rules."""

from typing import Any

import pytest
import requests

from tests.integrations.simulators.org_client import OrgClient, refused

AGENT = "agent@acme.test"
CHECKBOX = {"label": "SMS Opt-Out", "type": "Checkbox", "defaultValue": False}


def _define(org: OrgClient, full_name: str, **metadata: Any) -> requests.Response:
    body = {"FullName": full_name, "Metadata": metadata}
    return org.call("POST", "tooling/sobjects/CustomField", json=body)


def _names(org: OrgClient, sobject: str) -> set[str]:
    body = org.call("GET", f"sobjects/{sobject}/describe").json()
    return {field["name"] for field in body["fields"]}


def _told(org: OrgClient, text: str) -> list[dict[str, Any]]:
    answer = org.call("GET", "tooling/query", params={"q": text})
    assert answer.status_code == 200, answer.text
    records: list[dict[str, Any]] = answer.json()["records"]
    return records


def _show(org: OrgClient, sobject: str, field: str, username: str) -> str:
    """Give one user a field by a permission set of its own; the set's id."""
    set_id = org.create_id("PermissionSet", Name=f"Sees_{field}", Label="Sees it")
    org.create_id(
        "FieldPermissions",
        ParentId=set_id,
        SobjectType=sobject,
        Field=f"{sobject}.{field}",
        PermissionsRead=True,
        PermissionsEdit=True,
    )
    org.create_id(
        "PermissionSetAssignment", AssigneeId=org.user_id(username), PermissionSetId=set_id
    )
    return set_id


def test_a_new_field_is_hidden_until_a_permission_set_shows_it(org: OrgClient) -> None:
    made = _define(org, "Lead.SMS_Opt_Out__c", **CHECKBOX)
    assert (made.status_code, made.json()["id"][:3]) == (201, "00N")
    assert "SMS_Opt_Out__c" not in _names(org, "Lead")
    _show(org, "Lead", "SMS_Opt_Out__c", "sync@acme.test")
    assert "SMS_Opt_Out__c" in _names(org, "Lead")
    lead_id = org.create_id("Lead", LastName="New", Company="New", SMS_Opt_Out__c=True)
    where = "SELECT Id FROM Lead WHERE SMS_Opt_Out__c = true"
    assert [one["Id"] for one in org.query(where)["records"]] == [lead_id]
    org.sign_in(AGENT)
    assert "SMS_Opt_Out__c" not in _names(org, "Lead")
    assert refused(org.call("GET", "query", params={"q": where})) == (400, "INVALID_FIELD")


def test_a_field_of_activities_serves_tasks_and_events_and_can_be_an_external_id(
    org: OrgClient,
) -> None:
    key = {"label": "Key", "type": "Text", "length": 40, "unique": True, "externalId": True}
    assert _define(org, "Activity.Second_Key__c", **key).status_code == 201
    _show(org, "Task", "Second_Key__c", "sync@acme.test")
    assert "Second_Key__c" in _names(org, "Task")
    assert "Second_Key__c" not in _names(org, "Event")
    path = "sobjects/Task/Second_Key__c/one"
    assert org.call("PATCH", path, json={"Subject": "One"}).status_code == 201
    assert org.call("PATCH", path, json={"Subject": "Two"}).status_code == 200
    twin = org.create("Task", Subject="Three", Second_Key__c="one")
    assert refused(twin) == (400, "DUPLICATE_VALUE")


@pytest.mark.parametrize(
    ("full_name", "metadata", "code"),
    [
        ("Lead.No_Suffix", CHECKBOX, "FIELD_INTEGRITY_EXCEPTION"),
        ("Task.Key__c", CHECKBOX, "FIELD_INTEGRITY_EXCEPTION"),
        ("Nothing.Key__c", CHECKBOX, "FIELD_INTEGRITY_EXCEPTION"),
        ("Contact.Direct_Line__c", CHECKBOX, "DUPLICATE_DEVELOPER_NAME"),
        ("Lead.Key__c", {"type": "Checkbox"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.Key__c", {"label": "Key", "type": "Hologram"}, "FIELD_INTEGRITY_EXCEPTION"),
    ],
)
def test_a_field_that_cannot_be(
    org: OrgClient, full_name: str, metadata: dict[str, Any], code: str
) -> None:
    assert refused(_define(org, full_name, **metadata)) == (400, code)


def test_fields_are_not_for_everybody_to_define(org: OrgClient) -> None:
    org.sign_in(AGENT)
    assert refused(_define(org, "Lead.Key__c", **CHECKBOX)) == (403, "INSUFFICIENT_ACCESS")
    answer = org.call("GET", "tooling/query", params={"q": "SELECT Id FROM CustomField"})
    assert refused(answer) == (400, "INVALID_TYPE")


def test_custom_fields_can_be_looked_up_before_they_are_made(org: OrgClient) -> None:
    made = _define(org, "Lead.SMS_Opt_Out__c", **CHECKBOX).json()["id"]
    (found,) = _told(
        org,
        "SELECT Id, DeveloperName, EntityDefinition.QualifiedApiName FROM CustomField "
        "WHERE TableEnumOrId = 'Lead' AND DeveloperName = 'SMS_Opt_Out'",
    )
    assert found["Id"] == made
    assert found["EntityDefinition"]["QualifiedApiName"] == "Lead"
    assert found["attributes"]["url"].endswith(f"/tooling/sobjects/CustomField/{made}")
    whole = org.call("GET", f"tooling/sobjects/CustomField/{made}").json()
    assert (whole["FullName"], whole["Metadata"]["type"]) == ("Lead.SMS_Opt_Out__c", "Checkbox")
    names = {one["DeveloperName"] for one in _told(org, "SELECT DeveloperName FROM CustomField")}
    assert {"Direct_Line", "SMS_Opt_Out"} <= names


def test_rules_and_automations_can_be_asked_for(org: OrgClient) -> None:
    org.act(
        "add-validation-rule",
        sobject="Task",
        when="Type = null",
        message="Every call needs a type.",
        field="Type",
    )
    org.act("refuse", sobject="Task", code="CANNOT_EXECUTE_FLOW_TRIGGER")
    org.act("refuse", sobject="Lead", code="CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")
    (rule,) = _told(
        org,
        "SELECT ValidationName, Active, ErrorMessage, ErrorDisplayField FROM ValidationRule "
        "WHERE EntityDefinition.QualifiedApiName IN ('Task', 'Lead') AND Active = true",
    )
    assert (rule["ErrorMessage"], rule["ErrorDisplayField"]) == ("Every call needs a type.", "Type")
    (flow,) = _told(org, "SELECT MasterLabel FROM FlowDefinition WHERE ActiveVersionId != null")
    assert flow["MasterLabel"] == "Acme Task"
    (trigger,) = _told(org, "SELECT Name, TableEnumOrId, Status FROM ApexTrigger")
    assert (trigger["TableEnumOrId"], trigger["Status"]) == ("Lead", "Active")
    (field,) = _told(
        org,
        "SELECT Label, DataType FROM FieldDefinition WHERE QualifiedApiName = 'CallObject' "
        "AND EntityDefinition.QualifiedApiName = 'Task'",
    )
    assert field["DataType"] == "string(255)"


def test_tooling_describes_its_own_objects_and_the_org_does_not(org: OrgClient) -> None:
    tooling = org.call("GET", "tooling/sobjects").json()["sobjects"]
    assert "ValidationRule" in {one["name"] for one in tooling}
    fields = org.call("GET", "tooling/sobjects/ValidationRule/describe").json()["fields"]
    assert "ErrorMessage" in {one["name"] for one in fields}
    assert refused(org.call("GET", "tooling/sobjects/Nope/describe")) == (404, "NOT_FOUND")
    assert refused(org.call("GET", "sobjects/ValidationRule/describe")) == (404, "NOT_FOUND")


def test_a_permission_set_gives_what_a_profile_lacks_and_takes_nothing(org: OrgClient) -> None:
    org.act("restrict-object", sobject="Lead", lost=["create", "edit"], username=AGENT)
    org.act("set-permission", username=AGENT, permission="PermissionsEditTask", on=False)
    org.sign_in(AGENT)
    assert org.create("Lead", LastName="x", Company="y").status_code == 400
    assert org.create("Task", Subject="x").status_code == 400
    org.sign_in()
    set_id = org.create_id("PermissionSet", Name="Calls", Label="Calls", PermissionsEditTask=True)
    org.create_id("ObjectPermissions", ParentId=set_id, SobjectType="Lead", PermissionsCreate=True)
    given = {"AssigneeId": org.user_id(AGENT), "PermissionSetId": set_id}
    assignment_id = org.create_id("PermissionSetAssignment", **given)
    assert refused(org.create("PermissionSetAssignment", **given)) == (400, "DUPLICATE_VALUE")
    org.sign_in(AGENT)
    assert org.create("Lead", LastName="x", Company="y").status_code == 201
    assert org.create("Task", Subject="x").status_code == 201
    (answer,) = org.query("SELECT PermissionsEditTask FROM UserPermissionAccess")["records"]
    assert answer["PermissionsEditTask"] is True
    org.sign_in()
    path = f"sobjects/PermissionSetAssignment/{assignment_id}"
    assert org.call("DELETE", path).status_code == 204
    org.sign_in(AGENT)
    assert org.create("Task", Subject="x").status_code == 400


@pytest.mark.parametrize(
    ("sobject", "fields"),
    [
        ("ObjectPermissions", {"SobjectType": "Task", "PermissionsRead": True}),
        ("ObjectPermissions", {"SobjectType": "Nothing", "PermissionsRead": True}),
        ("FieldPermissions", {"SobjectType": "Lead", "Field": "Lead.Company"}),
        ("FieldPermissions", {"SobjectType": "Lead", "Field": "Contact.Title"}),
        ("FieldPermissions", {"SobjectType": "Lead", "Field": "Lead.Nope__c"}),
    ],
)
def test_permissions_that_cannot_be_given(
    org: OrgClient, sobject: str, fields: dict[str, Any]
) -> None:
    set_id = org.create_id("PermissionSet", Name="Odd", Label="Odd")
    answer = org.create(sobject, ParentId=set_id, **fields)
    assert refused(answer) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")


def test_sets_stand_beside_the_shadow_of_each_profile(org: OrgClient) -> None:
    set_id = org.create_id("PermissionSet", Name="Calls", Label="Calls")
    for _ in range(2):
        rows = org.query("SELECT Id, Name, IsOwnedByProfile FROM PermissionSet")["records"]
        assert {one["Name"] for one in rows if not one["IsOwnedByProfile"]} == {"Calls"}
        assert set_id in {one["Id"] for one in rows}
        assert sum(one["IsOwnedByProfile"] for one in rows) == 7
    org.sign_in(AGENT)
    assert refused(org.create("PermissionSet", Name="Mine", Label="Mine")) == (404, "NOT_FOUND")
