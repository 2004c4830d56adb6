"""What an administrator takes from users, and how an org tells."""

import pytest

from tests.integrations.simulators.org_client import OrgClient, refused

AGENT = "agent@acme.test"


def _field_names(org: OrgClient, sobject: str) -> set[str]:
    body = org.call("GET", f"sobjects/{sobject}/describe").json()
    return {field["name"] for field in body["fields"]}


def _soql(org: OrgClient, text: str) -> tuple[int, str]:
    return refused(org.call("GET", "query", params={"q": text}))


def test_a_hidden_field_is_nowhere(org: OrgClient) -> None:
    contact_id = org.create_id("Contact", LastName="Hidden", MobilePhone="+14155550123")
    org.act("restrict-field", sobject="Contact", field="MobilePhone")
    assert "MobilePhone" not in _field_names(org, "Contact")
    path = f"sobjects/Contact/{contact_id}"
    assert "MobilePhone" not in org.call("GET", path).json()
    assert refused(org.call("GET", path, params={"fields": "MobilePhone"})) == (
        400,
        "INVALID_FIELD",
    )
    assert _soql(org, "SELECT MobilePhone FROM Contact") == (400, "INVALID_FIELD")
    assert _soql(org, "SELECT Id FROM Contact WHERE MobilePhone = 'x'") == (400, "INVALID_FIELD")
    assert _soql(org, "SELECT WhoId FROM Task WHERE Account.Nope = 'x'") == (400, "INVALID_FIELD")
    changed = org.call("PATCH", path, json={"MobilePhone": "1"})
    assert refused(changed) == (400, "INVALID_FIELD")
    assert changed.json()[0]["message"] == (
        "No such column 'MobilePhone' on sobject of type Contact"
    )
    assert org.record("Contact", Id=contact_id)["MobilePhone"] == "+14155550123"
    org.act("lift-restrictions")
    assert org.call("GET", path).json()["MobilePhone"] == "+14155550123"


def test_a_locked_field_is_read_and_not_written(org: OrgClient) -> None:
    org.act("restrict-field", sobject="Lead", field="DoNotCall", hidden=False)
    lead_id = org.create_id("Lead", LastName="Quiet", Company="Q")
    path = f"sobjects/Lead/{lead_id}"
    assert org.call("GET", path).json()["DoNotCall"] is False
    answer = org.call("PATCH", path, json={"DoNotCall": True})
    assert refused(answer) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert answer.json()[0]["fields"] == ["DoNotCall"]
    assert "Unable to create/update fields: DoNotCall" in answer.json()[0]["message"]


def test_a_field_is_hidden_from_one_user_only(org: OrgClient) -> None:
    org.act("restrict-field", sobject="Task", field="Description", username=AGENT)
    assert "Description" in _field_names(org, "Task")
    org.sign_in(AGENT)
    assert "Description" not in _field_names(org, "Task")


def test_an_object_without_read_is_not_there(org: OrgClient) -> None:
    org.act("restrict-object", sobject="Lead", username=AGENT)
    org.sign_in(AGENT)
    names = {one["name"] for one in org.call("GET", "sobjects").json()["sobjects"]}
    assert "Lead" not in names
    assert refused(org.call("GET", "sobjects/Lead/describe")) == (404, "NOT_FOUND")
    assert _soql(org, "SELECT Id FROM Lead") == (400, "INVALID_TYPE")
    assert org.search("FIND {Sole} RETURNING Contact(Id, Name)") == []
    sosl = org.call("GET", "search", params={"q": "FIND {Sole} RETURNING Lead(Id)"})
    assert refused(sosl) == (400, "INVALID_TYPE")


@pytest.mark.parametrize(
    ("lost", "method", "flag"),
    [("create", "POST", "createable"), ("edit", "PATCH", "updateable")],
)
def test_single_operations_can_be_lost(org: OrgClient, lost: str, method: str, flag: str) -> None:
    task_id = org.create_id("Task", Subject="Mine")
    org.act("restrict-object", sobject="Task", lost=[lost])
    assert org.call("GET", "sobjects/Task/describe").json()[flag] is False
    path = "sobjects/Task" if method == "POST" else f"sobjects/Task/{task_id}"
    answer = org.call(method, path, json={"Subject": "x"})
    assert refused(answer) == (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")


def test_a_record_can_be_invisible(org: OrgClient) -> None:
    contact = org.record("Contact", Name="Ana Ito")
    org.act("restrict-record", id=contact["Id"], level="None", username=AGENT)
    org.act("restrict-record", id=contact["AccountId"], level="None", username=AGENT)
    path = f"sobjects/Contact/{contact['Id']}"
    assert org.call("GET", path).status_code == 200
    org.sign_in(AGENT)
    assert refused(org.call("GET", path)) == (404, "NOT_FOUND")
    assert refused(org.call("PATCH", path, json={})) == (404, "INVALID_CROSS_REFERENCE_KEY")
    assert refused(org.call("DELETE", path)) == (404, "INVALID_CROSS_REFERENCE_KEY")
    assert org.query("SELECT Id FROM Contact WHERE Name = 'Ana Ito'")["records"] == []
    assert org.search("FIND {4155550101} IN PHONE FIELDS RETURNING Contact(Id, Name)") == []
    retrieved = org.call("GET", f"composite/sobjects/Contact?ids={contact['Id']}&fields=Id").json()
    assert retrieved == [None]
    (sofia,) = org.query("SELECT Account.Name FROM Contact WHERE Name = 'Sofia Keane'")["records"]
    assert sofia["Account"] is None
    answer = org.create("Task", Subject="Call", WhoId=contact["Id"])
    assert refused(answer) == (400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY")
    assert answer.json()[0]["message"].endswith(f"id: {contact['Id'][:15]}")


def test_a_record_can_be_read_only(org: OrgClient) -> None:
    contact_id = org.record("Contact", Name="Ana Ito")["Id"]
    org.act("restrict-record", id=contact_id, level="Read", username=AGENT)
    org.sign_in(AGENT)
    path = f"sobjects/Contact/{contact_id}"
    assert org.call("GET", path).status_code == 200
    answer = org.call("PATCH", path, json={"Title": "x"})
    assert refused(answer) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert org.create("Task", WhoId=contact_id).status_code == 201


def test_user_record_access_tells_by_user_and_record(org: OrgClient) -> None:
    ana, dirk = (org.record("Contact", Name=name)["Id"] for name in ("Ana Ito", "Dirk Lane"))
    org.act("restrict-record", id=ana, level="None")
    org.act("restrict-record", id=dirk, level="Edit", username=AGENT)
    paula = org.record("Contact", Name="Paula March")["Id"]
    text = (
        "SELECT RecordId, HasReadAccess, HasEditAccess, HasDeleteAccess, MaxAccessLevel "
        f"FROM UserRecordAccess WHERE UserId = '{org.user_id(AGENT)}' "
        f"AND RecordId IN ('{ana}', '{dirk[:15]}', '{paula}', '003000000000001AAA')"
    )
    told = {
        one["RecordId"]: (
            one["HasReadAccess"],
            one["HasEditAccess"],
            one["HasDeleteAccess"],
            one["MaxAccessLevel"],
        )
        for one in org.query(text)["records"]
    }
    assert told == {
        ana: (False, False, False, "None"),
        dirk: (True, True, False, "Edit"),
        paula: (True, True, True, "All"),
        "003000000000001AAA": (False, False, False, "None"),
    }
    filtered = org.query(text.replace("HasEditAccess, ", "") + " AND HasEditAccess = true")
    assert {one["RecordId"] for one in filtered["records"]} == {dirk, paula}
    admin = org.query(
        "SELECT HasAllAccess FROM UserRecordAccess "
        f"WHERE UserId = '{org.user_id('admin@acme.test')}' AND RecordId = '{ana}'"
    )
    assert admin["records"][0]["HasAllAccess"] is True


def test_user_record_access_wants_its_filters(org: OrgClient) -> None:
    user_id = org.user_id(AGENT)
    assert _soql(org, "SELECT RecordId FROM UserRecordAccess") == (400, "MALFORMED_QUERY")
    only_user = f"SELECT RecordId FROM UserRecordAccess WHERE UserId = '{user_id}'"
    assert _soql(org, only_user) == (400, "MALFORMED_QUERY")
    many = ", ".join(f"'003{number:012d}'" for number in range(201))
    assert _soql(org, f"{only_user} AND RecordId IN ({many})") == (400, "MALFORMED_QUERY")


def test_user_permission_access_is_about_the_caller(org: OrgClient) -> None:
    text = (
        "SELECT PermissionsApiEnabled, PermissionsEditTask, PermissionsViewSetup "
        "FROM UserPermissionAccess"
    )

    def told() -> list[bool]:
        (row,) = org.query(text)["records"]
        return [row[name] for name in row if name != "attributes"]

    assert told() == [True, True, True]
    org.act("set-permission", username=AGENT, permission="PermissionsEditTask", on=False)
    org.sign_in(AGENT)
    assert told() == [True, False, False]


def test_a_user_without_api_enabled_is_refused(org: OrgClient) -> None:
    org.sign_in(AGENT)
    org.act("set-permission", username=AGENT, permission="PermissionsApiEnabled", on=False)
    assert refused(org.call("GET", "sobjects")) == (403, "API_CURRENTLY_DISABLED")
    org.act("set-permission", username=AGENT, permission="PermissionsApiEnabled", on=True)
    assert org.call("GET", "sobjects").status_code == 200


def test_permissions_of_objects_and_fields_need_view_setup(org: OrgClient) -> None:
    org.act("restrict-object", sobject="Task", lost=["delete"], username=AGENT)
    org.act("restrict-field", sobject="Task", field="Type", hidden=False, username=AGENT)
    agent_id = org.user_id(AGENT)
    assigned = org.query(
        "SELECT PermissionSetId, PermissionSet.IsOwnedByProfile FROM PermissionSetAssignment "
        f"WHERE AssigneeId = '{agent_id}'"
    )["records"]
    (set_id,) = (one["PermissionSetId"] for one in assigned)
    (row,) = org.query(
        "SELECT PermissionsRead, PermissionsDelete FROM ObjectPermissions "
        f"WHERE ParentId = '{set_id}' AND SobjectType = 'Task'"
    )["records"]
    assert (row["PermissionsRead"], row["PermissionsDelete"]) == (True, False)
    (field,) = org.query(
        "SELECT PermissionsRead, PermissionsEdit FROM FieldPermissions "
        f"WHERE ParentId = '{set_id}' AND Field = 'Task.Type'"
    )["records"]
    assert (field["PermissionsRead"], field["PermissionsEdit"]) == (True, False)
    org.sign_in(AGENT)
    assert _soql(org, "SELECT Id FROM ObjectPermissions") == (400, "INVALID_TYPE")


def test_a_user_tells_its_profile(org: OrgClient) -> None:
    text = "SELECT Profile.Name, UserPermissionsMarketingUser FROM User WHERE Username = '{}'"
    (sync,) = org.query(text.format("sync@acme.test"))["records"]
    assert (sync["Profile"]["Name"], sync["UserPermissionsMarketingUser"]) == (
        "System Administrator",
        True,
    )
    (agent,) = org.query(text.format(AGENT))["records"]
    assert agent["Profile"]["Name"] == "Standard User"


def test_restrictions_that_make_no_sense_are_refused(org: OrgClient) -> None:
    for action, arguments in (
        ("restrict-field", {"sobject": "Contact", "field": "Id"}),
        ("restrict-object", {"sobject": "Contact", "lost": ["fly"]}),
        ("restrict-record", {"id": "003000000000001AAA", "level": "Some"}),
        ("set-permission", {"username": AGENT, "permission": "Nope", "on": True}),
    ):
        answer = org.control("POST", f"actions/{action}", json=arguments)
        assert answer.status_code in (400, 404), action
