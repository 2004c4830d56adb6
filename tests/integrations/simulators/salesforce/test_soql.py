"""SOQL over the wire, and its escaping."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from integrations.simulators.salesforce.soql import parse_query, unescape
from integrations.simulators.salesforce.soql_tree import Compare
from tests.integrations.simulators.org_client import OrgClient, refused


def _subjects(org: OrgClient, where: str) -> list[str]:
    text = f"SELECT Subject FROM Task WHERE {where} ORDER BY Subject"
    return [one["Subject"] for one in org.query(text)["records"]]


@pytest.fixture
def tasks(org: OrgClient) -> OrgClient:
    """Four tasks, told apart by their subjects."""
    for name in ("Task", "Event"):
        for record in org.records(name):
            org.act("delete-record", sobject=name, id=record["Id"])
    org.create_id("Task", Subject="a", CallObject="K-1", CallDurationInSeconds=10)
    org.create_id("Task", Subject="b", CallObject="k-2", CallDurationInSeconds=20)
    org.create_id("Task", Subject="c", Status="Completed", ActivityDate="2026-11-20")
    org.create_id("Task", Subject="d", Priority="High", CallType="Inbound")
    return org


@pytest.mark.parametrize(
    ("where", "subjects"),
    [
        ("CallObject = 'k-1'", "a"),
        ("CallObject != 'K-1'", "bcd"),
        ("CallObject <> null", "ab"),
        ("CallObject = null", "cd"),
        ("CallObject = ''", "cd"),
        ("CallObject IN ('K-1', 'K-2', 'x')", "ab"),
        ("CallObject NOT IN ('K-1')", "bcd"),
        ("CallObject IN ('K-1', null)", "acd"),
        ("CallDurationInSeconds > 10", "b"),
        ("CallDurationInSeconds >= 10 AND CallDurationInSeconds < 20", "a"),
        ("CallDurationInSeconds <= 10 OR IsClosed = true", "ac"),
        ("NOT IsClosed = true", "abd"),
        ("NOT CallType = 'Inbound'", "abc"),
        ("(Subject = 'a' OR Subject = 'd') AND Priority = 'high'", "d"),
        ("CallObject LIKE 'K-%'", "ab"),
        ("CallObject LIKE '_-2'", "b"),
        (r"CallObject LIKE '%\_%'", ""),
        ("ActivityDate = 2026-11-20", "c"),
        ("ActivityDate > 2026-11-19 AND ActivityDate < 2026-11-21", "c"),
        ("CreatedDate = TODAY", "abcd"),
        ("CreatedDate = LAST_N_DAYS:3", "abcd"),
        ("CreatedDate != TODAY", ""),
        ("CreatedDate < TODAY", ""),
        ("CreatedDate > YESTERDAY", "abcd"),
        ("CreatedDate >= TOMORROW", ""),
        ("CreatedDate < NEXT_N_DAYS:2", "abcd"),
        ("CreatedDate >= 2026-01-01T00:00:00Z", "abcd"),
        ("CreatedDate < 2026-01-01T01:00:00+01:00", ""),
        ("Owner.Name = 'patchbay sync'", "abcd"),
        ("Who.Name = null", "abcd"),
        ("Owner.Type IN ('Group')", ""),
    ],
)
def test_conditions(tasks: OrgClient, where: str, subjects: str) -> None:
    assert _subjects(tasks, where) == list(subjects)


def test_a_time_of_now_divides_before_from_after(tasks: OrgClient) -> None:
    ago = (datetime.now(UTC) - timedelta(minutes=5)).isoformat(timespec="seconds")
    ahead = (datetime.now(UTC) + timedelta(minutes=5)).isoformat(timespec="milliseconds")
    assert _subjects(tasks, f"CreatedDate > {ago} AND SystemModstamp < {ahead}") == list("abcd")


def test_ids_in_filters_take_both_lengths(org: OrgClient) -> None:
    contact_id = org.record("Contact", Name="Ana Ito")["Id"]
    for form in (contact_id, contact_id[:15], contact_id.lower()):
        text = f"SELECT Name FROM Contact WHERE Id = '{form}'"
        assert org.query(text)["records"][0]["Name"] == "Ana Ito"


def test_records_nest_their_relations(org: OrgClient) -> None:
    text = (
        "SELECT Id, Name, Account.Name, Account.Owner.Username, Account.Parent.Name "
        "FROM Contact WHERE Name = 'Ana Ito'"
    )
    answer = org.query(text)
    (record,) = answer["records"]
    assert (answer["totalSize"], answer["done"]) == (1, True)
    base = "/services/data/v60.0/sobjects"
    assert record["attributes"] == {"type": "Contact", "url": f"{base}/Contact/{record['Id']}"}
    assert record["Account"]["Name"] == "Northwind Robotics"
    assert record["Account"]["attributes"]["type"] == "Account"
    assert record["Account"]["Owner"]["Username"] == "sync@acme.test"
    assert record["Account"]["Parent"] is None


def test_a_polymorphic_relation_shows_a_name(org: OrgClient) -> None:
    lead_id = org.record("Lead", Name="Lena Sole")["Id"]
    org.create_id("Task", Subject="For Lena", WhoId=lead_id)
    text = "SELECT Who.Name, Who.Type, What.Name FROM Task WHERE Subject = 'For Lena'"
    (record,) = org.query(text)["records"]
    assert (record["Who"]["Name"], record["Who"]["Type"]) == ("Lena Sole", "Lead")
    assert record["Who"]["attributes"]["type"] == "Name"
    assert record["What"] is None
    assert org.query("SELECT COUNT() FROM Task WHERE Who.Type = 'Lead'")["totalSize"] == 1


def test_order_limit_and_offset(tasks: OrgClient) -> None:
    def subjects(tail: str) -> str:
        records = tasks.query(f"SELECT Subject FROM Task {tail}")["records"]
        return "".join(one["Subject"] for one in records)

    assert subjects("ORDER BY Subject DESC") == "dcba"
    assert subjects("ORDER BY Subject LIMIT 2 OFFSET 1") == "bc"
    assert subjects("ORDER BY CallObject, Subject DESC") == "dcab"
    assert subjects("ORDER BY CallObject DESC NULLS LAST, Subject") == "bacd"


def test_an_alias_and_the_object_name_may_stand_before_fields(tasks: OrgClient) -> None:
    assert tasks.query("SELECT t.Id FROM Task t WHERE t.Subject = 'a'")["totalSize"] == 1
    assert tasks.query("SELECT Task.Id FROM Task ORDER BY Task.Id")["totalSize"] == 4


def test_counting_returns_no_records(tasks: OrgClient) -> None:
    answer = tasks.query("select count() from task where Subject > 'a'")
    assert answer == {"totalSize": 3, "done": True, "records": []}


def test_long_results_come_in_pages(org: OrgClient) -> None:
    records = [
        {"attributes": {"type": "Lead"}, "LastName": f"L{n}", "Company": "Bulk"} for n in range(200)
    ]
    for _ in range(2):
        assert org.call("POST", "composite/sobjects", json={"records": records}).ok
    headers = {"Sforce-Query-Options": "batchSize=200"}
    text = "SELECT Id FROM Lead WHERE Company = 'Bulk'"
    first = org.query(text, headers=headers)
    assert (first["totalSize"], first["done"], len(first["records"])) == (400, False, 200)
    url = first["nextRecordsUrl"]
    assert url.startswith("/services/data/v60.0/query/01g")
    assert url.endswith("-200")
    second = org.session.get(org.url + url, timeout=5).json()
    assert (second["done"], len(second["records"])) == (True, 200)
    assert "nextRecordsUrl" not in second
    seen = {one["Id"] for one in first["records"] + second["records"]}
    assert len(seen) == 400
    stale = org.call("GET", "query/01g000000000001AAA-200")
    assert refused(stale) == (400, "INVALID_QUERY_LOCATOR")


def test_deleted_rows_are_only_in_query_all(org: OrgClient) -> None:
    task_id = org.create_id("Task", CallObject="pb-gone")
    org.call("DELETE", f"sobjects/Task/{task_id}")
    text = "SELECT Id, IsDeleted FROM Task WHERE CallObject = 'pb-gone'"
    assert org.query(text)["records"] == []
    (record,) = org.call("GET", "queryAll", params={"q": text}).json()["records"]
    assert (record["Id"], record["IsDeleted"]) == (task_id, True)


def test_task_statuses_and_the_organization_can_be_asked_for(org: OrgClient) -> None:
    text = "SELECT MasterLabel, ApiName FROM TaskStatus WHERE IsClosed = true"
    assert [one["ApiName"] for one in org.query(text)["records"]] == ["Completed"]
    text = "SELECT Id, Name, OrganizationType, IsSandbox, TimeZoneSidKey FROM Organization"
    (record,) = org.query(text)["records"]
    assert (record["Name"], record["IsSandbox"]) == ("Acme Instruments", False)


def _refused(org: OrgClient, text: str) -> tuple[requests.Response, str]:
    answer = org.call("GET", "query", params={"q": text})
    status, code = refused(answer)
    assert status == 400
    return answer, code


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("SELECT Id FROM Task WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Task WHERE A = 1 AND B = 2 OR C = 3", "MALFORMED_QUERY", "'OR'"),
        ("SELECT Id, FROM Task", "MALFORMED_QUERY", "unexpected token"),
        (r"SELECT Id FROM Task WHERE Subject = 'a\q'", "MALFORMED_QUERY", "Illegal escape"),
        (r"SELECT Id FROM Task WHERE Subject = 'a\_'", "MALFORMED_QUERY", "Illegal escape"),
        ("SELECT Id FROM Task WHERE Subject = 'a", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Task WHERE CreatedDate = LAST_N_FROGS:2", "MALFORMED_QUERY", "FROGS"),
        ("SELECT Nope FROM Contact", "INVALID_FIELD", "No such column 'Nope' on entity 'Contact'"),
        ("SELECT Id FROM Contact WHERE Nope = 1", "INVALID_FIELD", "No such column"),
        ("SELECT Who.Nope FROM Task", "INVALID_FIELD", "on entity 'Name'"),
        ("SELECT Boss.Name FROM Contact", "INVALID_FIELD", "relationship 'Boss'"),
        ("SELECT Id FROM Foo", "INVALID_TYPE", "sObject type 'Foo' is not supported"),
        ("SELECT Id FROM Task WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Task ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
        ("SELECT Id FROM Task WHERE CreatedDate > '2026'", "INVALID_FIELD", "must be of type"),
        ("SELECT Id FROM Task WHERE Subject = 5", "INVALID_FIELD", "should be enclosed"),
        ("SELECT Id FROM Task WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID"),
        ("SELECT Id FROM Task WHERE IsClosed > true", "INVALID_QUERY_FILTER_OPERATOR", "operator"),
        ("SELECT Id FROM Task LIMIT 1 OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
    ],
)
def test_refusals(org: OrgClient, text: str, code: str, message: str) -> None:
    answer, found = _refused(org, text)
    assert found == code
    assert message in answer.json()[0]["message"]


def test_the_caret_stands_below_the_mistake(org: OrgClient) -> None:
    answer, _ = _refused(org, "SELECT Id, Nope FROM Contact")
    lines = answer.json()[0]["message"].splitlines()
    assert lines[1:4] == [
        "SELECT Id, Nope FROM Contact",
        "           ^",
        "ERROR at Row:1:Column:12",
    ]


def _quote(text: str) -> str:
    """The rule of reference 3.4: only the apostrophe and the backslash need escaping."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


@given(st.text())
def test_any_text_put_into_a_literal_comes_back(text: str) -> None:
    assert unescape(_quote(text)) == text
    condition = parse_query(f"SELECT Id FROM Task WHERE Subject = {_quote(text)}").where
    assert isinstance(condition, Compare)
    assert condition.literal.value == text


@pytest.mark.parametrize("text", ["it's", "back\\slash", "' OR Subject != '", "\\'", 'tab\t"q"'])
def test_hostile_text_is_found_as_it_was_stored(org: OrgClient, text: str) -> None:
    task_id = org.create_id("Task", Subject="Odd", CallDisposition=text)
    found = org.query(f"SELECT Id FROM Task WHERE CallDisposition = {_quote(text)}")
    assert [one["Id"] for one in found["records"]] == [task_id]


def test_escape_sequences_are_read() -> None:
    assert unescape(r"'a\nb\t\u0041\"'") == 'a\nb\tA"'
