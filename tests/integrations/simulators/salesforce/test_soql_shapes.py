"""Queries beyond one flat table: sub-selects, semi-joins, TYPEOF, aggregates, FIELDS."""

from datetime import date
from typing import Any

import pytest

from integrations.simulators.salesforce.soql_dates import literal_days
from tests.integrations.simulators.org_client import OrgClient, refused


def _soql(org: OrgClient, text: str) -> tuple[int, str]:
    return refused(org.call("GET", "query", params={"q": text}))


@pytest.fixture
def account_id(org: OrgClient) -> str:
    """An account with two contacts, of whom the first has three tasks."""
    account_id = org.create_id("Account", Name="Shapes")
    first = org.create_id("Contact", LastName="First", AccountId=account_id)
    org.create_id("Contact", LastName="Second", AccountId=account_id)
    for number, status in enumerate(("Completed", "Completed", "Not Started")):
        org.create_id(
            "Task",
            Subject=f"Shape {number}",
            Status=status,
            WhoId=first,
            WhatId=account_id,
            CallDurationInSeconds=(number + 1) * 10,
        )
    return account_id


def test_children_come_as_a_query_answer_of_their_own(org: OrgClient, account_id: str) -> None:
    text = (
        "SELECT Name, (SELECT LastName, Owner.Username FROM Contacts ORDER BY LastName DESC), "
        "(SELECT Id FROM Tasks WHERE Status = 'Completed' LIMIT 1), (SELECT Id FROM Cases) "
        f"FROM Account WHERE Id = '{account_id}'"
    )
    (account,) = org.query(text)["records"]
    contacts = account["Contacts"]
    assert (contacts["totalSize"], contacts["done"]) == (2, True)
    assert [one["LastName"] for one in contacts["records"]] == ["Second", "First"]
    assert contacts["records"][0]["Owner"]["Username"] == "sync@acme.test"
    assert contacts["records"][0]["attributes"]["type"] == "Contact"
    assert account["Tasks"]["totalSize"] == 1
    assert account["Cases"] is None


def test_describe_names_the_relationships_of_sub_selects(org: OrgClient) -> None:
    body = org.call("GET", "sobjects/Account/describe").json()
    names = {one["relationshipName"] for one in body["childRelationships"]}
    assert {"Contacts", "Opportunities", "Cases", "Tasks", "Events", "ChildAccounts"} <= names
    assert _soql(org, "SELECT Id, (SELECT Id FROM Pets) FROM Account") == (400, "INVALID_TYPE")


def test_semi_joins_narrow_by_another_object(org: OrgClient, account_id: str) -> None:
    inner = "SELECT WhoId FROM Task WHERE Subject LIKE 'Shape%' AND Who.Type = 'Contact'"
    text = f"SELECT LastName FROM Contact WHERE AccountId = '{account_id}' AND Id {{}} ({inner})"
    (first,) = org.query(text.format("IN"))["records"]
    (second,) = org.query(text.format("NOT IN"))["records"]
    assert (first["LastName"], second["LastName"]) == ("First", "Second")
    odd = "SELECT Id FROM Contact WHERE Id IN (SELECT Subject FROM Task)"
    assert _soql(org, odd) == (400, "MALFORMED_QUERY")


def test_typeof_reads_fields_by_what_stands_behind(org: OrgClient, account_id: str) -> None:
    lead_id = org.record("Lead", Name="Lena Sole")["Id"]
    org.create_id("Task", Subject="Shape of a lead", WhoId=lead_id)
    org.create_id("Task", Subject="Shape of nobody")
    text = (
        "SELECT Subject, TYPEOF Who WHEN Contact THEN LastName, Account.Name "
        "WHEN Lead THEN Company ELSE Name END, TYPEOF What WHEN Opportunity THEN Amount "
        "ELSE Name END FROM Task WHERE Subject LIKE 'Shape%' ORDER BY Subject"
    )
    records: list[dict[str, Any]] = org.query(text)["records"]
    by_subject = {one["Subject"]: one for one in records}
    contact = by_subject["Shape 0"]["Who"]
    assert (contact["LastName"], contact["Account"]["Name"]) == ("First", "Shapes")
    assert contact["attributes"]["type"] == "Contact"
    assert by_subject["Shape 0"]["What"]["Name"] == "Shapes"
    assert by_subject["Shape of a lead"]["Who"]["Company"] == "Solemar"
    assert by_subject["Shape of nobody"]["Who"] is None
    odd = "SELECT TYPEOF Account WHEN Account THEN Name END FROM Contact"
    assert _soql(org, odd) == (400, "INVALID_FIELD")


def test_groups_are_counted(org: OrgClient, account_id: str) -> None:
    text = (
        "SELECT Status, COUNT(Id), SUM(CallDurationInSeconds) seconds, MAX(Subject) FROM Task "
        f"WHERE WhatId = '{account_id}' GROUP BY Status ORDER BY COUNT(Id) DESC"
    )
    answer = org.query(text)
    assert (answer["totalSize"], answer["done"]) == (2, True)
    assert answer["records"] == [
        {
            "attributes": {"type": "AggregateResult"},
            "Status": "Completed",
            "expr0": 2,
            "seconds": 30,
            "expr1": "Shape 1",
        },
        {
            "attributes": {"type": "AggregateResult"},
            "Status": "Not Started",
            "expr0": 1,
            "seconds": 30,
            "expr1": "Shape 2",
        },
    ]


def test_aggregates_work_without_groups_and_through_relations(
    org: OrgClient, account_id: str
) -> None:
    text = (
        "SELECT COUNT_DISTINCT(WhoId) people, AVG(CallDurationInSeconds) "
        f"FROM Task WHERE WhatId = '{account_id}'"
    )
    (row,) = org.query(text)["records"]
    assert (row["people"], row["expr0"]) == (1, 20)
    by_owner = "SELECT Owner.Name, COUNT(Id) FROM Contact GROUP BY Owner.Name"
    assert org.query(by_owner)["records"][0]["Name"] == "Patchbay Sync"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT Subject, COUNT(Id) FROM Task GROUP BY Status",
        "SELECT SUM(Subject) FROM Task",
        "SELECT COUNT(Description) FROM Task",
        "SELECT MEDIAN(CallDurationInSeconds) FROM Task",
        "SELECT Status, (SELECT Id FROM Contacts) FROM Task GROUP BY Status",
        "SELECT Id FROM Task ORDER BY COUNT(Id)",
        "SELECT FIELDS(ALL) FROM Task",
        "SELECT FIELDS(SOME) FROM Task LIMIT 1",
    ],
)
def test_queries_that_make_no_sense(org: OrgClient, text: str) -> None:
    assert _soql(org, text) == (400, "MALFORMED_QUERY")


def test_groups_of_fields(org: OrgClient) -> None:
    (everything,) = org.query("SELECT FIELDS(ALL) FROM Contact LIMIT 1")["records"]
    assert {"Id", "Phone", "Direct_Line__c"} <= set(everything)
    (custom,) = org.query("SELECT Id, FIELDS(CUSTOM) FROM Contact LIMIT 1")["records"]
    assert set(custom) == {"attributes", "Id", "Direct_Line__c"}
    (standard,) = org.query("SELECT FIELDS(STANDARD) FROM Contact LIMIT 1")["records"]
    assert "Direct_Line__c" not in standard


@pytest.mark.parametrize(
    ("name", "first", "after"),
    [
        ("THIS_WEEK", "2026-11-15", "2026-11-22"),
        ("LAST_WEEK", "2026-11-08", "2026-11-15"),
        ("THIS_MONTH", "2026-11-01", "2026-12-01"),
        ("NEXT_MONTH", "2026-12-01", "2027-01-01"),
        ("LAST_YEAR", "2025-01-01", "2026-01-01"),
        ("LAST_90_DAYS", "2026-08-23", "2026-11-22"),
    ],
)
def test_spans_of_time(name: str, first: str, after: str) -> None:
    saturday = date(2026, 11, 21)
    days = (date.fromisoformat(first), date.fromisoformat(after))
    assert literal_days(name, 0, saturday) == days


def test_days_ago_and_unknown_spans(org: OrgClient) -> None:
    org.create_id("Task", Subject="Today's")
    count = "SELECT COUNT() FROM Task WHERE Subject = 'Today\\'s' AND CreatedDate = {}"
    assert org.query(count.format("N_DAYS_AGO:0"))["totalSize"] == 1
    assert org.query(count.format("THIS_YEAR"))["totalSize"] == 1
    assert _soql(org, count.format("LAST_EON")) == (400, "MALFORMED_QUERY")


def test_parameterized_search_orders_and_skips(org: OrgClient) -> None:
    for name in ("Cara", "Abel", "Bert"):
        org.create_id("Lead", FirstName=name, LastName="Ordered", Company="O")
    wanted = {
        "q": "Ordered",
        "sobjects": [{"name": "Lead", "fields": ["FirstName"], "orderBy": "FirstName DESC"}],
        "offset": 1,
        "overallLimit": 5,
        "spellCorrection": False,
    }

    def names(answer: Any) -> list[str]:
        return [one["FirstName"] for one in answer.json()["searchRecords"]]

    assert names(org.call("POST", "parameterizedSearch", json=wanted)) == ["Bert", "Abel"]
    params = "q=Ordered&sobject=Lead&Lead.fields=FirstName&Lead.orderBy=FirstName&Lead.limit=2"
    assert names(org.call("GET", f"parameterizedSearch?{params}")) == ["Abel", "Bert"]
    for odd in ({"defaultLimit": 2_001}, {"overallLimit": "x"}, {"sobjects": [], "offset": 2}):
        answer = org.call("POST", "parameterizedSearch", json={**wanted, **odd})
        assert refused(answer) == (400, "ILLEGAL_QUERY_PARAMETER_VALUE")
