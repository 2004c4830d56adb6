"""Labels, scopes, purposes and limits of queries."""

from typing import Any

import pytest
import requests

from integrations.simulators.salesforce.app import make_app
from integrations.simulators.salesforce.config import OrgConfig
from integrations.simulators.salesforce.viewed import recently_viewed
from integrations.simulators.server import run_in_thread
from tests.integrations.simulators.org_client import APP, OrgClient, refused


def _refusal(org: OrgClient, text: str) -> tuple[int, str, str]:
    answer = org.call("GET", "query", params={"q": text})
    return (*refused(answer), answer.json()[0]["message"])


def _rows(org: OrgClient, text: str) -> list[dict[str, Any]]:
    records = org.query(text)["records"]
    return [{key: one[key] for key in one if key != "attributes"} for one in records]


def test_labels_are_read_and_compared_instead_of_values(org: OrgClient) -> None:
    org.act("rename-status", **{"from": "Completed", "to": "Completed", "label": "Erledigt"})
    org.create_id("Task", Subject="Labelled", Status="Completed")
    org.create_id("Task", Subject="Labelled", Status="Not Started")

    both = "SELECT Status, toLabel(Status) shown FROM Task WHERE Subject = 'Labelled' ORDER BY Id"
    assert _rows(org, both) == [
        {"Status": "Completed", "shown": "Erledigt"},
        {"Status": "Not Started", "shown": "Not Started"},
    ]
    done = "SELECT toLabel(Status) FROM Task WHERE Subject = 'Labelled' AND toLabel(Status) {}"
    for condition in ("= 'erledigt'", "LIKE 'Erl%'", "IN ('Erledigt')"):
        assert _rows(org, done.format(condition)) == [{"Status": "Erledigt"}]
    of_lead = "SELECT toLabel(LeadSource) FROM Lead WHERE Name = 'Lena Sole'"
    assert set(_rows(org, of_lead)[0]) == {"LeadSource"}


def test_users_find_what_is_theirs(org: OrgClient) -> None:
    mine = org.create_id("Lead", LastName="Scoped", Company="S")
    org.create_id("Lead", LastName="Scoped", Company="S", OwnerId=org.user_id("agent@acme.test"))
    text = "SELECT Id FROM Lead l USING SCOPE {} WHERE LastName = 'Scoped' OR LastName = 'None'"
    assert len(_rows(org, text.format("Everything"))) == 2
    assert _rows(org, text.format("mine")) == [{"Id": mine}]
    count = "SELECT COUNT() FROM Lead USING SCOPE mine WHERE LastName = 'Scoped'"
    assert org.query(count)["totalSize"] == 1
    described = org.call("GET", "sobjects/Lead/describe").json()["supportedScopes"]
    assert [one["name"] for one in described] == ["everything", "mine"]
    status, code, _ = _refusal(org, text.format("team"))
    assert (status, code) == (400, "MALFORMED_QUERY")
    assert _refusal(org, "SELECT Id FROM TaskStatus USING SCOPE mine")[1] == "MALFORMED_QUERY"


def test_what_a_program_shows_to_a_user_was_viewed_by_them() -> None:
    app = make_app(OrgConfig(apps=(APP,)))
    with run_in_thread(app) as server, requests.Session() as session:
        org = OrgClient(server.url, session)
        org.sign_in()
        for name, purpose in (("Shown", "FOR VIEW"), ("Read", ""), ("Named", "FOR REFERENCE")):
            org.create_id("Contact", LastName=name)
            org.query(f"SELECT Id FROM Contact WHERE Name = '{name}' {purpose}")
        viewed = recently_viewed(app.state.org, org.user_id("sync@acme.test"))
        assert [org.record("Contact", Id=one)["Name"] for one in viewed] == ["Named", "Shown"]
    app.state.org.store.close()


def test_locks_are_taken_without_an_order(org: OrgClient) -> None:
    text = "SELECT Name FROM Contact WHERE Name = 'Ana Ito' {} LIMIT 1 FOR UPDATE"
    assert _rows(org, text.format("")) == [{"Name": "Ana Ito"}]
    assert _refusal(org, text.format("ORDER BY Name"))[1] == "MALFORMED_QUERY"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT Name, name FROM Contact", "duplicate field selected: name"),
        ("SELECT Status, toLabel(Status) FROM Task", "duplicate field selected: Status"),
        ("SELECT toLabel(Subject) FROM Contact", "No such column"),
        ("SELECT toLabel(LastName) FROM Contact", "toLabel not supported on field LastName"),
        ("SELECT Id FROM Task ORDER BY toLabel(Status)", "ORDER BY"),
        ("SELECT Id FROM Contact WITH SECURITY_ENFORCED", "unexpected token"),
        ("SELECT Id FROM Contact WHERE Name = 'x' WITH USER_MODE", "unexpected token"),
        ("SELECT Id FROM Contact FOR SALE", "unexpected token: 'S"),
        (f"SELECT Id FROM Contact WHERE Name = '{'x' * 4_001}'", "at most 4000 characters"),
        (f"SELECT Id FROM Contact WHERE Name LIKE '{'x' * 4_001}'", "at most 4000 characters"),
        (f"SELECT {'(SELECT Id FROM Tasks), ' * 21} Id FROM Account", "at most 20 sub-selects"),
    ],
)
def test_queries_that_a_real_org_refuses(org: OrgClient, text: str, says: str) -> None:
    status, code, message = _refusal(org, text)
    assert (status, code) in {(400, "MALFORMED_QUERY"), (400, "INVALID_FIELD")}
    assert says in message


def test_a_string_may_be_long_and_a_statement_only_so_long(org: OrgClient) -> None:
    longest = f"SELECT Id FROM Contact WHERE Name = '{'x' * 4_000}'"
    assert _rows(org, longest) == []
    many = ", ".join(f"'{'x' * 100}'" for _ in range(1_000))
    url = f"/services/data/v60.0/query?q=SELECT+Id+FROM+Contact+WHERE+Name+IN+({many})"
    request = {"method": "GET", "url": url, "referenceId": "long"}
    answer = org.call("POST", "composite", json={"compositeRequest": [request]}).json()
    [error] = answer["compositeResponse"][0]["body"]
    assert (error["errorCode"], "100,000" in error["message"]) == ("MALFORMED_QUERY", True)
