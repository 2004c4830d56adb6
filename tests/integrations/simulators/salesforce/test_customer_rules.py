"""The customer's own rules: validation, duplicates, assignment, required fields, locks, edition."""

from typing import Any

import pytest

from tests.integrations.simulators.org_client import OrgClient, refused

AGENT = "agent@acme.test"


def _lead(**more: Any) -> dict[str, Any]:
    return {"LastName": "Rule", "Company": "R", **more}


def test_a_validation_rule_looks_at_the_record(org: OrgClient) -> None:
    org.act(
        "add-validation-rule",
        sobject="Task",
        when="CallType = 'Inbound' AND CallDisposition = null",
        message="Say how the call ended.",
        field="CallDisposition",
    )
    answer = org.create("Task", CallType="Inbound", Subject="No end")
    assert refused(answer) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert answer.json()[0] == {
        "message": "Say how the call ended.",
        "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "fields": ["CallDisposition"],
    }
    assert org.records("Task", Subject="No end") == []
    task_id = org.create_id("Task", CallType="Inbound", CallDisposition="Answered")
    emptied = org.call("PATCH", f"sobjects/Task/{task_id}", json={"CallDisposition": None})
    assert refused(emptied) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert org.record("Task", Id=task_id)["CallDisposition"] == "Answered"
    org.act("allow", sobject="Task")
    org.create_id("Task", CallType="Inbound")


def test_an_alerting_duplicate_rule_can_be_overridden(org: OrgClient) -> None:
    org.act("add-duplicate-rule", sobject="Lead", fields=["Email"])
    first = org.create_id("Lead", **_lead(Email="twin@mail.example"))
    answer = org.create("Lead", **_lead(Email="TWIN@mail.example"))
    assert refused(answer) == (400, "DUPLICATES_DETECTED")
    (error,) = answer.json()
    assert error["message"] == "Use one of these records?"
    result = error["duplicateResut"]
    assert (result["allowSave"], result["duplicateRuleEntityType"]) == (True, "Lead")
    assert result["matchResults"][0]["matchRecords"][0]["record"]["Id"] == first
    header = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    body = _lead(Email="twin@mail.example")
    assert org.call("POST", "sobjects/Lead", json=body, headers=header).status_code == 201
    org.create_id("Lead", **_lead(Email="other@mail.example"))


def test_a_blocking_duplicate_rule_cannot(org: OrgClient) -> None:
    org.act("add-duplicate-rule", sobject="Lead", fields=["Email"], blocks=True)
    org.create_id("Lead", **_lead(Email="twin@mail.example"))
    record = {"attributes": {"type": "Lead"}, **_lead(Email="twin@mail.example")}
    header = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    answer = org.call("POST", "composite/sobjects", json={"records": [record]}, headers=header)
    assert answer.json()[0]["errors"][0]["statusCode"] == "DUPLICATES_DETECTED"


@pytest.mark.parametrize(
    ("headers", "is_assigned"),
    [({}, True), ({"Sforce-Auto-Assign": "FALSE"}, False), ({"Sforce-Auto-Assign": "TRUE"}, True)],
)
def test_assignment_rules_choose_the_owner(
    org: OrgClient, headers: dict[str, str], is_assigned: bool
) -> None:
    org.act("set-assignment-rule", sobject="Lead", queue="Unanswered Calls")
    answer = org.call("POST", "sobjects/Lead", json=_lead(), headers=headers)
    owner_id = org.record("Lead", Id=answer.json()["id"])["OwnerId"]
    assert owner_id.startswith("00G") is is_assigned


@pytest.mark.parametrize("is_own", [True, False])
def test_a_subrequest_has_its_own_headers_only(org: OrgClient, is_own: bool) -> None:
    org.act("set-assignment-rule", sobject="Lead", username=AGENT)
    header = {"Sforce-Auto-Assign": "FALSE"}
    request = {
        "method": "POST",
        "url": "/services/data/v60.0/sobjects/Lead",
        "referenceId": "lead",
        "body": _lead(),
        "httpHeaders": header if is_own else {},
    }
    wanted = {"compositeRequest": [request]}
    answer = org.call("POST", "composite", json=wanted, headers={} if is_own else header)
    lead = org.record("Lead", Id=answer.json()["compositeResponse"][0]["body"]["id"])
    owner = "sync@acme.test" if is_own else AGENT
    assert lead["OwnerId"] == org.user_id(owner)


def test_a_field_can_become_required(org: OrgClient) -> None:
    lead_id = org.create_id("Lead", **_lead())
    org.act("require-field", sobject="Lead", field="Title")
    fields = org.call("GET", "sobjects/Lead/describe").json()["fields"]
    assert next(one for one in fields if one["name"] == "Title")["nillable"] is False
    answer = org.create("Lead", **_lead())
    assert refused(answer) == (400, "REQUIRED_FIELD_MISSING")
    old = org.call("PATCH", f"sobjects/Lead/{lead_id}", json={"Phone": "1"})
    assert refused(old) == (400, "REQUIRED_FIELD_MISSING")
    org.create_id("Lead", **_lead(Title="CTO"))


def test_a_locked_record_keeps_out_what_is_filed_under_it(org: OrgClient) -> None:
    contact = org.record("Contact", Name="Ana Ito")
    org.act("lock-record", id=contact["AccountId"], times=2)
    message = "unable to obtain exclusive access to this record or 1 records: "
    for answer in (
        org.create("Task", Subject="Locked out", WhoId=contact["Id"]),
        org.call("PATCH", f"sobjects/Account/{contact['AccountId']}", json={"Phone": "1"}),
    ):
        assert refused(answer) == (400, "UNABLE_TO_LOCK_ROW")
        assert answer.json()[0]["message"] == message + contact["AccountId"]
    org.create_id("Task", Subject="Free again", WhoId=contact["Id"])
    org.act("lock-record", id=contact["Id"], status=500)
    assert org.create("Task", WhoId=contact["Id"]).status_code == 500
    org.act("unlock-record", id=contact["Id"])
    org.create_id("Task", WhoId=contact["Id"])


@pytest.mark.parametrize(
    ("edition", "more", "maximum"),
    [
        ("Enterprise Edition", {}, 110_000),
        ("Unlimited Edition", {"licences": 2}, 110_000),
        ("Developer Edition", {}, 15_000),
        ("Professional Edition", {"api_add_on": True}, 110_000),
        ("Enterprise Edition", {"is_sandbox": True}, 5_000_000),
    ],
)
def test_the_edition_sets_the_daily_limit(
    org: OrgClient, edition: str, more: dict[str, Any], maximum: int
) -> None:
    assert org.act("set-edition", edition=edition, **more) == {"daily_requests": maximum}
    assert org.call("GET", "limits").json()["DailyApiRequests"]["Max"] == maximum
    (row,) = org.query("SELECT OrganizationType, IsSandbox FROM Organization")["records"]
    assert row["OrganizationType"] == edition
    assert row["IsSandbox"] is bool(more.get("is_sandbox"))


@pytest.mark.parametrize("edition", ["Professional Edition", "Essentials Edition", "Team Edition"])
def test_some_editions_have_no_api(org: OrgClient, edition: str) -> None:
    org.act("set-edition", edition=edition)
    answer = org.call("GET", "limits")
    assert refused(answer) == (403, "API_DISABLED_FOR_ORG")
    assert answer.json()[0]["message"] == "The REST API is not enabled for this Organization."


def test_without_state_picklists_there_are_no_codes(org: OrgClient) -> None:
    assert refused(org.create("Lead", **_lead(CountryCode="US"))) == (400, "INVALID_FIELD")
    lead_id = org.create_id("Lead", **_lead(Country="Anywhere", State="Some"))
    assert org.record("Lead", Id=lead_id)["Country"] == "Anywhere"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"CountryCode": "US"}, ("United States", "US", None, None)),
        ({"Country": "spain"}, ("Spain", "ES", None, None)),
        ({"Country": "US", "State": "california"}, ("United States", "US", "California", "CA")),
        ({"CountryCode": "US", "StateCode": "WA"}, ("United States", "US", "Washington", "WA")),
    ],
)
def test_codes_and_texts_move_together(
    org: OrgClient, given: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    org.act("set-state-picklists", on=True)
    lead = org.record("Lead", Id=org.create_id("Lead", **_lead(**given)))
    names = ("Country", "CountryCode", "State", "StateCode")
    assert tuple(lead[name] for name in names) == expected
    moved = org.call(
        "PATCH", f"sobjects/Lead/{lead['Id']}", json={"CountryCode": "CA", "State": None}
    )
    assert moved.status_code == 204
    assert org.record("Lead", Id=lead["Id"])["Country"] == "Canada"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"Country": "Atlantis"}, "Country"),
        ({"CountryCode": "XX"}, "Country"),
        ({"State": "California"}, "State"),
        ({"Country": "Spain", "State": "California"}, "State"),
    ],
)
def test_unknown_places_are_refused(org: OrgClient, given: dict[str, str], field: str) -> None:
    org.act("set-state-picklists", on=True)
    answer = org.create("Lead", **_lead(**given))
    assert refused(answer) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert answer.json()[0]["fields"] == [field]


def test_rules_that_make_no_sense_are_refused(org: OrgClient) -> None:
    for action, arguments in (
        ("add-validation-rule", {"sobject": "Task", "when": "nonsense"}),
        ("add-duplicate-rule", {"sobject": "Lead", "fields": ["Nope"]}),
        ("set-assignment-rule", {"sobject": "Lead", "queue": "Nobody"}),
        ("require-field", {"sobject": "Lead", "field": "Nope"}),
        ("set-edition", {"edition": "Free"}),
    ):
        answer = org.control("POST", f"actions/{action}", json=arguments)
        assert answer.status_code in (400, 404), action
